/**
 * The form an address is stored and compared in: lower case and NFC. Mail hosts that tell `A@` from `a@` are not met in
 * practice; two accounts for one mailbox are. The shape was checked by the `Email` scalar.
 */
export const normaliseEmail = (email: string): string => email.trim().normalize("NFC").toLowerCase();
