// Process: Hive Gateway with the configuration in BENCH_HIVE_CONFIG. Prints its port when it answers.
const port = process.env.BENCH_HIVE_PORT;
process.argv.splice(2, Number.POSITIVE_INFINITY, "--config-path", process.env.BENCH_HIVE_CONFIG, "supergraph");
await import(new URL("./node_modules/@graphql-hive/gateway/dist/bin.js", import.meta.url));

const answers = async () => {
  try {
    const headers = { "content-type": "application/json" };
    const response = await fetch(`http://127.0.0.1:${port}/graphql`, {
      method: "POST",
      headers,
      body: '{"query":"{__typename}"}',
    });
    return response.ok;
  } catch {
    return false; // it does not listen yet
  }
};
while (!(await answers())) await new Promise((resolve) => setTimeout(resolve, 50));
console.log(`port ${port}`);
