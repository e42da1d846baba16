import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Problem } from '../shared/api.ts';
import { Once, markOf } from '../shared/once.ts';
import type { Keep } from '../shared/store.ts';

class Paper implements Keep {
  kept = new Map<string, string>();
  get(name: string) { return this.kept.get(name) ?? null; }
  set(name: string, value: string | null) { if (value === null) this.kept.delete(name); else this.kept.set(name, value); }
}

interface Sent { path: string; key: string; at?: number }

/** A market that answers with what stands in `answers`: "lost" is done there and not heard here. */
function field() {
  const f = { keep: new Paper(), time: 5_000_000, sent: [] as Sent[], answers: [] as (string | Problem)[] };
  const once = () => new Once(f.keep, () => f.time, async (path, body) => {
    f.sent.push({ path, ...(body as { key: string; at?: number }) });
    const answer = f.answers.shift() ?? 'done';
    if (answer instanceof Problem) throw answer;
    return answer;
  });
  return { ...f, f, once };
}
const lost = () => new Problem(0, 'offline');
const keys = (sent: Sent[]) => sent.map((s) => s.key);

describe('an act whose answer got lost', () => {
  test('goes again with its key and its time, also from a page that was loaded anew', async () => {
    const { f, once } = field();
    f.answers = [lost(), lost(), 'done'];
    await assert.rejects(once().act('/lots/1/writeoffs', { amount: 500 }, { timed: true }), /offline|busy|wrong-moment/);
    f.time += 60_000;
    await assert.rejects(once().act('/lots/1/writeoffs', { amount: 500 }, { timed: true }), /offline|busy|wrong-moment/);
    f.time += 60_000;
    assert.equal(await once().act('/lots/1/writeoffs', { amount: 500 }, { timed: true }), 'done');
    assert.equal(new Set(keys(f.sent)).size, 1);
    assert.deepEqual(f.sent.map((s) => s.at), [5_000_000, 5_000_000, 5_000_000]);
    assert.equal(f.keep.kept.size, 0);                       // answered: nothing is kept
  });

  test('is another act with other content or another path, and after its answer', async () => {
    const { f, once } = field();
    f.answers = [lost()];
    const one = once();
    await assert.rejects(one.act('/handovers', { to: 1, amount: 5 }), /offline|busy|wrong-moment/);
    await one.act('/handovers', { to: 2, amount: 5 });
    await one.act('/handovers/1', { to: 1, amount: 5 });
    await one.act('/handovers', { to: 1, amount: 5 });       // the lost one
    await one.act('/handovers', { to: 1, amount: 5 });       // wanted a second time
    const [first, other, path, again, second] = keys(f.sent);
    assert.equal(first, again);
    assert.equal(new Set([first, other, path, second]).size, 4);
  });

  test('that was refused begins anew, and one that only had to wait does not', async () => {
    const { f, once } = field();
    f.answers = [new Problem(409, 'wrong-moment'), new Problem(503, 'busy')];
    const one = once();
    for (let i = 0; i < 2; i++) await assert.rejects(one.act('/trips', { title: 'Chiều' }), /offline|busy|wrong-moment/);
    await one.act('/trips', { title: 'Chiều' });
    const [refused, busy, done] = keys(f.sent);
    assert.notEqual(refused, busy);
    assert.equal(busy, done);
  });

  test('is forgotten after half a day, and more than twenty are not kept', async () => {
    const { f, once } = field();
    f.answers = Array.from({ length: 25 }, lost);
    for (let i = 0; i < 25; i++) await assert.rejects(once().act('/trips', { title: String(i) }), /offline|busy|wrong-moment/);
    assert.equal(JSON.parse(f.keep.get('cx.unanswered')!).length, 20);
    await once().act('/trips', { title: '24' });
    assert.equal(f.sent.at(-1)!.key, f.sent[24]!.key);
    f.time += 13 * 3600_000;
    await once().act('/trips', { title: '23' });
    assert.notEqual(f.sent.at(-1)!.key, f.sent[23]!.key);
  });

  test('keeps a mark and not what was written', async () => {
    const { f, once } = field();
    f.answers = [lost()];
    await assert.rejects(once().act('/people', { phone: '+84912345678' }), /offline|busy|wrong-moment/);
    assert.ok(!f.keep.get('cx.unanswered')!.includes('912345678'));
    assert.notEqual(markOf('a'), markOf('b'));
  });

  test('spoiled storage is no trouble', async () => {
    const { f, once } = field();
    f.keep.set('cx.unanswered', '{"no":"list"');
    assert.equal(await once().act('/trips', {}), 'done');
  });
});
