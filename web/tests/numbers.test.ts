import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { lineAmount, money, readMoney } from '../shared/money.ts';
import { readPhone, phoneText } from '../shared/phone.ts';
import { readPrice } from '../shared/price.ts';
import { amountText, firstQuantity, less, more, padPress, readQuantity, readWeight } from '../shared/quantity.ts';
import { clockFace, timeLeft } from '../buyer/countdown.tsx';
import { verdictOf } from '../farmer/weigh-sheet.tsx';
import { aheadBy } from '../shared/market-time.ts';
import { clock, day, moment } from '../shared/time.ts';

describe('money', () => {
  test('is written with points and the đồng sign', () => {
    assert.equal(money(0), '0\u00a0₫');
    assert.equal(money(900), '900\u00a0₫');
    assert.equal(money(25000), '25.000\u00a0₫');
    assert.equal(money(1234567), '1.234.567\u00a0₫');
    assert.equal(money(-25000), '-25.000\u00a0₫');
  });
  test('of a line is price times kilograms, half up, in whole đồng', () => {
    assert.equal(lineAmount('kg', 25000, 1500), 37500);
    assert.equal(lineAmount('kg', 25001, 500), 12501);      // 12500.5
    assert.equal(lineAmount('kg', 333, 1), 0);
    assert.equal(lineAmount('kg', 500, 1), 1);              // 0.5
    assert.equal(lineAmount('bunch', 15000, 3), 45000);
    assert.equal(lineAmount('kg', 100_000_000, 1_000_000), 100_000_000_000);
  });
  test('is read the ways people type it', () => {
    for (const text of ['25000', '25.000', '25 000', '25k', '25 K', '25 nghìn', '25.000đ', '25.000 ₫']) assert.equal(readMoney(text), 25000, text);
    for (const text of ['12,5k', '12.5 k', '12,50 nghìn']) assert.equal(readMoney(text), 12500, text);
    assert.equal(readMoney('1.250k'), 1_250_000);
    for (const text of ['', '0', '-5', 'abc', '1e9', '100000001', '2,5,k x']) assert.equal(readMoney(text), null, text);
  });
});

describe('a price', () => {
  test('that is said in thousands and written without them is doubted, and is none', () => {
    assert.deepEqual(readPrice('12,5k', 'kg'), { dong: 12500, echo: '12.500\u00a0₫/kg', doubt: null });
    assert.deepEqual([readPrice('500', 'bunch').dong, readPrice('499', 'bunch').dong, readPrice('rẻ', 'kg').doubt], [500, null, null]);
    const { dong, echo, doubt } = readPrice('18', 'kg');
    assert.deepEqual([dong, echo], [null, null]);
    assert.match(doubt!, /18\u00a0₫.*18\.000\u00a0₫/);
  });
});

describe('quantity', () => {
  test('is written in kilograms with a comma, without idle zeros', () => {
    assert.equal(amountText('kg', 1500), '1,5');
    assert.equal(amountText('kg', 1000), '1');
    assert.equal(amountText('kg', 50), '0,05');
    assert.equal(amountText('kg', 12345), '12,345');
    assert.equal(amountText('piece', 3), '3');
  });
  test('steps by half kilograms and never passes what is left', () => {
    assert.equal(more('kg', 1000, 5000), 1500);
    assert.equal(more('kg', 1000, 1200), 1200);
    assert.equal(more('kg', 1200, 5000), 1500);
    assert.equal(less('kg', 1500, 1), 1000);
    assert.equal(less('kg', 1200, 1), 1000);
    assert.equal(less('kg', 500, 1), 1);
    assert.equal(less('kg', 500, 0), 0);
    assert.equal(more('bunch', 1, 9), 2);
    assert.equal(less('piece', 1, 1), 1);
  });
  test('begins with one kilogram, or all there is', () => {
    assert.equal(firstQuantity('kg', 12000), 1000);
    assert.equal(firstQuantity('kg', 300), 300);
    assert.equal(firstQuantity('piece', 0), 0);
  });
  test('is read with comma or point, pieces whole only', () => {
    assert.equal(readQuantity('kg', '2,5'), 2500);
    assert.equal(readQuantity('kg', '2.5 kg'), 2500);
    assert.equal(readQuantity('kg', '20'), 20000);
    assert.equal(readQuantity('piece', '20'), 20);
    for (const bad of ['0', '-1', '', 'x', '1e3', '2000']) assert.equal(readQuantity('kg', bad), null, bad);
    assert.equal(readQuantity('piece', '2,5'), null);
  });
});

describe('phone', () => {
  test('numbers are taken as people write them', () => {
    for (const text of ['0912345678', '0912 345 678', '+84 912-345-678', '84912345678', '0912.345.678']) assert.equal(readPhone(text), '+84912345678', text);
    for (const text of ['', '12345', '+1 555 1234567', '0912 345', 'abc']) assert.equal(readPhone(text), null, text);
    assert.equal(phoneText('+84912345678'), '0912 345 678');
  });
});

describe('time', () => {
  test('is the commune\'s, day before month', () => {
    const ms = Date.UTC(2026, 10, 24, 0, 30);
    assert.equal(clock(ms), '07:30');
    assert.equal(day(ms), '24/11/2026');
    assert.equal(moment(ms, ms + 3600_000), '07:30');
    assert.equal(moment(ms, ms + 30 * 3600_000), '07:30, 24/11/2026');
  });
});

describe('the scale', () => {
  const typed = (keys: string, unit: 'kg' | 'piece' = 'kg') => [...keys].reduce((text, k) => padPress(unit, text, k), '');
  test('is typed on the pad, and the pad allows no nonsense', () => {
    assert.equal(typed('1,85'), '1,85');
    assert.equal(typed(',5'), '0,5');
    assert.equal(typed('007'), '7');
    assert.equal(typed('1,,2345'), '1,234');
    assert.equal(typed('1,2<<'), '1');
    assert.equal(typed('12345678'), '123456');
    assert.equal(typed('1,5', 'piece'), '15');
  });
  test('is read in grams or pieces; nothing is an answer too', () => {
    assert.equal(readWeight('kg', '1,85'), 1850);
    assert.equal(readWeight('kg', '2,'), 2000);
    assert.equal(readWeight('kg', '0'), 0);
    assert.equal(readWeight('kg', '0,00'), 0);
    assert.equal(readWeight('piece', '3'), 3);
    assert.equal(readWeight('kg', ''), null);
    assert.equal(readWeight('kg', '9999'), null);
  });
  test('says what a difference will mean, as the market decides it', () => {
    const line = { quantity: 2000 };
    assert.deepEqual([0, 1999, 2000, 2200, 2201].map((g) => verdictOf(line, 10, g)), ['none', 'less', 'exact', 'more', 'extra']);
    assert.equal(verdictOf({ quantity: 5 }, 0, 6), 'extra');
    assert.equal(verdictOf({ quantity: 15 }, 10, 16), 'more');
    assert.equal(verdictOf({ quantity: 15 }, 10, 17), 'extra');
  });
});

describe('the countdown of a hold', () => {
  const order = { placed_at: 1000, expires_at: 601000 };
  test('counts down to nothing, and a wrong clock cannot stretch it', () => {
    assert.equal(timeLeft(order, 1000), 600000);
    assert.equal(timeLeft(order, 600500), 500);
    assert.equal(timeLeft(order, 999999999), 0);
    assert.equal(timeLeft(order, -50000), 600000);
    assert.equal(timeLeft({ ...order, expires_at: null }, 1000), null);
  });
  test('is shown rounded up', () => assert.deepEqual([7199001, 3599000, 600000, 599001, 61000, 500, 0].map(clockFace), ['2:00:00', '59:59', '10:00', '10:00', '1:01', '0:01', '0:00']));
});

describe('the market\'s time', () => {
  const said = Date.UTC(2026, 10, 6, 1, 0, 0), date = new Date(said).toUTCString();
  test('is what its answers say, when the phone\'s clock is off', () => {
    const hours = 3 * 3600_000, phone = said + hours;
    assert.equal(aheadBy(date, phone, phone + 400), 300 - hours);
    assert.equal(aheadBy(date, said - hours, said - hours), hours + 500);
  });
  test('is the phone\'s own when that is near enough, the line slow or the answer silent', () => {
    assert.equal(aheadBy(date, said - 2000, said - 1900), 0);
    assert.equal(aheadBy(date, said - 18_000, said + 2000), 0);       // somewhere within these twenty seconds
    assert.equal(aheadBy(null, said, said), null);
    assert.equal(aheadBy('soon', said, said), null);
  });
});
