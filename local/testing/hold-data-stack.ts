// Starts a data stack, prints its addresses as one line of JSON, and holds it until the process is killed.
// For tests that kill the owner of a stack. Argument: the data folder; none for a temporary one.
import { startDataStack } from "../data-stack.ts";

const [dataFolder] = process.argv.slice(2);
const passwords = { owner: "owner", app: "app", reader: "reader", superuser: "superuser", redis: "redis" };
const stack = await startDataStack(dataFolder ? { dataFolder, passwords } : {});
console.log(JSON.stringify({ ...stack.databaseUrls("tasks"), redisUrl: stack.redisUrl }));
setInterval(() => undefined, 60_000);
