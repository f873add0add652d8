const tokens = "[!#$%&'*+.^_`|~\\w-]+";
const headLines = new RegExp(`^(?:${tokens}: [\\t\\x20-\\x7e\\x80-\\xff]*\\r\\n)*$`);

/** Whether a head is whole lines of `name: value`, so that a request cannot end in it. Names are not looked at. */
export const isHead = (head: string): boolean => headLines.test(head);

/** A request as text of one character a byte. */
export function requestText(requestStart: string, head: string, body: string): string {
  const length = Buffer.byteLength(body);
  const bytes = length === body.length ? body : Buffer.from(body).toString("latin1"); // all ASCII, or its UTF-8
  return `${requestStart}${head}content-length: ${length}\r\n\r\n${bytes}`;
}
