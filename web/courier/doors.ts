// doors.ts: what a courier pressed, on its way to the market. Written down on the phone with its key and the phone's time before
// it is sent; sent in the order it was pressed until each is answered, hours later if need be. What the market refuses is kept
// and told in words until the courier has seen it. Pure but for the four things handed in, so tests play the network.
import { Problem } from '../shared/api.ts';
import { backoff } from '../shared/backoff.ts';
import { lineAmount } from '../shared/money.ts';
import { recall, type Keep } from '../shared/store.ts';
import type { Mark, Stop, Trip } from './types.ts';

export type Deed = { kind: 'mark'; stop: number; mark: Mark } | { kind: 'undo'; stop: number };
export interface Waiting { key: string; at: number; name: string; deed: Deed }
export interface Conflict { key: string; at: number; name: string; why: string }
export interface Answer { stop: Stop; refused?: string | null }

export interface DoorParts {
  keep: Keep;
  send(item: Waiting): Promise<Answer>;    // rejects with Problem
  later(ms: number, run: () => void): void;
  now(): number;
}

/** The name the queue is kept under. */
export const DOORS = 'cx.doors';
const PACE = { firstMs: 1500, maxMs: 30_000 };

export class DoorQueue {
  private items: Waiting[];
  private troubles: Conflict[];
  private busy = false;
  private wake = 0;
  private tries = 0;
  onChange: () => void = () => {};
  onReceipt: (stop: Stop) => void = () => {};
  onRefused: () => void = () => {};        // what the page shows is not how it is there

  constructor(private readonly parts: DoorParts) {
    const kept = recall<{ items: Waiting[]; troubles: Conflict[] }>(parts.keep, DOORS);
    this.items = Array.isArray(kept?.items) ? kept.items.filter((w) => w && typeof w.key === 'string' && w.deed) : [];
    this.troubles = Array.isArray(kept?.troubles) ? kept.troubles : [];
  }

  waiting(): readonly Waiting[] { return this.items; }
  conflicts(): readonly Conflict[] { return this.troubles; }

  add(key: string, name: string, deed: Deed): void {
    this.items = [...this.items, { key, at: this.parts.now(), name, deed }];
    this.save();
    void this.run();
  }

  seen(key: string): void {
    this.troubles = this.troubles.filter((c) => c.key !== key);
    this.save();
  }

  async run(): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    try {
      while (this.items[0] && (await this.sendOne(this.items[0]))) this.tries = 0;
    } finally {
      this.busy = false;
    }
  }

  private async sendOne(item: Waiting): Promise<boolean> {
    try {
      const answer = await this.parts.send(item);
      this.done(item, answer.refused ?? null);
      this.onReceipt(answer.stop);
      return true;
    } catch (e) {
      const problem = e instanceof Problem ? e : new Problem(0, 'offline');
      // a log-in that ran out is no refusal of what was done at the door: it waits until somebody logs in
      if (!problem.passing && problem.status !== 401) {
        const reason = (problem.extras as { reason?: string }).reason;
        this.done(item, reason ?? problem.code);
        this.onRefused();
        return true;
      }
      const turn = ++this.wake;
      this.parts.later(problem.retryMs ?? backoff(PACE, ++this.tries), () => { if (turn === this.wake) void this.run(); });
      return false;
    }
  }

  private done(item: Waiting, why: string | null): void {
    this.items = this.items.filter((w) => w.key !== item.key);
    if (why) this.troubles = [...this.troubles, { key: item.key, at: item.at, name: item.name, why }];
    this.save();
  }

  private save(): void {
    const any = this.items.length || this.troubles.length;
    this.parts.keep.set(DOORS, any ? JSON.stringify({ items: this.items, troubles: this.troubles }) : null);
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
    if (deed.kind === 'mark') past.push(afterMark(now, at, deed.mark));
    else if (past.length > 1) past.splice(-2, 2, { ...past.at(-2)!, state: 'waiting' });
    else past.push({ ...now, state: 'waiting', reason: '', done_at: null, due: now.due + now.collected, collected: 0 });
  }
  return past.at(-1)!;
}

function afterMark(stop: Stop, at: number, { to, reason = '', collected = 0, lines: took = [] }: Mark): Stop {
  const lines = stop.lines.map((l) => ({ ...l, quantity: took.find((x) => x.lot === l.lot)?.quantity ?? l.quantity }));
  return { ...stop, lines, state: to, reason, collected, done_at: to === 'arrived' ? null : at, due: Math.max(0, dueFor(stop, lines) - collected), undo_until: at + 600_000 };
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
