/** Bounds of one gateway process, one socket and one subscription. Times in milliseconds, sizes in bytes. */
export type LiveLimits = {
  readonly initTimeoutMs: number;
  readonly maxMessageBytes: number;
  readonly maxSockets: number;
  /** Sockets that have not said yet who they are. */
  readonly maxSocketsBeforeInit: number;
  readonly maxAnonymousSockets: number;
  readonly maxAnonymousSocketsPerAddress: number;
  readonly maxSocketsPerUser: number;
  readonly maxHeaders: number;
  readonly maxOperationsPerSocket: number;
  readonly messagesPerSecond: number;
  readonly messageBurst: number;
  readonly pingIntervalMs: number;
  readonly maxBufferedBytes: number;
  readonly slowConsumerMs: number;
  readonly eventTimeoutMs: number;
};

export const defaultLiveLimits: LiveLimits = {
  initTimeoutMs: 3_000, // promise table: 4408 within 3 s
  maxMessageBytes: 64 * 1024, // a variables object may have 64 KiB
  maxSockets: 10_000, // 30 KB each fit beside the rest of the process
  maxSocketsBeforeInit: 5_000, // as many clients as may come at once from an instance that drains
  maxAnonymousSockets: 2_000, // whoever has no account cannot take the places of those who have
  maxAnonymousSocketsPerAddress: 100, // an office behind one address
  maxSocketsPerUser: 10,
  maxHeaders: 100, // browsers send about 20; as over HTTP
  maxOperationsPerSocket: 20,
  messagesPerSecond: 50,
  messageBurst: 100, // a page that opens its subscriptions at once
  pingIntervalMs: 12_000, // two missed answers end a dead socket within 24 s
  maxBufferedBytes: 1024 * 1024, // what one slow subscriber may cost
  slowConsumerMs: 8_000, // closed within 10 s of the first full buffer
  eventTimeoutMs: 10_000,
};
