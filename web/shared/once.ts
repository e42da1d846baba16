// once.ts: an act whose answer got lost is the same act when it is pressed again, also after its sheet was closed and opened anew or
// the page was reloaded: it goes with the key and the phone's time of the first press, until the market has answered for good.
// Only a mark of the content is kept, for as long as the tab lives. Pure but for what is handed in.
import { ask, Problem } from './api.ts';
import { newKey } from './key.ts';
import { recall, tabKeep, type Keep } from './store.ts';

interface Unanswered { mark: string; key: string; at: number }

const NAME = 'cx.unanswered';
const MOST = 20;                // older ones are forgotten: then a press is a new act
const KEPT_MS = 12 * 3600_000;

/** 53 bits of a text (cyrb53): enough to tell twenty acts of one person apart. */
export function markOf(text: string): string {
  let a = 0xdeadbeef, b = 0x41c6ce57;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    a = Math.imul(a ^ c, 2654435761);
    b = Math.imul(b ^ c, 1597334677);
  }
  a = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909);
  b = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(a ^ (a >>> 13), 3266489909);
  return (4294967296 * (2097151 & b) + (a >>> 0)).toString(36);
}

export class Once {
  constructor(private readonly keep: Keep, private readonly now: () => number, private readonly send: (path: string, body: object, ms?: number) => Promise<unknown>) {}

  /** Sends `content` with a key (and with `at`, when the act has a time of its own: pass `timed`); waits `ms` for the answer. Rejects with Problem. */
  async act<T>(path: string, content: object, { timed = false, ms }: { timed?: boolean; ms?: number } = {}): Promise<T> {
    const mark = markOf(`${path} ${JSON.stringify(content)}`);
    const before = this.list().find((u) => u.mark === mark);
    const { key, at } = before ?? { key: newKey(), at: this.now() };
    if (!before) this.save([...this.list(), { mark, key, at }].slice(-MOST));
    try {
      const answer = await this.send(path, { ...content, ...(timed ? { at } : {}), key }, ms);
      this.forget(mark);
      return answer as T;
    } catch (e) {
      if (!(e instanceof Problem && e.passing)) this.forget(mark);      // refused: nothing was done, the next press is another act
      throw e;
    }
  }

  private list(): Unanswered[] {
    const kept = recall<Unanswered[]>(this.keep, NAME);
    return (Array.isArray(kept) ? kept : []).filter((u) => u && typeof u.key === 'string' && this.now() - u.at < KEPT_MS);
  }
  private forget(mark: string): void { this.save(this.list().filter((u) => u.mark !== mark)); }
  private save(list: Unanswered[]): void { this.keep.set(NAME, list.length ? JSON.stringify(list) : null); }
}

const here = new Once(tabKeep, () => Date.now(), (path, body, ms) => ask('POST', path, body, ms));

/** POST that is done once however often it is pressed. `timedOnce` also says when it was pressed first. */
export const postOnce = <T>(path: string, content: object, ms?: number) => here.act<T>(path, content, { ms });
export const timedOnce = <T>(path: string, content: object) => here.act<T>(path, content, { timed: true });
