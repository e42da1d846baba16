// key.ts: client-made keys. The same key with the same content is answered the same and done once,
// so a key is made before the first try and kept until the answer is in.

const SYMBOLS = 'ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789-_ABCDEFG';

/** 24 symbols of [A-Za-z0-9_-], about 140 random bits. */
export function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(24));
  return Array.from(bytes, (b) => SYMBOLS[b & 63]).join('');
}
