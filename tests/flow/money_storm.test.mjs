// A bank's messenger repeats one notice a thousand times at once, from its one address, with all limits on: each is answered,
// one credit is booked, and nobody without the secret gets the wide door.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { Stack } from './lib/stack.mjs';
import { after, before, describe, figure, test } from './lib/test.mjs';
import { newKey, ok } from './lib/api.mjs';
import { makeStall, placeOrder } from './lib/commune.mjs';
import { rows } from './lib/database.mjs';
import { until } from './lib/until.mjs';

const SECRET = 'bí-mật-của-hợp-tác-xã';
const NUMBER = '3600205123456';
const TIMES = 1000;
const REQUESTS_BURST = 300;
let stack, stall;

before(async () => {
    stack = await Stack.start({ args: ['--relay', 'none', '--limit-loopback', '--requests-burst', String(REQUESTS_BURST), '--requests-per-second', '20'] });
    writeFileSync(join(stack.dir, 'hooks.conf'), `[sepay]\nsecret=${SECRET}\n`, { mode: 0o600 });
    stall = await makeStall(stack);
    const { id: account } = ok(await stall.cadre.post('/api/v1/bank-accounts', { key: newKey(), bin: '970405', number: NUMBER, holder: 'HTX' }), 201);
    ok(await stall.cadre.post(`/api/v1/stalls/${stall.slug}/payee`, { key: newKey(), account }));
});
after(() => stack?.stop());

/** The bytes of one delivery, signed. */
function delivery(text, secret = SECRET) {
    const at = Math.floor(Date.now() / 1000);
    const signature = createHmac('sha256', secret).update(`${at}.${text}`).digest('hex');
    return `POST /api/v1/hooks/sepay HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nX-SePay-Timestamp: ${at}\r\n`
        + `X-SePay-Signature: sha256=${signature}\r\nContent-Length: ${Buffer.byteLength(text)}\r\nConnection: close\r\n\r\n${text}`;
}

/** A connection of its own from `address`; ready once it may speak. say(bytes) gives the status of the answer, 0 for none. */
function caller(address) {
    const socket = connect({ host: '127.0.0.1', port: new URL(stack.origin).port, servername: 'localhost', ca: stack.ca, localAddress: address });
    let heard = '';
    const over = new Promise((resolve) => {
        socket.on('data', (part) => { heard += part; }).on('error', () => resolve(0)).on('close', () => resolve(Number(/^HTTP\/1\.1 (\d{3})/.exec(heard)?.[1] ?? 0)));
    });
    const ready = new Promise((resolve) => { socket.once('secureConnect', () => resolve(true)).once('close', () => resolve(false)); });
    return { ready, say: (bytes) => { socket.write(bytes); return over; } };
}

const credits = (code) => rows(stack.database, `SELECT d.kind FROM disposition d JOIN orders o ON o.id = d.order_id WHERE o.code = '${code}'`);

async function ordered() {
    const buyer = stack.client();
    return { buyer, order: ok(await placeOrder(buyer, stall, 1000), 201).order };
}

const notice = (id, code) => JSON.stringify({
    id, gateway: 'Agribank', transactionDate: '2026-05-02 08:01:02', accountNumber: NUMBER, subAccount: null, code: null, content: `MBVCB.45.${code} chuyen tien`,
    transferType: 'in', transferAmount: 20000, accumulated: 0, referenceCode: `FT${id}`, description: '',
});

/** All connected before the first speaks, then all at once. */
async function storm(text, addressOf) {
    const callers = Array.from({ length: TIMES }, (_, i) => caller(addressOf(i)));
    const ready = await Promise.all(callers.map((c) => c.ready));
    assert.equal(ready.filter(Boolean).length, TIMES, 'connections that were let in');
    const bytes = delivery(text), from = Date.now();
    const statuses = await Promise.all(callers.map((c) => c.say(bytes)));
    figure(`ms until all of ${TIMES} deliveries at once were answered`, Date.now() - from);
    return statuses;
}

describe('a notice told a thousand times at once', () => {
    for (const [where, addressOf] of [['one address', () => '127.0.0.1'], ['four addresses', (i) => `127.0.0.${2 + i % 4}`]]) {
        test(`from ${where} is answered each time and booked once`, async () => {
            const { buyer, order } = await ordered();
            const statuses = await storm(notice(where === 'one address' ? 1 : 2, order.code), addressOf);
            assert.deepEqual([...new Set(statuses)], [200]);
            const payment = await until('the order to be paid', async () => {
                const { payment: p } = ok(await buyer.get(`/api/v1/orders/${order.code}/payment`));
                return p.state === 'paid' && p;
            });
            assert.equal(payment.received, 20000);
            await until('every delivery to be read', () => rows(stack.database, "SELECT COUNT(*) AS n FROM bank_raw WHERE read = 'waiting'")[0].n === 0);
            assert.deepEqual(credits(order.code).map((d) => d.kind), ['matched']);
            assert.equal(rows(stack.database, `SELECT COUNT(*) AS n FROM entry e JOIN orders o ON o.id = e.order_id WHERE o.code = '${order.code}' AND e.kind = 'payment'`)[0].n, 1);
            assert.equal(ok(await stall.cadre.get('/api/v1/payment-tasks')).tasks.length, 0);
        }, { ms: 180000 });
    }

    test('by somebody without the secret has no wide door, and does not shut it for the bank', async () => {
        const { buyer, order } = await ordered();
        const text = notice(3, order.code);
        const statuses = await Promise.all(Array.from({ length: TIMES / 2 }, () => caller('127.0.0.9').say(delivery(text, 'other'))));
        assert.deepEqual([...new Set(statuses)].sort(), [401, 429]);
        assert.ok(statuses.filter((s) => s === 401).length >= REQUESTS_BURST);
        assert.equal((await caller('127.0.0.9').say(delivery(text))), 200);
        await until('the order to be paid', async () => ok(await buyer.get(`/api/v1/orders/${order.code}/payment`)).payment.state === 'paid');
        assert.equal(credits(order.code).length, 1);
    }, { ms: 120000 });
});
