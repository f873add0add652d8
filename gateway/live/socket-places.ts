import type { Principal } from "../auth/principal.ts";
import type { LiveLimits } from "./live-limits.ts";

/** The place of one socket among all of the process. */
export type SocketPlace = {
  /** Called once when the socket has said who it is; false where they have too many already. */
  admit(principal: Principal | null): boolean;
  /** The socket is gone. */
  leave(): void;
};

export type SocketPlaces = {
  /** False while too many sockets have not said who they are. */
  hasRoom(): boolean;
  take(address: string): SocketPlace;
};

type PlaceLimits = Pick<
  LiveLimits,
  "maxSocketsBeforeInit" | "maxSocketsPerUser" | "maxAnonymousSockets" | "maxAnonymousSocketsPerAddress"
>;

/** Counts the sockets of each user, of anonymous callers by their address, and of those not known yet. */
export function createSocketPlaces(limits: PlaceLimits): SocketPlaces {
  const ofUsers = createCounts(limits.maxSocketsPerUser);
  const ofAddresses = createCounts(limits.maxAnonymousSocketsPerAddress);
  let unknown = 0;

  return {
    hasRoom: () => unknown < limits.maxSocketsBeforeInit,
    take(address) {
      let known = false;
      let giveBack: (() => void) | null = null;
      unknown += 1;
      const identify = (): void => {
        if (!known) unknown -= 1;
        known = true;
      };
      return {
        admit(principal) {
          identify();
          if (principal) giveBack = ofUsers.take(principal.identity.userId);
          else if (ofAddresses.total() < limits.maxAnonymousSockets) giveBack = ofAddresses.take(address);
          return giveBack !== null;
        },
        leave() {
          identify();
          giveBack?.();
          giveBack = null;
        },
      };
    },
  };
}

type Counts = {
  /** Counts one for the key and gives how to take it back; null where the key has as many as it may. */
  take(key: string): (() => void) | null;
  /** Of all keys together. */
  total(): number;
};

function createCounts(max: number): Counts {
  const counts = new Map<string, number>();
  let total = 0;
  return {
    total: () => total,
    take(key) {
      const count = counts.get(key) ?? 0;
      if (count >= max) return null;
      counts.set(key, count + 1);
      total += 1;
      return () => {
        const left = (counts.get(key) ?? 1) - 1;
        if (left === 0) counts.delete(key);
        else counts.set(key, left);
        total -= 1;
      };
    },
  };
}
