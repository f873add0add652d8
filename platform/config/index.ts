export { ConfigurationError, type Environment, type ParsedEnvironment, parseEnvironment } from "./parse-environment.ts";
export {
  bytes,
  choice,
  environmentName,
  flag,
  integer,
  list,
  milliseconds,
  optional,
  port,
  type Reader,
  secret,
  text,
  url,
} from "./readers.ts";
