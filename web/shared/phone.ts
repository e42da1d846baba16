// phone.ts: Vietnamese phone numbers as people type them.

/** "0912 345 678", "+84 912-345-678", "84912345678" → "+84912345678"; null when it cannot be one. */
export function readPhone(text: string): string | null {
  const m = /^(?:\+?84|0)(\d{9,10})$/.exec(text.replace(/[\s.\-()]/g, ''));
  return m ? `+84${m[1]}` : null;
}

/** "+84912345678" → "0912 345 678", the way it is read aloud. */
export function phoneText(phone: string): string {
  const local = phone.replace(/^\+84/, '0');
  return local.replace(/^(\d{4})(\d{3})(\d{3,4})$/, '$1 $2 $3');
}
