// period.ts: months and days as a statement means them: Việt Nam's, which have no summer time. Pure.

const ZONE_MS = 7 * 3600_000;

export interface Period { from: number; to: number | null }       // to: not any more; null: until now

/** The month `back` months before the one `now` is in: 0 this one. */
export function monthOf(now: number, back: number): Period {
  const here = new Date(now + ZONE_MS);
  const start = (shift: number) => Date.UTC(here.getUTCFullYear(), here.getUTCMonth() - back + shift, 1) - ZONE_MS;
  return { from: start(0), to: back === 0 ? null : start(1) };
}

/** As the API takes it. */
export function periodQuery({ from, to }: Period): string {
  return `?from=${from}${to === null ? '' : `&to=${to}`}`;
}
