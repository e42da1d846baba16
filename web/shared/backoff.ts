// backoff.ts: how long to wait before trying again. Jitter keeps a village that lost its mast from
// coming back as one wave.

export interface Backoff { firstMs: number; maxMs: number }

/** tries = failures in a row so far (1 after the first). Between half and the whole of first·2^(tries-1). */
export function backoff(b: Backoff, tries: number, random: () => number = Math.random): number {
  const whole = Math.min(b.maxMs, b.firstMs * 2 ** Math.min(Math.max(tries - 1, 0), 16));
  return Math.round(whole * (0.5 + random() / 2));
}

/** Retry-After in seconds or as a date → ms to wait with up to a quarter more; null when there is none. */
export function retryAfter(header: string | null, now: number, random: () => number = Math.random): number | null {
  if (!header) return null;
  const seconds = /^\d+$/.test(header.trim()) ? Number(header) : (Date.parse(header) - now) / 1000;
  if (!Number.isFinite(seconds)) return null;
  return Math.round(Math.min(Math.max(seconds, 0), 300) * 1000 * (1 + random() / 4));
}
