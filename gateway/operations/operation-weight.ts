const tokenWeight = 64; // 200 bytes as nodes, as much again for what is planned and compiled of them
const tokens = /[A-Za-z_]\w*|[^\s\w,]/g;

/** What keeping an operation costs, in characters: its text, and more for each token than a dense text has characters. */
export function weightOf(text: string): number {
  let count = 0;
  tokens.lastIndex = 0;
  while (tokens.test(text)) count += 1;
  return 1 + text.length + tokenWeight * count;
}
