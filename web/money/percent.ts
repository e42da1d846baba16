// percent.ts: tax rates as people write them and as the market keeps them, in hundredths of a percent. Pure.

/** "1,5", "1.5 %" → 150; null when it is none, too fine or above 50 %. */
export function readPercent(text: string): number | null {
  const m = /^(\d{1,2})(?:[.,](\d{1,2}))?\s*%?$/.exec(text.trim());
  if (!m) return null;
  const points = Number(m[1]) * 100 + Number((m[2] ?? '').padEnd(2, '0'));
  return points <= 5000 ? points : null;
}

/** 150 → "1,5", the Vietnamese way in every language, as money is. */
export function percent(points: number): string {
  return String(points / 100).replace('.', ',');
}

/** "2027-01-01" → "1/1/2027", as all days of the market are written. */
export function dayOf(iso: string): string {
  return iso.split('-').reverse().map(Number).join('/');
}

/** The day after the one `now` is in, in Việt Nam: the first that rates may be set for. */
export function tomorrow(now: number): string {
  return new Date(now + (7 + 24) * 3600_000).toISOString().slice(0, 10);
}
