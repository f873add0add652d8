const minLength = 8; // NIST SP 800-63B section 3.1.1.2
const maxLength = 128; // longer ones only cost hashing time

/** What is wrong with a new password, or null. Length in characters as people count them; no rules about their kinds. */
export function passwordFault(password: string): string | null {
  const length = [...password.slice(0, 4 * maxLength)].length;
  if (length < minLength) return `A password needs at least ${minLength} characters.`;
  return length > maxLength ? `A password has at most ${maxLength} characters.` : null;
}

/** Whether a text can be anybody's password: what cannot is not worth a hash. */
export const isPossiblePassword = (password: string): boolean => password.length <= 4 * maxLength;
