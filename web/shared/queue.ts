// queue.ts: orders on their way. An order is written down on the phone with its key *before* it is sent, and is
// sent again with the same key until the market has answered; a reload or a flat battery in between changes nothing.
// What somebody pressed is not sent as somebody else's: it waits until they are back, or nobody is logged in.
// Pure but for what is handed in, so tests play the network.
import { Problem } from './api.ts';
import { backoff } from './backoff.ts';
import { recall, type Keep } from './store.ts';
import type { Order, OrderDraft } from './types.ts';

/** `by`: who was logged in on this phone then, where it knew. */
export interface Waiting { key: string; draft: OrderDraft; made_at: number; tries: number; by?: number }

export type Outcome = { kind: 'saved'; order: Order } | { kind: 'refused'; problem: Problem };

export interface QueueParts {
  keep: Keep;
  send(body: OrderDraft & { key: string }): Promise<Order>;   // rejects with Problem
  later(ms: number, run: () => void): void;
  now(): number;
  person(): number | null;         // who is logged in here; null: nobody that the phone knows of
}

const NAME = 'cx.outbox';
const PACE = { firstMs: 1000, maxMs: 20_000 };
const KEPT_MS = 72 * 3600_000;     // longer than any dead zone; after that a person should order anew

export class OrderQueue {
  private items: Waiting[];
  private busy = false;
  private readonly gone = new Set<string>();     // answered here
  private wake = 0;                // newest timer wins; older ones find another number and do nothing
  onChange: () => void = () => {};
  onOutcome: (item: Waiting, outcome: Outcome) => void = () => {};

  constructor(private readonly parts: QueueParts) {
    this.items = this.stored();
  }

  private stored(): Waiting[] {
    const kept = recall<Waiting[]>(this.parts.keep, NAME);
    return (Array.isArray(kept) ? kept : []).filter((w) => w && typeof w.key === 'string' && w.draft && this.parts.now() - w.made_at < KEPT_MS);
  }

  waiting(stall?: string): readonly Waiting[] {
    return this.items.filter((w) => this.isTheirs(w) && (stall === undefined || w.draft.stall === stall));
  }

  /** Written down, then sent. */
  add(key: string, draft: OrderDraft): void {
    const by = this.parts.person();
    this.items = [...this.items, { key, draft, made_at: this.parts.now(), tries: 0, ...(by === null ? {} : { by }) }];
    this.save();
    void this.run();
  }

  /** Tries now: at start, when the network is back, when the page is seen again. */
  async run(): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    try {
      let first: Waiting | undefined;
      while ((first = this.items.find((w) => this.isTheirs(w))) && (await this.sendOne(first))) { /* next */ }
    } finally {
      this.busy = false;
    }
  }

  private isTheirs({ by }: Waiting): boolean {
    const now = this.parts.person();
    return by === undefined || now === null || by === now;
  }

  /** True: answered and gone from the queue. False: still waiting, a timer is set. */
  private async sendOne(item: Waiting): Promise<boolean> {
    try {
      const order = await this.parts.send({ ...item.draft, key: item.key });
      this.done(item, { kind: 'saved', order });
      return true;
    } catch (e) {
      const problem = e instanceof Problem ? e : new Problem(0, 'offline');
      if (!problem.passing) {
        this.done(item, { kind: 'refused', problem });
        return true;
      }
      this.items = this.items.map((w) => (w.key === item.key ? { ...w, tries: w.tries + 1 } : w));
      this.save();
      const turn = ++this.wake;
      this.parts.later(problem.retryMs ?? backoff(PACE, item.tries + 1), () => {
        if (turn === this.wake) void this.run();
      });
      return false;
    }
  }

  private done(item: Waiting, outcome: Outcome): void {
    this.items = this.items.filter((w) => w.key !== item.key);
    this.gone.add(item.key);
    this.save();
    this.onOutcome(item, outcome);
  }

  /** Another tab of this phone keeps its orders under the same name: they stay, but for those that were answered here. */
  private save(): void {
    const others = this.stored().filter((w) => !this.gone.has(w.key) && !this.items.some((mine) => mine.key === w.key));
    const all = [...others, ...this.items];
    this.parts.keep.set(NAME, all.length ? JSON.stringify(all) : null);
    this.onChange();
  }
}
