export type { Http1Handler, Http1Request } from "./exchange.ts";
export { createHttp1Client, type Http1Client, type Http1ClientOptions } from "./http1-client.ts";
