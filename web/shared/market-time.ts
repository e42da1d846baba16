// market-time.ts: what time it is at the market. A cheap phone's clock may be wrong by hours: a countdown by it says that the goods are
// gone while they are still kept. Each answer of the market says its time (Date); this remembers by how much the phone is off.

let ahead: number | null = null;  // ms of the market's clock before the phone's; null: nothing was heard yet
const NEAR_MS = 3000;             // Date has whole seconds: so near, the phone is right

/** By how much the market is ahead of a phone that asked at `asked` and had the answer at `heard`; null: the answer does not say. Pure. */
export function aheadBy(date: string | null, asked: number, heard: number): number | null {
  const said = date === null ? NaN : Date.parse(date);
  if (Number.isNaN(said)) return null;
  const by = said + 500 - (asked + heard) / 2;
  return Math.abs(by) < NEAR_MS + (heard - asked) ? 0 : by;
}

/** An answer came that was asked for at `asked`, by the phone's clock. */
export function heardTime(date: string | null, asked: number): void {
  ahead = aheadBy(date, asked, Date.now()) ?? ahead;
}

/** What the phone's clock called `ms`, as the market counts. */
export const marketAt = (ms: number) => ms + (ahead ?? 0);
export const marketNow = () => marketAt(Date.now());
export const timeHeard = () => ahead !== null;
