import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { LiveSocket, type LiveEvents, type LivePorts } from '../shared/live.ts';
import { applyRow } from '../shared/stall-state.ts';
import type { Live, Order, Row, Snapshot } from '../shared/types.ts';

const lot = { id: 1, name: 'Cải mèo', unit: 'kg' as const, price: 25000, available: 12500, state: 'open' as const, picture: null, note: null, tolerance: 10, limit: null };
const live: Live = { id: 4, title: null, state: 'live', approved: true, planned_at: null, started_at: 1, ended_at: null, reason: null };
const snapshot = (mark: number): Snapshot => ({
  stall: { slug: 'khe-nhinh', name: 'Khe Nhinh', village: 'Khe Nhinh', about: '', state: 'open' }, live, lots: [lot], mark, mine: false, orders: [],
  room: { state: 'live', viewers: 1, uplink: 'good' }, poster: null,
});
const row = (id: number, kind: string, body: Row['body']): Row => ({ id, at: 0, kind, stall: 'khe-nhinh', body });

describe('a journal row', () => {
  test('changes stock, price, session and orders', () => {
    let s = applyRow(snapshot(10), row(11, 'lot.stock', { lot: 1, available: 9000 }));
    assert.equal(s.lots[0]!.available, 9000);
    s = applyRow(s, row(12, 'lot.changed', { lot: { ...lot, price: 28000, available: 9000 } }));
    assert.equal(s.lots[0]!.price, 28000);
    s = applyRow(s, row(13, 'lot.added', { lot: { ...lot, id: 2 } }));
    assert.equal(s.lots.length, 2);
    s = applyRow(s, row(14, 'live.ended', { live: { ...live, state: 'ended', reason: 'x' } }));
    assert.equal(s.live!.reason, 'x');
    s = applyRow(s, row(15, 'order.placed', { order: { code: 'CX1', state: 'placed' } as Order, lots: [{ lot: 1, available: 100 }] }));
    s = applyRow(s, row(16, 'order.confirmed', { order: { code: 'CX1', state: 'confirmed' } as Order, lots: [] }));
    assert.deepEqual(s.orders.map((o) => o.state), ['confirmed']);
    assert.equal(s.lots[0]!.available, 100);
    assert.equal(s.mark, 16);
  });
  test('seen before changes nothing', () => {
    const s = snapshot(10);
    assert.equal(applyRow(s, row(10, 'lot.stock', { lot: 1, available: 1 })), s);
  });
  test('about an older session does not hide the newer one', () => {
    const s = applyRow({ ...snapshot(10), live: { ...live, id: 5, state: 'planned' } }, row(11, 'live.ended', { live: { ...live, id: 4, state: 'ended' } }));
    assert.equal(s.live!.id, 5);
  });
});

class FakeSocket {
  onopen: (() => void) | null = null;
  onmessage: ((e: { data: string }) => void) | null = null;
  onclose: (() => void) | null = null;
  onerror: (() => void) | null = null;
  sent: Record<string, unknown>[] = [];
  closed = false;
  send(text: string) { this.sent.push(JSON.parse(text) as Record<string, unknown>); }
  close() { this.closed = true; }
  say(message: unknown) { this.onmessage?.({ data: JSON.stringify(message) }); }
}

function setUp(first: Snapshot | null, events: LiveEvents = {}, stall = 'khe-nhinh') {
  const sockets: FakeSocket[] = [];
  const timers: { ms: number; run: () => void; off: boolean }[] = [];
  const ports: LivePorts = {
    open: () => { const s = new FakeSocket(); sockets.push(s); return s as unknown as WebSocket; },
    later: (ms, run) => { const timer = { ms, run, off: false }; timers.push(timer); return timer; },
    cancel: (timer) => { if (timer) (timer as { off: boolean }).off = true; },
    random: () => 0,
  };
  const socket = new LiveSocket(stall, first, events, ports);
  const fire = () => { const timer = timers.filter((x) => !x.off).at(-1)!; timer.off = true; timer.run(); return timer.ms; };
  return { socket, sockets, timers, fire };
}

describe('the live socket', () => {
  test('tells only once it has joined, and again after it was away', () => {
    const { socket, sockets, fire } = setUp(snapshot(10));
    const weak = { t: 'uplink' as const, word: 'weak' as const };
    socket.start();
    assert.equal(socket.tell(weak), false);
    sockets[0]!.onopen!();
    assert.equal(socket.tell(weak), false);
    sockets[0]!.say({ t: 'joined', mark: 10 });
    assert.equal(socket.tell(weak), true);
    assert.deepEqual(sockets[0]!.sent.at(-1), weak);
    sockets[0]!.onclose!();
    assert.equal(socket.tell(weak), false);
    fire();
    sockets[1]!.onopen!();
    sockets[1]!.say({ t: 'joined', mark: 10 });
    assert.equal(socket.tell(weak), true);
  });
  test('joins with the mark of the first HTML and gives only newer rows', () => {
    const states: Snapshot[] = [];
    const fresh: boolean[] = [];
    const { socket, sockets } = setUp(snapshot(10), { onState: (s) => states.push(s), onRow: (_, f) => fresh.push(f) });
    socket.start();
    sockets[0]!.onopen!();
    assert.deepEqual(sockets[0]!.sent, [{ t: 'join', stall: 'khe-nhinh', mark: 10 }]);
    sockets[0]!.say({ t: 'joined', mark: 10 });
    sockets[0]!.say({ t: 'row', ...row(10, 'lot.stock', { lot: 1, available: 1 }) });
    sockets[0]!.say({ t: 'row', ...row(11, 'lot.stock', { lot: 1, available: 500 }) });
    assert.deepEqual(states.map((s) => s.lots[0]!.available), [500]);
    assert.deepEqual(fresh, [true]);
  });

  test('comes back after a loss with the last mark, waiting longer each time', () => {
    const up: boolean[] = [];
    const { socket, sockets, fire } = setUp(snapshot(10), { onLink: (is) => up.push(is) });
    socket.start();
    sockets[0]!.onopen!();
    sockets[0]!.say({ t: 'joined', mark: 10 });
    sockets[0]!.say({ t: 'row', ...row(15, 'lot.stock', { lot: 1, available: 500 }) });
    sockets[0]!.onclose!();
    assert.equal(fire(), 250);
    sockets[1]!.onclose!();
    assert.equal(fire(), 500);
    sockets[2]!.onopen!();
    assert.deepEqual(sockets[2]!.sent, [{ t: 'join', stall: 'khe-nhinh', mark: 15 }]);
    sockets[2]!.say({ t: 'joined', mark: 15 });
    assert.deepEqual(up, [true, false, false, true]);
  });

  test('takes a whole new state when its mark was too old', () => {
    let last: Snapshot | null = null;
    const { socket, sockets } = setUp(snapshot(10), { onState: (s) => { last = s; } });
    socket.start();
    sockets[0]!.onopen!();
    sockets[0]!.say({ t: 'state', ...snapshot(5000) });
    assert.equal(last!.mark, 5000);
    sockets[0]!.say({ t: 'row', ...row(4999, 'lot.stock', { lot: 1, available: 1 }) });
    assert.equal(last!.lots[0]!.available, 12500);
  });

  test('waits as long as a draining market asks', () => {
    const { socket, sockets, fire } = setUp(snapshot(10));
    socket.start();
    sockets[0]!.onopen!();
    sockets[0]!.say({ t: 'bye', code: 'draining', retry_ms: 1234 });
    assert.ok(sockets[0]!.closed);
    assert.equal(fire(), 1234);
    assert.equal(sockets.length, 2);
  });

  test('gives up where it may not be, and asks anew where only the mark was too old', () => {
    let refused = '';
    const a = setUp(null, { onRefused: (code) => { refused = code; } }, 'nowhere');
    a.socket.start();
    a.sockets[0]!.onopen!();
    a.sockets[0]!.say({ t: 'reply', id: null, status: 404, body: { code: 'not-found' } });
    assert.equal(refused, 'not-found');
    assert.ok(a.sockets[0]!.closed);
    const b = setUp(null, {}, '*');
    b.socket.start();
    b.sockets[0]!.onopen!();
    b.sockets[0]!.say({ t: 'joined', mark: 7 });
    b.socket.renew();
    b.sockets[1]!.onopen!();
    b.sockets[1]!.say({ t: 'reply', id: null, status: 409, body: { code: 'wrong-moment' } });
    assert.deepEqual(b.sockets[1]!.sent, [{ t: 'join', stall: '*', mark: 7 }, { t: 'join', stall: '*' }]);
  });

  test('is not moved by a message that is no JSON', () => {
    const { socket, sockets } = setUp(snapshot(10));
    socket.start();
    sockets[0]!.onmessage!({ data: '<html>' });
    assert.ok(!sockets[0]!.closed);
  });
});
