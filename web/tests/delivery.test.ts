import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { cash, DoorQueue, dueFor, nextStop, withWaiting, type Answer, type DoorParts, type Waiting } from '../courier/doors.ts';
import { moved, packList, pickList } from '../courier/lists.ts';
import type { Stop, Trip } from '../courier/types.ts';
import { Problem } from '../shared/api.ts';
import { feeOf, weightOf, type Zone } from '../shared/delivery.ts';
import type { Keep } from '../shared/store.ts';

const stop = (id: number, more: Partial<Stop> = {}): Stop => ({
  id, trip: 1, position: id, state: 'waiting', reason: '', note: '', collected: 0, due: 10_000, tries_left: 5, done_at: null, undo_until: null,
  order: `CX${id}`, order_state: 'confirmed', name: `Người ${id}`, phone: `+8491200000${id}`, place: 'Mường Xén', order_note: '', total: 10_000,
  stall: 'a', stall_name: 'A', point_name: null, point_place: null, lines: [{ lot: 1, name: 'Cải', unit: 'kg', quantity: 1000, price: 10_000 }], ...more,
});
const trip = (stops: Stop[]): Trip => ({
  id: 1, courier: 1, courier_name: 'Tình', title: 'Chiều', state: 'moving', planned_at: 1, moved_at: 1, closed_at: null, stop_count: stops.length, done_count: 0, stops,
});

class Paper implements Keep {
  kept = new Map<string, string>();
  get(name: string) { return this.kept.get(name) ?? null; }
  set(name: string, value: string | null) { if (value === null) this.kept.delete(name); else this.kept.set(name, value); }
}
class Road implements DoorParts {
  keep = new Paper();
  sent: Waiting[] = [];
  timers: (() => void)[] = [];
  answers: (Answer | Problem)[] = [];
  async send(item: Waiting) {
    this.sent.push(item);
    const answer = this.answers.shift() ?? new Problem(0, 'offline');
    if (answer instanceof Problem) throw answer;
    return answer;
  }
  later(_ms: number, run: () => void) { this.timers.push(run); }
  now() { return 5000; }
}
const settle = () => new Promise<void>((done) => setTimeout(done, 0));
const arrived = (id: number) => ({ kind: 'mark' as const, stop: id, mark: { to: 'arrived' as const } });

describe('what a courier pressed', () => {
  test('waits in its order, with the time it was pressed at, also over a reload', async () => {
    const road = new Road();
    const queue = new DoorQueue(road);
    queue.add('one', 'Hoa', arrived(1));
    queue.add('two', 'Bình', arrived(2));
    await settle();
    assert.deepEqual(road.sent.map((w) => w.key), ['one']);
    const again = new DoorQueue(road);
    assert.deepEqual(again.waiting().map((w) => [w.key, w.at]), [['one', 5000], ['two', 5000]]);
    road.answers = [{ stop: stop(1) }, { stop: stop(2) }];
    await again.run();
    assert.deepEqual(again.waiting(), []);
    assert.deepEqual(road.sent.slice(1).map((w) => w.key), ['one', 'two']);
  });
  test('is told when the market refused it, and the rest goes on', async () => {
    const road = new Road();
    road.answers = [new Problem(409, 'wrong-moment', { reason: 'cancelled' }), { stop: stop(2), refused: 'wrong-code' }, { stop: stop(3) }];
    const queue = new DoorQueue(road);
    let askedAnew = 0;
    queue.onRefused = () => { askedAnew++; };
    for (const id of [1, 2, 3]) queue.add(`key-${id}`, `${id}`, arrived(id));
    await settle();
    await queue.run();
    assert.deepEqual(queue.conflicts().map((c) => c.why), ['cancelled', 'wrong-code']);
    assert.equal(askedAnew, 1);                              // the second came with the door as it is
    assert.deepEqual(new DoorQueue(road).conflicts().length, 2);
    queue.seen('key-1');
    assert.deepEqual(queue.conflicts().map((c) => c.key), ['key-2']);
  });
  test('is not lost when the log-in has run out', async () => {
    const road = new Road();
    road.answers = [new Problem(401, 'not-logged-in')];
    const queue = new DoorQueue(road);
    queue.add('one', 'Hoa', arrived(1));
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
