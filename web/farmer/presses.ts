// presses.ts: quick +/- presses on one lot. Presses made while an earlier change is still on its way are summed into the
// next one; a change without an answer is sent again with its own key. Pure but for what is handed in.
import { Problem } from '../shared/api.ts';
import { backoff } from '../shared/backoff.ts';
import { newKey } from '../shared/key.ts';

export interface PressParts {
  send(add: number, key: string): Promise<unknown>;   // rejects with Problem
  onPending(sum: number): void;                        // pressed, not yet answered
  onTrouble(code: string): void;
  later?(ms: number, run: () => void): void;
}

const GATHER_MS = 350;       // a row of quick presses becomes one change
const PACE = { firstMs: 700, maxMs: 8000 };

export class Presses {
  private waiting = 0;
  private sent: { add: number; key: string; tries: number } | null = null;
  private gathering = false;
  private readonly later: (ms: number, run: () => void) => void;

  constructor(private readonly parts: PressParts) {
    this.later = parts.later ?? ((ms, run) => void setTimeout(run, ms));
  }

  press(add: number): void {
    this.waiting += add;
    this.tell();
    if (this.gathering || this.sent) return;
    this.gathering = true;
    this.later(GATHER_MS, () => {
      this.gathering = false;
      this.next();
    });
  }

  private tell(): void {
    this.parts.onPending(this.waiting + (this.sent?.add ?? 0));
  }

  private next(): void {
    if (this.sent || this.waiting === 0) return;
    this.sent = { add: this.waiting, key: newKey(), tries: 0 };
    this.waiting = 0;
    void this.go();
  }

  private async go(): Promise<void> {
    const s = this.sent!;
    try {
      await this.parts.send(s.add, s.key);
    } catch (e) {
      const problem = e instanceof Problem ? e : new Problem(0, 'offline');
      if (problem.passing) {
        s.tries++;
        if (s.tries === 2) this.parts.onTrouble('offline');
        this.later(problem.retryMs ?? backoff(PACE, s.tries), () => void this.go());
        return;
      }
      this.parts.onTrouble(problem.code);
    }
    this.sent = null;
    this.tell();
    this.next();
  }
}
