import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Problem } from '../shared/api.ts';
import { OrderQueue, type Outcome, type QueueParts } from '../shared/queue.ts';
import type { Keep } from '../shared/store.ts';
import type { Order, OrderDraft } from '../shared/types.ts';

const draft: OrderDraft = { stall: 'khe-nhinh', lines: [{ lot: 1, quantity: 1500, price: 25000 }], name: 'Lan', phone: '+84912345678', place: 'Mường Xén' };
const order = { code: 'CX7K2M9PQ4' } as Order;

class Paper implements Keep {
  kept = new Map<string, string>();
  get(name: string) { return this.kept.get(name) ?? null; }
  set(name: string, value: string | null) { if (value === null) this.kept.delete(name); else this.kept.set(name, value); }
}

class Field implements QueueParts {
  keep = new Paper();
  time = 1_000_000;
  sent: string[] = [];
  timers: { ms: number; run: () => void }[] = [];
  answers: (Order | Problem)[] = [];
  onSend: () => void = () => {};
  async send(body: OrderDraft & { key: string }) {
    this.sent.push(body.key);
    this.onSend();
    const answer = this.answers.shift() ?? new Problem(0, 'offline');
    if (answer instanceof Problem) throw answer;
    return answer;
  }
  later(ms: number, run: () => void) { this.timers.push({ ms, run }); }
  now() { return this.time; }
  who: number | null = null;
  person() { return this.who; }
}

const settle = () => new Promise<void>((done) => setTimeout(done, 0));

describe('the order queue', () => {
  test('of two tabs keeps what both wrote down, and nothing that was answered', async () => {
    const field = new Field();
    const [one, two] = [new OrderQueue(field), new OrderQueue(field)];
    one.add('key-1', draft);
    two.add('key-2', draft);                                 // it has not seen the first
    await settle();
    assert.deepEqual(new OrderQueue(field).waiting().map((w) => w.key).sort(), ['key-1', 'key-2']);
    field.answers = [order];
    await two.run();
    assert.deepEqual(new OrderQueue(field).waiting().map((w) => w.key), ['key-1']);
    field.answers = [order];
    await one.run();
    two.add('key-3', draft);
    await settle();
    assert.deepEqual(new OrderQueue(field).waiting().map((w) => w.key), ['key-3']);
  });

  test('sends nobody\'s order as somebody else\'s: it waits until they are back', async () => {
    const field = new Field(), queue = new OrderQueue(field);
    field.who = 1;
    queue.add('key-1', draft);                               // no network, and then somebody else logs in
    await settle();
    field.who = 2;
    field.answers = [order, order];
    queue.add('key-2', draft);
    await settle();
    assert.deepEqual([field.sent, queue.waiting().length], [['key-1', 'key-2'], 0]);
    field.who = 1;
    await queue.run();
    assert.deepEqual([field.sent, new OrderQueue(field).waiting().length], [['key-1', 'key-2', 'key-1'], 0]);
  });

  test('writes an order down before it is sent', async () => {
    const field = new Field();
    const queue = new OrderQueue(field);
    let keptAtSending: string | null = null;
    field.onSend = () => { keptAtSending = field.keep.get('cx.outbox'); };
    field.answers = [order];
    queue.add('key-1', draft);
    await settle();
    assert.ok(keptAtSending !== null && (keptAtSending as string).includes('key-1'));
    assert.equal(field.keep.get('cx.outbox'), null);
  });

  test('sends again with the same key until it is answered', async () => {
    const field = new Field();
    const queue = new OrderQueue(field);
    const outcomes: Outcome[] = [];
    queue.onOutcome = (_, outcome) => outcomes.push(outcome);
    field.answers = [new Problem(0, 'offline'), new Problem(503, 'busy', {}, 4000), order];
    queue.add('key-1', draft);
    await settle();
    assert.equal(queue.waiting().length, 1);
    field.timers.at(-1)!.run();
    await settle();
    assert.equal(field.timers.at(-1)!.ms, 4000);              // Retry-After is kept to
    field.timers.at(-1)!.run();
    await settle();
    assert.deepEqual(field.sent, ['key-1', 'key-1', 'key-1']);
    assert.equal(outcomes.length, 1);
    assert.equal(queue.waiting().length, 0);
  });

  test('survives a reload', async () => {
    const field = new Field();
    new OrderQueue(field).add('key-1', draft);
    await settle();
    const after = new OrderQueue(field);
    assert.deepEqual(after.waiting('khe-nhinh').map((w) => w.key), ['key-1']);
    assert.equal(after.waiting('elsewhere').length, 0);
    field.answers = [order];
    await after.run();
    assert.deepEqual(field.sent, ['key-1', 'key-1']);
    assert.equal(new OrderQueue(field).waiting().length, 0);
  });

  test('does not send a refused order again', async () => {
    const field = new Field();
    const queue = new OrderQueue(field);
    let code = '';
    queue.onOutcome = (_, o) => { if (o.kind === 'refused') code = o.problem.code; };
    field.answers = [new Problem(409, 'sold-out', { lot: 1, available: 500 })];
    queue.add('key-1', draft);
    await settle();
    assert.equal(code, 'sold-out');
    assert.equal(field.timers.length, 0);
    assert.equal(queue.waiting().length, 0);
  });

  test('sends one at a time and all of them', async () => {
    const field = new Field();
    const queue = new OrderQueue(field);
    field.answers = [order, order];
    queue.add('key-1', draft);
    queue.add('key-2', draft);
    await settle();
    await settle();
    assert.deepEqual(field.sent, ['key-1', 'key-2']);
  });

  test('an old timer does nothing once a newer one is set', async () => {
    const field = new Field();
    const queue = new OrderQueue(field);
    queue.add('key-1', draft);
    await settle();
    await queue.run();                                        // the network said "online" meanwhile
    const sent = field.sent.length;
    field.timers[0]!.run();
    await settle();
    assert.equal(field.sent.length, sent);
  });

  test('forgets what is older than three days and what is no order', () => {
    const field = new Field();
    field.keep.set('cx.outbox', JSON.stringify([{ key: 'old', draft, made_at: field.time - 73 * 3600_000, tries: 0 }, null, 7]));
    assert.equal(new OrderQueue(field).waiting().length, 0);
    field.keep.set('cx.outbox', '{"spoiled');
    assert.equal(new OrderQueue(field).waiting().length, 0);
  });
});
