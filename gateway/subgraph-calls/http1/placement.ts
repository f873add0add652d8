/** What of a connection decides. */
export interface PlaceableConnection {
  /** Requests on it. */
  readonly load: number;
  /** Since when the first of them waits. */
  readonly oldestMs: number;
  /** It takes bytes, and nothing on it has to be alone. */
  readonly isJoinable: boolean;
  /** Idle so long that its server may be closing it at this moment. */
  isStale(nowMs: number): boolean;
  /** Nothing is on it, and its last reply came less than `withinMs` ago. */
  isFresh(nowMs: number, withinMs: number): boolean;
  close(): void;
}

/** Decides which connection takes a request. Asked in rounds, one for each turn of the event loop. */
export interface Placement<Connection> {
  /** `turnMs`: when the turn began; replies that had come by then have been read. */
  beginRound(turnMs: number, nowMs: number): void;
  /** Undefined: the request has to wait. */
  choose(mayPipeline: boolean): Connection | undefined;
  /** After each reply. */
  learn(sentAtMs: number, mayPipeline: boolean): void;
  pausePipelining(): void;
}

/** As many connections take requests before any of them takes a second one. */
const spread = 8;
/** Nothing goes behind a request that has waited longer: it may be one of the slow ones. */
const youngMs = 5;
/** Where replies usually take longer, none goes behind another: servers may work on one request of a connection at a time. */
const slowMs = 10;
/** A request that cannot be repeated takes a connection only when its server has used it lately and will hardly be closing it. */
const freshMs = 1_000;
/** After a connection has ended under requests that waited behind others: the server may end them all so. */
const pauseMs = 10_000;

/**
 * Few connections with several requests on each cost least, in writes and reads; but replies come in the order of the
 * requests, so a slow one holds up those behind it. Therefore: an idle connection of the first few; then behind requests sent
 * just now, where replies are quick; then any idle or a new connection; then wait.
 */
export function createPlacement<Connection extends PlaceableConnection>({
  connections,
  open,
  maxSockets,
  maxPipelined,
}: {
  /** In the order of their opening, so that the oldest are used and the youngest fall idle. */
  connections: readonly Connection[];
  open: () => Connection;
  maxSockets: number;
  maxPipelined: number;
}): Placement<Connection> {
  let turnMs = 0; // of the last round
  let nowMs = 0;
  /** Of replies lately: how long each had been missing when it was last looked for in vain, so that our own delay does not count. */
  let usualMs = 0;
  let isPipelined = false; // until the server has shown that it keeps connections
  let pausedUntilMs = 0;

  function chooseShared(): Connection | undefined {
    const mayJoin = isPipelined && usualMs < slowMs && nowMs >= pausedUntilMs;
    let best: Connection | undefined;
    let bestLoad = mayJoin ? maxPipelined : 0;
    for (let index = 0; index < connections.length; index += 1) {
      if (best && index >= spread) break;
      const connection = connections[index]!;
      const { load } = connection;
      if (load >= Math.max(bestLoad, 1) || !connection.isJoinable) continue;
      if (load === 0) return connection;
      if (turnMs - connection.oldestMs >= youngMs) continue;
      best = connection;
      bestLoad = load;
    }
    if (connections.length < (best ? Math.min(spread, maxSockets) : maxSockets)) return open();
    return best;
  }

  function chooseAlone(): Connection | undefined {
    const fresh = connections.find((connection) => connection.isFresh(nowMs, freshMs));
    if (fresh) return fresh;
    if (connections.length >= maxSockets) connections.find(({ load }) => load === 0)?.close();
    return connections.length < maxSockets ? open() : undefined;
  }

  return {
    beginRound(turn, now) {
      turnMs = turn;
      nowMs = now;
      for (let index = connections.length - 1; index >= 0; index -= 1) {
        if (connections[index]!.isStale(nowMs)) connections[index]!.close();
      }
    },
    choose: (mayPipeline) => (mayPipeline ? chooseShared() : chooseAlone()),
    learn(sentAtMs, mayPipeline) {
      isPipelined = mayPipeline;
      usualMs += (Math.max(0, turnMs - sentAtMs) - usualMs) / 16;
    },
    pausePipelining() {
      pausedUntilMs = performance.now() + pauseMs;
    },
  };
}
