import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { aboutOrder, keepPayment, keepWish, keptPayment, keptWay, keptWish, keepWay, spaced, standOf, standWords, svgUrl, untold, wishHeard } from '../money/pay.ts';
import { cleanNumber } from '../money/account-form.tsx';
import { dayLines } from '../money/cash-days.ts';
import { dayOf, percent, readPercent, tomorrow } from '../money/percent.ts';
import { monthOf, periodQuery } from '../money/period.ts';
import { base64, importWords, refusalKey } from '../money/statement-words.ts';
import { deedsOf, grouped, knownKind, nearCodes, reasonsFor } from '../money/tasks.ts';
import { TASK_KINDS, type OrderCash, type Payment, type PayQr, type PayState, type Task } from '../money/types.ts';
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

describe('tax rates', () => {
  test('are read as people write them, and never half understood', () => {
    for (const [text, points] of [['1', 100], ['1,5', 150], ['1.5 %', 150], ['0,05', 5], ['0', 0], ['50', 5000], [' 3% ', 300]] as const) assert.equal(readPercent(text), points, text);
    for (const text of ['', '-1', '51', '50,01', '1,555', '1e2', 'một', '1,', '1 5']) assert.equal(readPercent(text), null, text);
    assert.deepEqual([percent(150), percent(5), percent(300), percent(0)], ['1,5', '0,05', '3', '0']);
  });
  test('begin tomorrow at the earliest, by the clock of Việt Nam', () => {
    assert.equal(tomorrow(Date.UTC(2026, 11, 30, 16, 59)), '2026-12-31');
    assert.equal(tomorrow(Date.UTC(2026, 11, 30, 17, 0)), '2027-01-01');
    assert.equal(dayOf('2027-01-09'), '9/1/2027');
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
    keep.set('cx.payment', '{spoiled');
    assert.equal(keptPayment(keep, 'CX6'), null);
    keepPayment(keep, 'CX6', { payment: payment('paid'), qr: null }, 10);
    assert.equal(keptPayment(keep, 'CX6')!.at, 10);
  });
  test('and says, without a network, the way the market has been told of', () => {
    const keep = memory();
    keepPayment(keep, 'CX1', { payment: payment('expected', { due: 1 }), qr: null, way: 'cash' }, 5);
    const first = { way: 'bank', key: 'a' } as const, second = { way: 'cash', key: 'b' } as const;
    keepWish(keep, 'CX1', second, 6);
    wishHeard(keep, 'CX1', first, true);        // an answer to an older choice
    assert.equal(keptWish(keep, 'CX1')!.key, 'b');
    keepWish(keep, 'CX1', first, 7);
    wishHeard(keep, 'CX1', first, true);
    assert.deepEqual([keptWish(keep, 'CX1'), keptPayment(keep, 'CX1')!.way, keptPayment(keep, 'CX1')!.at], [null, 'bank', 5]);
    keepWish(keep, 'CX1', second, 8);
    wishHeard(keep, 'CX1', second, false);      // refused: what was shown stays
    assert.deepEqual([keptWish(keep, 'CX1'), keptPayment(keep, 'CX1')!.way], [null, 'bank']);
  });
  test('and how the buyer likes to pay', () => {
    const keep = memory();
    assert.equal(keptWay(keep), 'bank');
    keepWay(keep, 'cash');
    assert.equal(keptWay(keep), 'cash');
  });
  test('and what it shows as chosen without being asked is what the market is told', () => {
    const due = payment('expected', { due: 30000 }), qr = { memo: 'CX1' } as PayQr;
    assert.equal(untold({ payment: due, qr, way: null }, 'cash'), 'cash');
    assert.equal(untold({ payment: due, qr, way: null }, 'bank'), 'bank');
    assert.equal(untold({ payment: due, qr, way: 'bank' }, 'cash'), null);          // said for this order: that is shown
    assert.equal(untold({ payment: due, qr, way: 'cash', cash: { may: false } as OrderCash }, 'cash'), 'bank');
    assert.equal(untold({ payment: due, qr: null, way: null }, 'cash'), null);      // nothing to choose from
    assert.equal(untold({ payment: payment('paid'), qr: null, way: null }, 'cash'), null);
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

const task = (over: Partial<Task> = {}): Task => ({ id: 1, kind: 'unmatched', event: 1, order: null, amount: 20000, near: '', made_at: 0, memo: null, payer: null, reference: null, paid_at: null, ...over });

describe('the queues', () => {
  test('money without an owner first, oldest first within a kind, nothing empty', () => {
    const list = grouped([task({ id: 3, kind: 'under' }), task({ id: 2 }), task({ id: 1 })]);
    assert.deepEqual(list.map(([kind, of]) => [kind, of.map((x) => x.id)]), [['unmatched', [1, 2]], ['under', [3]]]);
  });
  test('each kind offers what the market lets become of it', () => {
    assert.deepEqual(deedsOf(task()), ['match', 'banked', 'carrier']);
    assert.deepEqual(deedsOf(task({ kind: 'duplicate' })), ['same', 'match']);
    assert.deepEqual(deedsOf(task({ kind: 'over', order: 'CX1' })), ['refund', 'seen']);
    assert.deepEqual(deedsOf(task({ kind: 'under', order: 'CX1' })), ['seen']);
    for (const kind of TASK_KINDS) for (const deed of deedsOf(task({ kind, order: 'CX1' }))) {
      if (deed === 'refund' || deed === 'seen') assert.equal(reasonsFor(task({ kind }), deed).length, 3);
    }
  });
  test('codes that look close come one by one', () => {
    assert.deepEqual(nearCodes(task({ near: 'CX1 CX2 ' })), ['CX1', 'CX2']);
    assert.deepEqual(nearCodes(task()), []);
    assert.equal(knownKind('unmatched'), true);
    assert.equal(knownKind('later-invention'), false);
  });
});

describe('a statement brought in', () => {
  const counts = { rows: 3, repeated: 0, joined: 1, matched: 1, unsure: 1, review: 0, outgoing: 0, foreign: 0 };
  const about = { account: '1', chain: 'whole' as const, chain_row: null, opening: 0, closing: 60000, issues: [] };
  test('is told in sentences, only those that say something', () => {
    assert.equal(importWords({ counts, statement: about }).length, 5);
    assert.equal(importWords({ counts, statement: { ...about, chain: 'broken', chain_row: 7 } }).at(-1)!.includes('7'), true);
  });
  test('again, it says that nothing changed', () => {
    const words = importWords({ counts: { ...counts, repeated: 3, joined: 0, matched: 0, unsure: 0 }, statement: { ...about, chain: 'none' } });
    assert.equal(words.length, 1);
    assert.match(words[0]!, /Không có gì thay đổi/);
  });
  test('refused, it says why; a reason nobody knows is a damaged file', () => {
    assert.equal(refusalKey('no-header'), 'import.bad-no-header');
    assert.equal(refusalKey('whatever'), 'import.bad-broken');
    assert.equal(refusalKey(undefined), 'import.bad-broken');
  });
  test('is sent as base64, however big', () => {
    const bytes = new Uint8Array(100_000).map((_, i) => i * 7);
    assert.deepEqual(Uint8Array.from(atob(base64(bytes)), (c) => c.charCodeAt(0)), bytes);
  });
});

describe('cash by person and day', () => {
  test('sets what trips should bring beside what was taken', () => {
    const day = { day: '2026-05-01', person: 7, name: 'Tình', collected: 20000, remitted: 5000, taken_over: 1000, balance: 16000 };
    const lines = dayLines([day], [{ day: '2026-05-01', person: 7, name: 'Tình', stops: 2, expected: 45000 }, { day: '2026-05-02', person: 8, name: 'An', stops: 1, expected: 9000 }]);
    assert.deepEqual(lines.map((l) => [l.day, l.person, l.expected, l.collected, l.balance]), [['2026-05-02', 8, 9000, 0, null], ['2026-05-01', 7, 45000, 21000, 16000]]);
    assert.equal(dayLines([day], [])[0]!.expected, null);
  });
});

describe('a period', () => {
  const at = (text: string) => Date.parse(`${text}+07:00`);
  test('is a month of Việt Nam, not of the phone', () => {
    assert.deepEqual(monthOf(at('2026-05-01T00:30:00'), 0), { from: at('2026-05-01T00:00:00'), to: null });
    assert.deepEqual(monthOf(at('2026-01-15T12:00:00'), 1), { from: at('2025-12-01T00:00:00'), to: at('2026-01-01T00:00:00') });
    assert.equal(periodQuery({ from: 0, to: null }), '?from=0');
    assert.equal(periodQuery({ from: 1, to: 2 }), '?from=1&to=2');
  });
  test('an account number loses its blanks and dots', () => assert.equal(cleanNumber('3600 2051.2345-6'), '3600205123456'));
});
