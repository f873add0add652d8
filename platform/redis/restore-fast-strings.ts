/**
 * Makes string methods fast again, once ioredis is loaded. Its `class VerbatimString extends String` leaves the methods of
 * all strings in a dictionary, where optimised code looks each of them up at every call, until a String object is read
 * often enough for V8 to notice. Costs under a millisecond; gives a tenth of the CPU of small requests (bench/gateway, workload C).
 */
export function restoreFastStrings(): void {
  for (let count = 0; count < readings; count++) void Object("").charCodeAt;
}

const readings = 1_000; // V8 notices after about 50
