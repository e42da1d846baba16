// `market verify` holds the book of money against the orders and names every row that says something else than its parts.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Stack, build } from './lib/stack.mjs';
import { after, before, describe, test } from './lib/test.mjs';
import { newKey, ok } from './lib/api.mjs';
import { driveOut, makeStall, placeOrder } from './lib/commune.mjs';
import { rows } from './lib/database.mjs';

let scratch, orders;

const act = (client, path, body = {}) => client.post(`/api/v1/${path}`, { key: newKey(), ...body });

function verify(dir) {
    const { status, stdout, stderr } = spawnSync(join(build, 'bin/market'), ['verify', '--data', dir], { encoding: 'utf8', env: { ...process.env, ASAN_OPTIONS: 'detect_leaks=0' } });
    return { status, report: stdout ? JSON.parse(stdout) : stderr };
}

/** Everything that makes an order cost something else than its lines at their prices, paid in several ways. */
async function trade(stack) {
    const [cadre, courier] = ['cadre', 'courier'].map((role) => stack.client(role));
    const stall = await makeStall(stack), { farmer, lot } = stall, buyer = stack.client();
    const { id: account } = ok(await act(cadre, 'bank-accounts', { bin: '970405', number: '3600205190001', holder: 'HTX' }), 201);
    ok(await act(cadre, `stalls/${stall.slug}/payee`, { account, fee_points: 700 }));
    const { zone } = ok(await act(cadre, 'zones', { name: 'Mường Xén', base: 12000, included: 1000, per_kg: 1500, courier_points: 7000 }));
    const order = async (quantity, more) => ok(await placeOrder(buyer, stall, quantity, more), 201).order;
    const weighed = await order(2000, { delivery: { zone: zone.id, fee: 13500 } });
    ok(await act(farmer, `orders/${weighed.code}/confirm`));
    ok(await act(farmer, `orders/${weighed.code}/weigh`, { lot: lot.id, weighed: 3000 }));
    ok(await act(buyer, `orders/${weighed.code}/extra`, { lot: lot.id, answer: 'accept' }));
    ok(await act(cadre, `orders/${weighed.code}/cash`, { amount: 5000 }));
    ok(await act(farmer, `lots/${lot.id}/flash`, { price: 15000, amount: 3000, minutes: 30 }));
    const flash = await order(1000, { lines: [{ lot: lot.id, quantity: 1000, price: 15000 }] });
    const driven = await order(500);
    const trip = await driveOut(stall, courier, [driven.code]);
    const [stop] = ok(await courier.get(`/api/v1/trips/${trip.id}`)).trip.stops;
    ok(await act(courier, `stops/${stop.id}/mark`, { to: 'delivered', proof: { kind: 'signature', body: 'M1 1L2 2' }, collected: driven.total + 3000 }));
    ok(await act(cadre, `orders/${driven.code}/refunds`, { amount: 3000, reason: 'đưa thừa' }), 201);
    const off = await order(700);
    ok(await act(farmer, `orders/${off.code}/confirm`));
    ok(await act(farmer, `orders/${off.code}/cancel`, { why: 'no-goods' }));
    return { weighed, flash, driven, off, lot };
}

before(async () => {
    scratch = mkdtempSync(join(tmpdir(), 'cho-verify-'));
    const stack = await Stack.start({ dir: join(scratch, 'good'), args: ['--relay', 'none'] });
    try {
        orders = await trade(stack);
        const { status, report } = verify(stack.dir);
        assert.deepEqual([status, report.ok, report.mismatches], [0, true, undefined], JSON.stringify(report));
    } finally {
        await stack.stop();
    }
});
after(() => rmSync(scratch, { recursive: true, force: true }));

/** A copy of the stopped market, changed behind its back; what verify says of it. */
async function broken(sql) {
    const dir = join(scratch, newKey()), file = join(dir, 'market.db');
    cpSync(join(scratch, 'good'), dir, { recursive: true });
    const guards = rows(file, "SELECT name FROM sqlite_master WHERE type = 'trigger'").map(({ name }) => `DROP TRIGGER ${name};`).join('\n');
    execFileSync('sqlite3', ['-bail', file, `${guards}\n${sql}`]);
    const stack = await Stack.start({ dir, demo: false, args: ['--relay', 'none'] });
    try {
        return verify(dir);
    } finally {
        await stack.stop();
    }
}

describe('market verify', () => {
    test('says which orders were charged something else than they cost, with both sums', async () => {
        const { weighed, driven } = orders, charge = (code) => `(SELECT p.entry FROM posting p JOIN entry e ON e.id = p.entry JOIN account a ON a.id = p.account JOIN orders o ON o.id = a.subject
            WHERE a.kind = 'order' AND e.kind = 'charge' AND o.code = '${code}')`;
        const { status, report } = await broken([weighed, driven].map(({ code }) => `UPDATE account SET balance = balance + 7 WHERE kind = 'order' AND subject = (SELECT id FROM orders WHERE code = '${code}');
            UPDATE account SET balance = balance - 7 WHERE kind = 'suspense';
            UPDATE posting SET amount = amount + 7 WHERE entry = ${charge(code)} AND account = (SELECT a.id FROM account a JOIN orders o ON o.id = a.subject WHERE a.kind = 'order' AND o.code = '${code}');`).join('\n'));
        assert.equal(status, 1);
        const found = report.mismatches.filter((m) => m.what === 'charged');
        assert.deepEqual(found.map((m) => [m.order, m.kept, m.counted]), [[weighed.code, 73500, 73507], [driven.code, 10000, 10007]]);
        assert.equal(report.mismatched, report.mismatches.length);
    });

    test('says whose receivable is not what is owed less what came in', async () => {
        const { weighed } = orders;
        const { status, report } = await broken(`UPDATE account SET balance = balance - 1000 WHERE kind = 'order' AND subject = (SELECT id FROM orders WHERE code = '${weighed.code}')`);
        assert.deepEqual([status, report.mismatches], [1, [{ what: 'receivable', order: weighed.code, kept: 67500, counted: 68500 }]]);
    });

    test('says of fee, weighed line, flash price, refund and cancelled order what does not fit', async () => {
        const { weighed, flash, driven, off, lot } = orders, of = ({ code }) => `(SELECT id FROM orders WHERE code = '${code}')`;
        const cases = [
            [`UPDATE order_fee SET amount = amount - 500 WHERE order_id = ${of(weighed)}; UPDATE orders SET total = total - 500 WHERE code = '${weighed.code}'`, { what: 'fee', order: weighed.code, kept: 13000, counted: 13500 }],
            [`UPDATE line_state SET amount = amount - 1 WHERE order_id = ${of(weighed)}`, { what: 'line', order: weighed.code, kept: 59999, counted: 60000 }],
            [`UPDATE flash_line SET back = 1 WHERE order_id = ${of(flash)}`, { what: 'flash', order: flash.code, kept: 0, counted: 1 }],
            [`UPDATE flash_line SET quantity = 900 WHERE order_id = ${of(flash)}`, { what: 'flash', lot: lot.id, kept: 1000, counted: 900 }],
            [`UPDATE refund SET amount = 2000 WHERE order_id = ${of(driven)}`, { what: 'refund', order: driven.code, kept: 2000, counted: 3000 }],
            [`UPDATE orders SET state = 'confirmed' WHERE code = '${off.code}'`, { what: 'charged', order: off.code, kept: 14000, counted: 0 }],
        ];
        for (const [sql, wanted] of cases) {
            const { status, report } = await broken(sql);
            assert.equal(status, 1, sql);
            assert.ok(report.mismatches.some((m) => JSON.stringify(m) === JSON.stringify(wanted)), `${sql}: ${JSON.stringify(report.mismatches)}`);
        }
    });

    test('says of which lot the stock is not what was put in less what orders have', async () => {
        const { lot } = orders, { sold } = rows(join(scratch, 'good', 'market.db'), `SELECT sold FROM lot WHERE id = ${lot.id}`)[0];
        const { status, report } = await broken(`UPDATE lot SET sold = sold - 200, available = available + 200 WHERE id = ${lot.id}`);
        assert.deepEqual([status, report.what, report.row], [1, 'stock', lot.id]);
        assert.deepEqual(report.mismatches.filter((m) => m.lot === lot.id && m.what.startsWith('sold')), [{ what: 'sold', lot: lot.id, kept: sold - 200, counted: sold }, { what: 'sold-ordered', lot: lot.id, kept: sold - 200, counted: sold }]);
    });
});
