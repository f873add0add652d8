/** Text as it is: no link, image, HTML or mention comes of it, whoever wrote it. Directives become code. */
export const plain = (text: string): string =>
  text
    .replaceAll(/[\\`[\]~|]/g, "\\$&")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(/@[\w-]+/g, "`$&`") // in code nobody is notified
    .replaceAll(/^(\s*)([#>=+])/gm, "$1\\$2");

/** Text between backticks. */
export const code = (text: string): string => `\`${text.replaceAll("`", "'")}\``;
