import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { draftFor, firstDraft, keepDraft, keptDraft } from '../courier/door-draft.ts';
import { cash, DOORS, DoorQueue, dueFor, nextStop, withWaiting, type Answer, type DoorParts, type Waiting } from '../courier/doors.ts';
import { moved, packList, pickList } from '../courier/lists.ts';
import type { Stop, Trip } from '../courier/types.ts';
import { Problem } from '../shared/api.ts';
import { feeOf, weightOf, type Zone } from '../shared/delivery.ts';
import type { Vault } from '../shared/vault.ts';

const stop = (id: number, more: Partial<Stop> = {}): Stop => ({
  id, trip: 1, position: id, state: 'waiting', reason: '', note: '', collected: 0, due: 10_000, tries_left: 5, done_at: null, undo_until: null,
  order: `CX${id}`, order_state: 'confirmed', name: `Người ${id}`, phone: `+8491200000${id}`, place: 'Mường Xén', order_note: '', total: 10_000,
  stall: 'a', stall_name: 'A', point_name: null, point_place: null, lines: [{ lot: 1, name: 'Cải', unit: 'kg', quantity: 1000, price: 10_000 }], ...more,
});
const trip = (stops: Stop[]): Trip => ({
  id: 1, courier: 1, courier_name: 'Tình', title: 'Chiều', state: 'moving', planned_at: 1, moved_at: 1, closed_at: null, stop_count: stops.length, done_count: 0, stops,
});

class Paper implements Vault {
  kept = new Map<string, string>();
  get(name: string) { return this.kept.get(name) ?? null; }
  set(name: string, value: string | null) { if (value === null) this.kept.delete(name); else this.kept.set(name, value); }
  async change(name: string, step: (old: string | null) => string | null) {
    const value = step(this.get(name));
    this.set(name, value);
    return value;
  }
  onElsewhere = () => {};
}
class Road implements DoorParts {
  keep = new Paper();
  sent: Waiting[] = [];
  timers: (() => void)[] = [];
  answers: (Answer | Problem)[] = [];
  private turn: Promise<unknown> = Promise.resolve();
  async send(item: Waiting) {
    this.sent.push(item);
    await settle();
    const answer = this.answers.shift() ?? new Problem(0, 'offline');
    if (answer instanceof Problem) throw answer;
    return answer;
  }
  alone<T>(run: () => Promise<T>): Promise<T> { return this.turn = this.turn.then(run, run) as Promise<T>; }
  later(_ms: number, run: () => void) { this.timers.push(run); }
  now() { return 5000; }
}
/** A tab of person 7, whom the market knows. */
function tab(road: Road, person = 7): DoorQueue {
  const queue = new DoorQueue(road);
  queue.of(person, true);
  return queue;
}
const settle = () => new Promise<void>((done) => setTimeout(done, 0));
const arrived = (id: number) => ({ kind: 'mark' as const, stop: id, mark: { to: 'arrived' as const } });

describe('what a courier pressed', () => {
  test('waits in its order, with the time it was pressed at, also over a reload', async () => {
    const road = new Road();
    const queue = tab(road);
    await queue.add('one', 'Hoa', arrived(1));
    await queue.add('two', 'Bình', arrived(2));
    await settle();
    assert.deepEqual(road.sent.map((w) => w.key), ['one']);
    const again = tab(road);
    assert.deepEqual(again.waiting().map((w) => [w.key, w.at]), [['one', 5000], ['two', 5000]]);
    road.answers = [{ stop: stop(1) }, { stop: stop(2) }];
    await again.run();
    assert.deepEqual(again.waiting(), []);
    assert.deepEqual(road.sent.slice(1).map((w) => w.key), ['one', 'two']);
  });
  test('is written down before it is sent, and what comes meanwhile is sent, too', async () => {
    const road = new Road();
    road.answers = [{ stop: stop(1) }, { stop: stop(2) }];
    const queue = tab(road), written: boolean[] = [];
    const send = road.send.bind(road);
    road.send = (item) => { written.push(road.keep.get(DOORS)!.includes(item.key)); return send(item); };
    void queue.add('one', 'Hoa', arrived(1));
    assert.deepEqual(queue.waiting().map((w) => w.key), ['one']);            // shown at once
    void queue.add('two', 'Bình', arrived(2));
    for (let i = 0; i < 5; i++) await settle();
    assert.deepEqual(written, [true, true]);
    assert.equal(road.keep.get(DOORS), null);
  });
  test('of two tabs is one list: nothing is lost, nothing sent twice, and in the order of the presses', async () => {
    for (const locks of [true, false]) {
      const road = new Road();
      if (!locks) road.alone = (run) => run();
      const [one, two] = [tab(road), tab(road)];
      await one.add('a', 'Hoa', arrived(1));
      await two.add('b', 'Bình', arrived(2));
      await one.add('c', 'Lan', arrived(3));
      for (let i = 0; i < 5; i++) await settle();
      assert.deepEqual(JSON.parse(road.keep.get(DOORS)!).items.map((w: Waiting) => w.key), ['a', 'b', 'c']);
      road.sent = [];
      road.send = async (item) => { road.sent.push(item); await settle(); return { stop: stop(1) }; };
      await Promise.all([one.run(), two.run()]);
      if (locks) assert.deepEqual(road.sent.map((w) => w.key), ['a', 'b', 'c']);
      // without locks both may send what is first: it is the same act by its key, and what comes after it waits for its answer
      else assert.deepEqual([...new Set(road.sent.map((w) => w.key))], ['a', 'b', 'c']);
      assert.equal(road.keep.get(DOORS), null);
      assert.deepEqual([...one.waiting(), ...two.waiting()], []);
    }
  });
  test('is told once when two tabs hear the same refusal', async () => {
    const road = new Road();
    road.alone = (run) => run();
    const [one, two] = [tab(road), tab(road)];
    await one.add('a', 'Hoa', arrived(1));
    await settle();
    await settle();
    road.answers = [new Problem(409, 'wrong-moment', { reason: 'done' }), new Problem(409, 'wrong-moment', { reason: 'done' })];
    await Promise.all([one.run(), two.run()]);
    assert.deepEqual(JSON.parse(road.keep.get(DOORS)!).troubles.map((c: { key: string }) => c.key), ['a']);
  });
  test('by somebody else waits until they are back, and is not shown', async () => {
    const road = new Road();
    await tab(road, 7).add('one', 'Hoa', arrived(1));
    await settle();
    await settle();
    road.sent = [];
    const other = tab(road, 8);
    await other.run();
    assert.deepEqual([road.sent, other.waiting()], [[], []]);
    const unsure = new DoorQueue(road);
    unsure.of(7, false);
    await unsure.run();
    assert.deepEqual([road.sent.length, unsure.waiting().length], [0, 1]);   // shown, and sent once the market says who this is
    road.answers = [{ stop: stop(1) }];
    await tab(road, 7).run();
    assert.equal(road.keep.get(DOORS), null);
  });
  test('is told when the market refused it, and the rest goes on', async () => {
    const road = new Road();
    road.answers = [new Problem(409, 'wrong-moment', { reason: 'cancelled' }), { stop: stop(2), refused: 'wrong-code' }, { stop: stop(3) }];
    const queue = tab(road);
    let askedAnew = 0;
    queue.onRefused = () => { askedAnew++; };
    for (const id of [1, 2, 3]) await queue.add(`key-${id}`, `${id}`, arrived(id));
    for (let i = 0; i < 6; i++) await settle();
    assert.deepEqual(queue.conflicts().map((c) => c.why), ['cancelled', 'wrong-code']);
    assert.equal(askedAnew, 1);                              // the second came with the door as it is
    assert.deepEqual(tab(road).conflicts().length, 2);
    queue.seen('key-1');
    assert.deepEqual(queue.conflicts().map((c) => c.key), ['key-2']);
  });
  test('is not lost when the log-in has run out', async () => {
    const road = new Road();
    road.answers = [new Problem(401, 'not-logged-in')];
    const queue = tab(road);
    await queue.add('one', 'Hoa', arrived(1));
    await settle();
    await settle();
    assert.equal(queue.waiting().length, 1);
    assert.equal(queue.conflicts().length, 0);
  });
  test('is seen on the trip before it is sent', () => {
    const waiting: Waiting[] = [{ key: 'k', at: 9, name: '', deed: { kind: 'mark', stop: 1, mark: { to: 'delivered', collected: 10_000 } } }];
    const seen = withWaiting(trip([stop(1), stop(2)]), waiting);
    assert.deepEqual(seen.stops.map((s) => s.state), ['delivered', 'waiting']);
    assert.equal(nextStop(seen)?.id, 2);
    assert.deepEqual(cash(seen), { due: 10_000, collected: 10_000 });
    const late: Waiting = { key: 'l', at: 10, name: '', deed: { kind: 'mark', stop: 1, mark: { to: 'arrived' } } };      // from a tab that did not know
    assert.equal(withWaiting(trip([stop(1)]), [...waiting, late]).stops[0]!.state, 'delivered');
    const undone = withWaiting(trip([stop(1)]), [...waiting, { key: 'u', at: 10, name: '', deed: { kind: 'undo', stop: 1 } }]);
    assert.deepEqual(cash(undone), { due: 10_000, collected: 0 });
  });
  test('costs less by what was not taken, and is whole again after the undo', () => {
    const waiting: Waiting[] = [{ key: 'k', at: 9, name: '', deed: { kind: 'mark', stop: 1, mark: { to: 'partial', reason: 'quality', collected: 4000, lines: [{ lot: 1, quantity: 400 }] } } }];
    const [seen] = withWaiting(trip([stop(1)]), waiting).stops;
    assert.deepEqual([seen!.lines[0]!.quantity, seen!.due, seen!.collected], [400, 0, 4000]);
    assert.equal(dueFor(stop(1, { due: 3000 }), [{ lot: 1, quantity: 400 }]), 0);      // most of it was paid before
    const [undone] = withWaiting(trip([stop(1)]), [...waiting, { key: 'u', at: 10, name: '', deed: { kind: 'undo', stop: 1 } }]).stops;
    assert.deepEqual(undone, stop(1));
  });
});

describe('a door sheet that is being filled in', () => {
  const begun = (more = {}) => ({ ...firstDraft(trip([stop(1)]), stop(1), 'delivered', 1000), begun: true, kind: 'photo' as const, body: 'AAAA', typed: '9.000', ...more });
  test('is there again for the same person, trip and door, and no other', () => {
    const keep = new Paper(), here = trip([stop(1), stop(2)]);
    const again = (of = here, now = 2000) => { keepDraft(keep, begun()); return keptDraft(keep, of, now); };
    assert.deepEqual(again(), begun());
    for (const other of [{ ...here, courier: 2 }, { ...here, id: 2 }, { ...here, state: 'closed' as const }, trip([stop(2)]), trip([stop(1, { state: 'delivered' })]), trip([stop(1, { state: 'removed' })])]) {
      assert.equal(again(other), null);
      assert.deepEqual([...keep.kept.keys()], []);             // nor is it kept any longer
    }
    assert.equal(again(here, 1000 + 12 * 3600_000), null);
    keep.set('cx.door-sheet', '{"stop":1,"body":7}');
    assert.equal(keptDraft(keep, here, 2000), null);
  });
  test('fits the door as it is now, and its proof also the other way it may end', () => {
    const keep = new Paper(), here = trip([stop(1, { tries_left: 0 }), stop(2)]);
    keepDraft(keep, begun({ kind: 'code', body: '1234', took: [5, 5] }));
    const kept = draftFor(keep, here, here.stops[0]!, 'delivered', 2000);
    assert.deepEqual([kept.kind, kept.body, kept.took], ['photo', '', [1000]]);
    keepDraft(keep, begun({ open: false }));
    const part = draftFor(keep, here, here.stops[0]!, 'partial', 2000);
    assert.deepEqual([part.to, part.body, part.typed, part.open, part.begun], ['partial', 'AAAA', null, true, true]);
    assert.equal(draftFor(keep, here, here.stops[1]!, 'delivered', 2000).begun, false);
  });
  test('keeps no picture beyond all measure', () => {
    const keep = new Paper();
    keepDraft(keep, begun({ body: 'A'.repeat(500_000) }));
    assert.ok(keep.get('cx.door-sheet')!.length < 1000);
  });
});

describe('lists for the road', () => {
  test('one lot of many buyers is fetched at once, a buyer of many farmers is packed at once', () => {
    const stops = [stop(1), stop(2), stop(3, { phone: stop(1).phone, stall: 'b', stall_name: 'B', lines: [{ lot: 2, name: 'Bí', unit: 'piece', quantity: 2, price: 5000 }] })];
    assert.deepEqual(pickList(stops).map((p) => [p.lot, p.quantity, p.orders]), [[1, 2000, 2], [2, 2, 1]]);
    assert.deepEqual(packList(stops).map((p) => [p.orders.length, p.due]), [[2, 20_000], [1, 10_000]]);
  });
  test('an order moves by one place and not beyond the ends', () => {
    assert.deepEqual(moved(['a', 'b', 'c'], 1, -1), ['b', 'a', 'c']);
    assert.deepEqual(moved(['a', 'b'], 0, -1), ['a', 'b']);
  });
});

describe('the fee', () => {
  const zone = { base: 10_000, included: 3000, per_kg: 2000, piece_grams: 500 } as Zone;
  test('is the one the market counts', () => {
    assert.deepEqual([0, 3000, 3001, 4000, 4001].map((g) => feeOf(zone, g)), [10_000, 10_000, 12_000, 12_000, 14_000]);
    assert.equal(weightOf(zone, [{ unit: 'kg', quantity: 1500 }, { unit: 'bunch', quantity: 3 }]), 3000);
  });
});
