export { type DatabaseUrls, type DataServer, type DataStack, startDataStack } from "./data-stack.ts";
