// One address and nothing else: no list, no name, no control character that could begin another header.
const shape = /^[^\s@<>()[\]\\,;:"\p{Cc}]{1,64}@[^\s@<>()[\]\\,;:"\p{Cc}]{1,189}$/u;

/** True for a text that is one plain mail address; users has checked it, and a mail header is no place for trust. */
export const isMailAddress = (text: string): boolean => shape.test(text);
