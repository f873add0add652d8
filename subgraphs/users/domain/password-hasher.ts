import { argon2, randomBytes, timingSafeEqual } from "node:crypto";
import { AppError } from "@tributary/platform/errors";

// OWASP's second choice for argon2id: 19 MiB, 2 passes, 1 lane. About 85 ms on one core.
const memoryKiB = 19_456;
const passes = 2;
const parallelism = 1;
const saltBytes = 16;
const tagBytes = 32;

// Half of libuv's four threads: file and name look-ups of the process must not wait behind passwords.
const maxConcurrent = 2;
// About 3 s of work: whoever comes later would have been timed out anyway.
const maxWaiting = 64;

const phcShape = /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]{8,64})\$([A-Za-z0-9+/]{16,128})$/;

type Cost = { readonly memory: number; readonly passes: number; readonly parallelism: number };

const ownCost: Cost = { memory: memoryKiB, passes, parallelism };

/** Hashes and checks passwords, off the event loop, a few at a time. */
export type PasswordHasher = {
  /** A PHC string. `salt` is for reproducible demo data only. @throws AppError UNAVAILABLE where too many wait */
  hash(password: string, salt?: Buffer): Promise<string>;
  /** Takes as long for a null hash (no such account) as for a wrong password. @throws AppError UNAVAILABLE */
  verify(password: string, hash: string | null): Promise<boolean>;
};

/** A hasher with its own queue; one per process. */
export function createPasswordHasher(): PasswordHasher {
  const limited = createLimiter();
  // A hash of a password nobody has, so that an unknown account costs what a known one does.
  const nobody = formatPhc(randomBytes(saltBytes), randomBytes(tagBytes));

  return {
    hash: (password, salt = randomBytes(saltBytes)) =>
      limited(async () => formatPhc(salt, await derive(password, salt, tagBytes, ownCost))),
    async verify(password, hash) {
      const { cost, salt, tag } = parsePhc(hash ?? nobody);
      const derived = await limited(() => derive(password, salt, tag.length, cost));
      return timingSafeEqual(derived, tag) && hash !== null;
    },
  };
}

function createLimiter() {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async <T>(work: () => Promise<T>): Promise<T> => {
    if (running < maxConcurrent) running++;
    else if (waiting.length >= maxWaiting) throw new AppError("UNAVAILABLE", "Too many people are signing in at once");
    else await new Promise<void>((resolve) => waiting.push(resolve)); // takes over the place of the one who ends
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else running--;
    }
  };
}

// NFKC: the same password typed on two keyboards is the same text (NIST SP 800-63B section 3.1.1.2).
const derive = (password: string, salt: Buffer, tagLength: number, cost: Cost): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    argon2("argon2id", { message: Buffer.from(password.normalize("NFKC")), nonce: salt, tagLength, ...cost }, (error, tag) =>
      error ? reject(error) : resolve(tag),
    );
  });

const unpadded = (bytes: Buffer): string => bytes.toString("base64").replace(/=+$/, "");

const formatPhc = (salt: Buffer, tag: Buffer): string =>
  `$argon2id$v=19$m=${memoryKiB},t=${passes},p=${parallelism}$${unpadded(salt)}$${unpadded(tag)}`;

function parsePhc(text: string): { cost: Cost; salt: Buffer; tag: Buffer } {
  const match = phcShape.exec(text);
  if (!match) throw new TypeError("not an argon2id hash");
  return {
    cost: { memory: Number(match[1]), passes: Number(match[2]), parallelism: Number(match[3]) },
    salt: Buffer.from(match[4]!, "base64"),
    tag: Buffer.from(match[5]!, "base64"),
  };
}
