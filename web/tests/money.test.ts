import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { aboutOrder, keepPayment, keptPayment, keptWay, keepWay, spaced, standOf, standWords, svgUrl } from '../money/pay.ts';
import type { Payment, PayState } from '../money/types.ts';
import { applyRow } from '../shared/stall-state.ts';
import type { Keep } from '../shared/store.ts';
import type { Order, Row, Snapshot } from '../shared/types.ts';

const payment = (state: PayState, over: Partial<Payment> = {}): Payment => ({ state, total: 30000, received: 0, returned: 0, due: 0, surplus: 0, cash: 0, ...over });
const memory = (): Keep => {
  const all = new Map<string, string>();
  return { get: (name) => all.get(name) ?? null, set: (name, value) => { if (value === null) all.delete(name); else all.set(name, value); } };
};

describe('how far a payment is', () => {
  test('is one of five things a buyer can be told', () => {
    assert.equal(standOf(payment('expected', { due: 30000 })), 'unpaid');
    assert.equal(standOf(payment('part', { received: 10000, due: 20000 })), 'short');
    for (const state of ['cash', 'paid', 'settled'] as const) assert.equal(standOf(payment(state, { received: 30000 })), 'paid');
    assert.equal(standOf(payment('over', { received: 35000, surplus: 5000 })), 'over');
    assert.equal(standOf(payment('paid', { received: 35000, returned: 5000 })), 'over');
    assert.equal(standOf(payment('returned', { received: 30000, returned: 30000 })), 'late');
    assert.equal(standOf(payment('none', { total: 0 })), 'none');
  });
  test('is said with the figures that matter', () => {
    assert.match(standWords(payment('part', { received: 10000, due: 20000 })), /10\.000.*20\.000/);
    assert.match(standWords(payment('over', { received: 35000, surplus: 5000 })), /5\.000/);
    assert.match(standWords(payment('returned', { received: 30000, returned: 30000 })), /30\.000/);
    assert.equal(standWords(payment('none')), '');
  });
});

describe('what the phone keeps', () => {
  test('is the newest answer for the last five orders', () => {
    const keep = memory();
    for (let i = 0; i < 7; i++) keepPayment(keep, `CX${i}`, { payment: payment('expected', { due: i }), qr: null }, i);
    keepPayment(keep, 'CX6', { payment: payment('paid'), qr: null }, 9);
    assert.equal(keptPayment(keep, 'CX1'), null);
    assert.equal(keptPayment(keep, 'CX3')!.payment.due, 3);
    assert.deepEqual([keptPayment(keep, 'CX6')!.payment.state, keptPayment(keep, 'CX6')!.at], ['paid', 9]);
    keep.set('cx.pay', '{spoiled');
    assert.equal(keptPayment(keep, 'CX6'), null);
    keepPayment(keep, 'CX6', { payment: payment('paid'), qr: null }, 10);
    assert.equal(keptPayment(keep, 'CX6')!.at, 10);
  });
  test('and how the buyer likes to pay', () => {
    const keep = memory();
    assert.equal(keptWay(keep), 'bank');
    keepWay(keep, 'cash');
    assert.equal(keptWay(keep), 'cash');
  });
});

describe('small things about payments', () => {
  test('account numbers come in fours', () => {
    assert.equal(spaced('3600205123456'), '3600 2051 2345 6');
    assert.equal(spaced('VQRQ'), 'VQRQ');
  });
  test('an SVG gets a size, so that every browser can draw it', () => {
    assert.equal(decodeURIComponent(svgUrl('<svg viewBox="0 0 9 9"></svg>', 90)), 'data:image/svg+xml,<svg width="90" height="90" viewBox="0 0 9 9"></svg>');
  });
  test('a row about a payment names the order by its code, and is no order for the list', () => {
    const row = { id: 5, at: 0, kind: 'payment.changed', stall: 's', body: { order: 'CX1' } } as Row;
    assert.equal(aboutOrder(row, 'CX1'), true);
    assert.equal(aboutOrder(row, 'CX2'), false);
    assert.equal(aboutOrder({ ...row, body: { order: { code: 'CX2' } as Order } }, 'CX2'), true);
    assert.equal(aboutOrder({ ...row, body: {} }, 'CX2'), false);
    const snapshot = { mark: 4, orders: [], lots: [] } as unknown as Snapshot;
    const next = applyRow(snapshot, row);
    assert.deepEqual([next.mark, next.orders], [5, []]);
  });
});
