// What a lot costs now, how much of it one may take at that price, and what a row or a refusal changes.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { Problem } from '../shared/api.ts';
import { flashLeft, flashOf, mostAt, priceOf } from '../shared/flash.ts';
import { applyRow } from '../shared/stall-state.ts';
import type { Lot, Snapshot } from '../shared/types.ts';
import { correct, setLine } from '../buyer/basket.ts';
import { localText, readLocal } from '../goods/forms.tsx';
import { mergeable } from '../buyer/merge.tsx';
import type { Order } from '../shared/types.ts';

const flash = { id: 1, price: 15000, left: 3000, limit: 2000, starts_at: 1000, ends_at: 601000 };
const lot: Lot = { id: 7, name: 'Cải', unit: 'kg', price: 20000, available: 9000, state: 'open', picture: null, note: null, tolerance: 10, limit: null, flash, harvest: null };

test('a flash price counts while something is left of it, up to its own limit', () => {
  assert.equal(priceOf(lot), 15000);
  assert.equal(mostAt(lot, 15000), 2000);
  assert.equal(mostAt(lot, 20000), 9000);
  assert.equal(mostAt({ ...lot, flash: { ...flash, limit: null } }, 15000), 3000);
  const out = { ...lot, flash: { ...flash, left: 0 } };
  assert.equal(flashOf(out), null);
  assert.equal(flashOf({ ...lot, available: 1500 })!.left, 1500);     // promised more of it than there is
  assert.equal(priceOf(out), 20000);
  assert.equal(setLine([], lot, 1000)[0]!.price, 15000);
});

test('a wrong clock shows no more time than was given', () => {
  assert.equal(flashLeft(flash, 1000), 600000);
  assert.equal(flashLeft(flash, -9e9), 600000);
  assert.equal(flashLeft(flash, 9e9), 0);
});

test('a row says what is left of a flash price, and when it is over', () => {
  const s = { mark: 1, lots: [lot], orders: [] } as unknown as Snapshot;
  const less = applyRow(s, { id: 2, at: 0, kind: 'order.placed', stall: 'x', body: { lots: [{ lot: 7, available: 7000, flash_left: 1000 }] } });
  assert.deepEqual([less.lots[0]!.available, less.lots[0]!.flash!.left], [7000, 1000]);
  const over = applyRow(less, { id: 3, at: 0, kind: 'lot.changed', stall: 'x', body: { lot: { ...lot, flash: null } } });
  assert.equal(priceOf(over.lots[0]!), 20000);
});

test('who had all one may have at the flash price is shown the normal one', () => {
  const draft = { stall: 'x', lines: [{ lot: 7, quantity: 1000, price: 15000 }], name: '', phone: '', place: '' };
  const full = correct(draft, new Problem(409, 'buyer-limit', { lot: 7, limit: 2000, had: 2000, price: 20000 }), [lot]);
  assert.deepEqual(full.lines, [{ lot: 7, quantity: 1000, price: 20000 }]);
  const some = correct(draft, new Problem(409, 'buyer-limit', { lot: 7, limit: 2000, had: 1500, price: 20000 }), [lot]);
  assert.deepEqual(some.lines, [{ lot: 7, quantity: 500, price: 15000 }]);
});

test('times are the commune’s, whatever the phone thinks', () => {
  assert.equal(readLocal('2026-11-27T06:00'), Date.UTC(2026, 10, 26, 23));
  assert.equal(localText(Date.UTC(2026, 10, 26, 23)), '2026-11-27T06:00');
  assert.equal(readLocal(''), null);
});

test('only orders that nobody said yes to are joined, and no offers', () => {
  const order = (code: string, state: Order['state'], offer = false) => ({ code, state, offer }) as Order;
  assert.deepEqual(mergeable([order('a', 'placed'), order('b', 'confirmed'), order('c', 'placed', true), order('d', 'cancelled'), order('e', 'placed')]).map((o) => o.code), ['a', 'e']);
});
