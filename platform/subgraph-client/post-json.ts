const maxAnswerBytes = 8 * 1024 * 1024; // architecture, section 5: the cap of every subgraph answer

/** POSTs a JSON body and gives the text of the answer, whatever its status. @throws where the answer is not there or too large. */
export async function postJson(request: {
  url: URL;
  headers: Record<string, string>;
  body: string;
  signal: AbortSignal;
}): Promise<string> {
  const { url, headers, body, signal } = request;
  const response = await fetch(url, { method: "POST", headers, body, signal, redirect: "error" });
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > maxAnswerBytes) throw new RangeError(`answer larger than ${maxAnswerBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}
