import { freePorts } from "./processes/free-ports.ts";
import { type ServiceName, type ServicePorts, serviceNames } from "./service-environments.ts";

/** A port and an admin port for each service, free at this moment; the gateway's as given, if it is. */
export async function choosePorts({
  gatewayPort,
}: {
  readonly gatewayPort?: number;
} = {}): Promise<Record<ServiceName, ServicePorts>> {
  const free = await freePorts(serviceNames.length * 2);
  const ports = byService(() => ({ port: free.pop() ?? 0, adminPort: free.pop() ?? 0 }));
  return gatewayPort ? { ...ports, gateway: { ...ports.gateway, port: gatewayPort } } : ports;
}

/** A record with one value for each service. */
export function byService<T>(value: (name: ServiceName) => T): Record<ServiceName, T> {
  return Object.fromEntries(serviceNames.map((name) => [name, value(name)])) as Record<ServiceName, T>;
}
