// newest.ts: what is asked for again and again, and heard of in other ways in between (a receipt, a row of the journal). An answer
// that was under way meanwhile may be older than what is known by now: it is not shown but asked for once more.
const TRIES_MAX = 3;           // on a slow line something is always new

export class Newest<T> {
  private turn = 0;
  private running: Promise<T> | null = null;

  constructor(private readonly load: () => Promise<T>) {}

  /** Something newer than any answer under way is known. */
  heard(): void { this.turn++; }

  /** What is true from now on. One request at a time: who asks while one is under way gets the answer to the one after it. */
  ask(): Promise<T> {
    this.turn++;
    return this.running ??= this.run().finally(() => { this.running = null; });
  }

  private async run(): Promise<T> {
    for (let tries = 1; ; tries++) {
      const turn = this.turn, answer = await this.load();
      if (turn === this.turn || tries === TRIES_MAX) return answer;
    }
  }
}
