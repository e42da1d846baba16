// doors.ts: what a courier pressed, on its way to the market. Written down on the phone with its key and the phone's time before
// it is sent; sent in the order it was pressed until each is answered, hours later if need be. What the market refuses is kept
// and told in words until the courier has seen it. All tabs of the phone share one list: each sends what is first on it, one tab at a
// time. What somebody else pressed on this phone waits until they are back. Pure but for what is handed in, so tests play the network.
import { Problem } from '../shared/api.ts';
import { backoff } from '../shared/backoff.ts';
import { lineAmount } from '../shared/money.ts';
import type { Vault } from '../shared/vault.ts';
import { marketAt } from '../shared/market-time.ts';
import type { Mark, Stop, Trip } from './types.ts';

export type Deed = { kind: 'mark'; stop: number; mark: Mark } | { kind: 'undo'; stop: number };
/** `by`: who pressed it; what was written down before that was remembered is anybody's. */
export interface Waiting { key: string; at: number; name: string; deed: Deed; by?: number }
export interface Conflict { key: string; at: number; name: string; why: string; by?: number }
export interface Answer { stop: Stop; refused?: string | null }

export interface DoorParts {
  keep: Vault;
  send(item: Waiting): Promise<Answer>;    // rejects with Problem; 401 when somebody else is logged in by now
  alone<T>(run: () => Promise<T>): Promise<T>;      // while no other tab is at it
  later(ms: number, run: () => void): void;
  now(): number;
}

/** The name the queue is kept under. */
export const DOORS = 'cx.doors';
const PACE = { firstMs: 1500, maxMs: 30_000 };

interface Kept { items: Waiting[]; troubles: Conflict[] }
type Step = (kept: Kept) => Kept;

function readKept(text: string | null): Kept {
  let kept: Partial<Kept> | null = null;
  try {
    kept = JSON.parse(text ?? 'null') as Partial<Kept> | null;
  } catch { /* spoiled */ }
  return {
    items: Array.isArray(kept?.items) ? kept.items.filter((w) => w && typeof w.key === 'string' && w.deed) : [],
    troubles: Array.isArray(kept?.troubles) ? kept.troubles : [],
  };
}

const writeKept = (kept: Kept) => (kept.items.length || kept.troubles.length ? JSON.stringify(kept) : null);

export class DoorQueue {
  private kept: Kept;                      // as it is on the phone
  private steps: Step[] = [];              // on their way there
  private person: number | null = null;
  private sure = false;                    // the market says so
  private busy = false;
  private again = false;
  private wake = 0;
  private tries = 0;
  onChange: () => void = () => {};
  onReceipt: (stop: Stop) => void = () => {};
  onRefused: () => void = () => {};        // what the page shows is not how it is there
  onElsewhere: () => void = () => {};      // another tab got an answer

  constructor(private readonly parts: DoorParts) {
    this.kept = readKept(parts.keep.get(DOORS));
    parts.keep.onElsewhere = (name) => {
      if (name !== DOORS) return;
      const before = this.kept;
      this.kept = readKept(parts.keep.get(DOORS));
      this.onChange();
      if (before.items.some((w) => !this.kept.items.some((still) => still.key === w.key))) this.onElsewhere();
    };
  }

  /** Whose page this is, as far as the phone knows (nothing is sent yet) or as the market says. */
  of(person: number | null, sure: boolean): void {
    this.person = person;
    this.sure = sure;
    this.onChange();
  }

  private mine = <T extends { by?: number }>(list: readonly T[]): T[] => list.filter((x) => x.by === undefined || x.by === this.person);

  waiting(): readonly Waiting[] { return this.mine(this.now().items); }
  conflicts(): readonly Conflict[] { return this.mine(this.now().troubles); }

  /** Shown at once, written down, then sent. Resolves when it is written down. */
  async add(key: string, name: string, deed: Deed): Promise<void> {
    const item: Waiting = { key, at: this.parts.now(), name, deed, ...(this.person === null ? {} : { by: this.person }) };
    await this.change((kept) => (kept.items.some((w) => w.key === key) ? kept : { ...kept, items: [...kept.items, item] }));
    void this.run();
  }

  seen(key: string): void {
    void this.change((kept) => ({ ...kept, troubles: kept.troubles.filter((c) => c.key !== key) }));
  }

  /** Sends what waits. While it does, another call only makes sure that nothing is left. */
  async run(): Promise<void> {
    if (!this.sure) return;
    if (this.busy) {
      this.again = true;
      return;
    }
    this.busy = true;
    try {
      let outcome: 'sent' | 'none' | 'later';
      do {
        this.again = false;
        outcome = await this.parts.alone(() => this.sendFirst());
        if (outcome === 'sent') this.tries = 0;
      } while (outcome === 'sent' || (outcome === 'none' && this.again));
    } finally {
      this.busy = false;
    }
  }

  private async sendFirst(): Promise<'sent' | 'none' | 'later'> {
    await this.change((kept) => kept);     // what other tabs wrote and sent meanwhile
    const [item] = this.mine(this.kept.items);
    if (!item) return 'none';
    try {
      const answer = await this.parts.send(item);
      this.onReceipt(answer.stop);
      await this.done(item, answer.refused ?? null);
    } catch (e) {
      const problem = e instanceof Problem ? e : new Problem(0, 'offline');
      // a log-in that ran out is no refusal of what was done at the door: it waits until somebody logs in
      if (problem.passing || problem.status === 401) {
        const turn = ++this.wake;
        this.parts.later(problem.retryMs ?? backoff(PACE, ++this.tries), () => { if (turn === this.wake) void this.run(); });
        return 'later';
      }
      await this.done(item, (problem.extras as { reason?: string }).reason ?? problem.code);
      this.onRefused();
    }
    return 'sent';
  }

  /** Answered, here or (with the same answer) in another tab, too. */
  private done({ key, at, name, by }: Waiting, why: string | null): Promise<void> {
    return this.change((kept) => (!kept.items.some((w) => w.key === key) ? kept : {
      items: kept.items.filter((w) => w.key !== key),
      troubles: why ? [...kept.troubles, { key, at, name, why, ...(by === undefined ? {} : { by }) }] : kept.troubles,
    }));
  }

  private now(): Kept { return this.steps.reduce((kept, step) => step(kept), this.kept); }

  private async change(step: Step): Promise<void> {
    this.steps = [...this.steps, step];
    this.onChange();
    const text = await this.parts.keep.change(DOORS, (old) => writeKept(step(readKept(old))));
    this.kept = readKept(text);
    this.steps = this.steps.filter((s) => s !== step);
    this.onChange();
  }
}

/** The trip as it will be when everything that waits has arrived. Pure. */
export function withWaiting(trip: Trip, waiting: readonly Waiting[]): Trip {
  return { ...trip, stops: trip.stops.map((stop) => afterDeeds(stop, waiting.filter((w) => w.deed.stop === stop.id))) };
}

function afterDeeds(stop: Stop, deeds: readonly Waiting[]): Stop {
  const past = [stop];                     // what an undo goes back to
  for (const { at, deed } of deeds) {
    const now = past.at(-1)!;
    if (deed.kind === 'mark') { if (!isDone(now)) past.push(afterMark(now, at, deed.mark)); }      // pressed where it was not known yet: it will be refused
    else if (past.length > 1) past.splice(-2, 2, { ...past.at(-2)!, state: 'waiting' });
    else past.push({ ...now, state: 'waiting', reason: '', done_at: null, due: now.due + now.collected, collected: 0 });
  }
  return past.at(-1)!;
}

function afterMark(stop: Stop, at: number, { to, reason = '', collected = 0, lines: took = [] }: Mark): Stop {
  const lines = stop.lines.map((l) => ({ ...l, quantity: took.find((x) => x.lot === l.lot)?.quantity ?? l.quantity }));
  return { ...stop, lines, state: to, reason, collected, done_at: to === 'arrived' ? null : at, due: Math.max(0, dueFor(stop, lines) - collected), undo_until: marketAt(at) + 600_000 };
}

/** What is to be collected when this much was taken: the order costs less by what was not. Pure; the market computes the same. */
export function dueFor(stop: Stop, took: readonly { lot: number; quantity: number }[]): number {
  const less = stop.lines.reduce((sum, l) => {
    const quantity = took.find((x) => x.lot === l.lot)?.quantity ?? l.quantity;
    return sum + lineAmount(l.unit, l.price, l.quantity) - lineAmount(l.unit, l.price, quantity);
  }, 0);
  return Math.max(0, stop.due - less);
}

export const isDone = (stop: Stop) => stop.state === 'delivered' || stop.state === 'partial' || stop.state === 'failed';

/** The door to go to now. */
export const nextStop = (trip: Trip) => trip.stops.find((s) => s.state === 'arrived') ?? trip.stops.find((s) => s.state === 'waiting') ?? null;

/** What is still to be collected on this trip, and what has been. */
export function cash(trip: Trip): { due: number; collected: number } {
  return trip.stops.reduce((sum, s) => ({ due: sum.due + (isDone(s) ? 0 : s.due), collected: sum.collected + s.collected }), { due: 0, collected: 0 });
}
