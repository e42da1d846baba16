// Money: an order paid by QR and bank notice, by cash at the door, too much, too little, twice, and told twice.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Stack, build } from './lib/stack.mjs';
import { after, before, describe, test } from './lib/test.mjs';
import { newKey, ok } from './lib/api.mjs';
import { driveOut, makeStall, placeOrder } from './lib/commune.mjs';
import { holdEnds, rows } from './lib/database.mjs';
import { until } from './lib/until.mjs';

const SECRET = 'bí-mật-của-hợp-tác-xã';
const KEY = 'sepay-key';
const NUMBER = '3600205123456';
let stack;
let messenger;
let count = 0;

before(async () => {
    stack = await Stack.start({ args: ['--relay', 'none'] });
    messenger = stack.client();
    const cadre = stack.client('cadre');
    ok(await cadre.post('/api/v1/bank-accounts', { key: newKey(), bin: '970405', number: NUMBER, holder: 'HTX Khe Nhinh' }), 201);
});
after(() => stack?.stop());

const setUp = () => writeFileSync(join(stack.dir, 'hooks.conf'),
    `[sepay]\nkey=${KEY}\nsecret=${SECRET}\n[casso]\ntoken=casso-token\n[payos]\nsecret=payos-secret\n`, { mode: 0o600 });

async function paidStall(fee_points = 0) {
    const stall = await makeStall(stack);
    const { accounts } = ok(await stall.cadre.get('/api/v1/bank-accounts'));
    const account = accounts.find((a) => a.number === NUMBER);
    ok(await stall.cadre.post(`/api/v1/stalls/${stall.slug}/payee`, { key: newKey(), account: account.id, fee_points }));
    return { ...stall, account };
}

/** A notice as SePay would send it. */
const notice = (code, amount, more = {}) => JSON.stringify({
    id: 100000 + ++count, gateway: 'Agribank', transactionDate: '2026-05-02 08:01:02', accountNumber: NUMBER, subAccount: null, code: null,
    content: `MBVCB.45.067.${code.toLowerCase()} chuyen tien CT tu 0123`, transferType: 'in', transferAmount: amount, accumulated: 0,
    referenceCode: `FT${count}`, description: '', ...more,
});

function knock(text, { secret = SECRET, at = Math.floor(Date.now() / 1000), headers } = {}) {
    const signature = `sha256=${createHmac('sha256', secret).update(`${at}.${text}`).digest('hex')}`;
    return messenger.send('POST', '/api/v1/hooks/sepay', { text, headers: headers ?? { 'x-sepay-timestamp': String(at), 'x-sepay-signature': signature } });
}

const paymentOf = async (client, code) => ok(await client.get(`/api/v1/orders/${code}/payment`));
const paid = (client, code, state) => until(`the payment of ${code} to be ${state}`, async () => (await paymentOf(client, code)).payment.state === state);

describe('paying by bank', () => {
    test('the order shows a VietQR for exactly what is due, and a notice pays it', async () => {
        setUp();
        const stall = await paidStall();
        const buyer = stack.client();
        const { order } = ok(await placeOrder(buyer, stall, 1500), 201);
        const { payment, qr } = await paymentOf(buyer, order.code);
        assert.deepEqual([payment.state, payment.due], ['expected', 30000]);
        assert.match(qr.svg, /^<svg /);
        const read = JSON.parse(execFileSync(join(build, 'bin/market'), ['qr', 'read', qr.payload], { encoding: 'utf8' }));
        assert.deepEqual([read.bin, read.account, read.amount, read.memo], ['970405', NUMBER, 30000, order.code]);
        assert.deepEqual(ok(await knock(notice(order.code, 30000))), { success: true });
        await paid(buyer, order.code, 'paid');
        const after = await paymentOf(buyer, order.code);
        assert.equal(after.qr, null);
        assert.equal(after.payment.received, 30000);
        const told = rows(stack.database, `SELECT kind FROM journal WHERE kind = 'payment.changed' AND full_body LIKE '%${order.code}%'`);
        assert.equal(told.length, 1);
    });

    test('a session entered by a link moves no money before its password was given', async () => {
        const stall = await paidStall();
        const { code } = ok(await placeOrder(stack.client(), stall, 1000), 201).order;
        const phone = `09${String(Date.now()).slice(-8)}`, password = `sương-${newKey()}`;
        const admin = stack.client('admin');
        const { person } = ok(await admin.post('/api/v1/people', { key: newKey(), name: 'Cán bộ', phone, place: 'Hữu Kiệm', roles: ['cadre'], password }), 201);
        const link = ok(await admin.post(`/api/v1/people/${person.id}/links`, { key: newKey() }), 201);
        const cadre = stack.client();
        ok(await cadre.post('/api/v1/login/link', { code: new URL(link.url, stack.origin).pathname.split('/').at(-1) }));
        const key = newKey();
        const before = rows(stack.database, 'SELECT COUNT(*) AS n FROM bank_account')[0].n;
        const tries = [['/api/v1/bank-accounts', { key, bin: '970418', number: '21510003078427', holder: 'HTX' }],
            [`/api/v1/stalls/${stall.slug}/payee`, { key, account: stall.account.id }], [`/api/v1/orders/${code}/refunds`, { key, amount: 1, reason: 'vì' }]];
        const all = async (client) => Promise.all(tries.map(async ([path, body]) => (await client.post(path, body)).body.code));
        assert.deepEqual(await all(cadre), ['password-again', 'password-again', 'password-again']);
        ok(await cadre.get('/api/v1/bank-accounts'));
        assert.equal((await cadre.post('/api/v1/me/proof', { password: 'không phải' })).body.code, 'bad-login');
        assert.equal((await cadre.post(tries[0][0], tries[0][1])).status, 403);
        assert.equal(rows(stack.database, 'SELECT COUNT(*) AS n FROM bank_account')[0].n, before);
        const copied = [...cadre.cookies].map(([n, v]) => `${n}=${v}`).join('; ');
        assert.equal((await cadre.post('/api/v1/me/proof', { password })).status, 204);
        assert.equal(ok(await stack.client().get('/api/v1/me', { headers: { cookie: copied } })).person, null);
        ok(await cadre.post(tries[0][0], tries[0][1]), 201);
    });

    test('who is not the messenger is told nothing and changes nothing', async () => {
        const stall = await paidStall();
        const buyer = stack.client();
        const { order } = ok(await placeOrder(buyer, stall, 1000), 201);
        const text = notice(order.code, 20000);
        const now = Math.floor(Date.now() / 1000);
        for (const reply of [
            await knock(text, { secret: 'other' }), await knock(text, { at: now - 400 }), await knock(text, { at: now + 400 }),
            await knock(text, { headers: {} }), await knock(text, { headers: { authorization: 'Apikey wrong' } }),
            await knock(text, { headers: { 'x-sepay-timestamp': String(now), 'x-sepay-signature': 'sha256=00' } }),
        ]) assert.equal(reply.status, 401, reply.text);
        assert.equal((await stack.client().post('/api/v1/hooks/casso', {})).status, 401);
        assert.equal((await paymentOf(buyer, order.code)).payment.state, 'expected');
        ok(await knock(text, { headers: { authorization: `Apikey ${KEY}` } }));
        await paid(buyer, order.code, 'paid');
    });

    test('a part gives the rest two hours; then the order is off and what came is to be given back', async () => {
        const stall = await paidStall();
        const buyer = stack.client();
        const { order } = ok(await placeOrder(buyer, stall, 5000), 201);
        const state = async () => ok(await buyer.get(`/api/v1/orders/${order.code}`)).order;
        const task = async (kind) => ok(await stall.cadre.get(`/api/v1/payment-tasks?kind=${kind}`)).tasks.find((t) => t.order === order.code)?.amount;
        ok(await knock(notice(order.code, 80000)));
        await paid(buyer, order.code, 'part');
        const { expires_at } = await state();
        assert.ok(expires_at >= order.placed_at + 120 * 60_000);
        assert.deepEqual([(await paymentOf(buyer, order.code)).payment.due, await task('under')], [20000, 20000]);
        ok(await knock(notice(order.code, 5000)));
        await until('the second part', async () => (await paymentOf(buyer, order.code)).payment.received === 85000);
        assert.equal((await state()).expires_at, expires_at);
        holdEnds(stack.database, order.code);
        await until('the order to be off', async () => (await state()).state === 'cancelled');
        assert.equal((await state()).reason, 'expired');
        const { payment } = await paymentOf(buyer, order.code);
        assert.deepEqual([payment.state, payment.returned], ['returned', 85000]);
        assert.deepEqual([await task('under'), await task('refund-due')], [undefined, 85000]);
        const { refund } = ok(await stall.cadre.post(`/api/v1/orders/${order.code}/refunds`, { key: newKey(), amount: 85000, reason: 'hết giờ' }), 201);
        assert.ok(ok(await stall.cadre.get('/api/v1/refunds?state=granted')).refunds.some((r) => r.id === refund.id && r.amount === 85000));
    });

    test('part, the rest, and too much', async () => {
        const stall = await paidStall();
        const buyer = stack.client();
        const { order } = ok(await placeOrder(buyer, stall, 2000), 201);
        ok(await knock(notice(order.code, 15000)));
        await paid(buyer, order.code, 'part');
        assert.equal((await paymentOf(buyer, order.code)).qr.amount, 25000);
        ok(await knock(notice(order.code, 30000)));
        await paid(buyer, order.code, 'paid');
        const { tasks } = ok(await stall.cadre.get('/api/v1/payment-tasks?kind=over'));
        assert.equal(tasks.find((t) => t.order === order.code).amount, 5000);
        // Granted by one, paid by another; the buyer had 5,000 đ good.
        const ask = (amount) => stall.cadre.post(`/api/v1/orders/${order.code}/refunds`, { key: newKey(), amount, reason: 'chuyển thừa' });
        assert.equal((await ask(5001)).status, 409);
        const { refund } = ok(await ask(5000), 201);
        assert.equal((await stall.cadre.post(`/api/v1/refunds/${refund.id}/pay`, { key: newKey(), way: 'bank', reference: 'FT1' })).status, 403);
        const { refund: done } = ok(await stack.client('admin').post(`/api/v1/refunds/${refund.id}/pay`, { key: newKey(), way: 'bank', reference: 'FT1' }));
        assert.equal(done.state, 'paid');
    });

    test('money nobody knows waits for a person; a slip is suggested', async () => {
        const stall = await paidStall();
        const buyer = stack.client();
        const { order } = ok(await placeOrder(buyer, stall, 1000), 201);
        const slip = order.code.slice(0, 4) + (order.code[4] === '5' ? '6' : '5') + order.code.slice(5);
        ok(await knock(notice(slip, 20000)));
        const task = await until('the task', async () => ok(await stall.cadre.get('/api/v1/payment-tasks?kind=unmatched')).tasks.find((t) => t.near.split(' ').includes(order.code)));
        assert.equal((await paymentOf(buyer, order.code)).payment.state, 'expected');
        const decide = () => stall.cadre.post(`/api/v1/payment-tasks/${task.id}`, { key: newKey(), outcome: 'matched', order: order.code });
        ok(await decide());
        assert.equal((await decide()).status, 409);
        assert.equal((await paymentOf(buyer, order.code)).payment.state, 'paid');
    });

    test('a statement tells what a notice told: nothing changes, and again nothing', async () => {
        const stall = await paidStall();
        const buyer = stack.client();
        const [{ order }, { order: other }] = [ok(await placeOrder(buyer, stall, 1000), 201), ok(await placeOrder(buyer, stall, 2000), 201)];
        ok(await knock(notice(order.code, 20000, { referenceCode: 'FT-X1' })));
        await paid(buyer, order.code, 'paid');
        const csv = `\ufeffSố tài khoản: ${NUMBER}\r\nNgày giao dịch;Số tham chiếu;Diễn giải;Nợ;Có;Số dư\r\n`
            + `02/05/2026 08:01:02;FT-X1;IBFT ${order.code};;20.000;20.000\r\n02/05/2026 09:00:00;FT-X2;${other.code} mua rau;;40.000;60.000\r\nTổng;;;;60.000;\r\n`;
        const bring = async () => ok(await stall.cadre.post(`/api/v1/bank-accounts/${stall.account.id}/statements`, { key: newKey(), file: Buffer.from(csv).toString('base64') }));
        const first = await bring();
        assert.deepEqual([first.counts.rows, first.counts.joined, first.counts.matched, first.statement.chain], [2, 1, 1, 'whole']);
        assert.equal((await bring()).counts.repeated, 2);
        assert.equal((await paymentOf(buyer, other.code)).payment.state, 'paid');
        assert.equal((await paymentOf(buyer, order.code)).payment.received, 20000);
        const bad = await stall.cadre.post(`/api/v1/bank-accounts/${stall.account.id}/statements`, { key: newKey(), file: Buffer.from('a,b\n1,2\n').toString('base64') });
        assert.deepEqual([bad.status, bad.body.reason], [400, 'no-header']);
    });

    test('money for a cancelled order is the buyer\'s, not lost', async () => {
        const stall = await paidStall();
        const buyer = stack.client();
        const { order } = ok(await placeOrder(buyer, stall, 1000), 201);
        ok(await stall.farmer.post(`/api/v1/orders/${order.code}/confirm`, { key: newKey() }));
        ok(await knock(notice(order.code, 20000)));
        await paid(buyer, order.code, 'paid');
        ok(await stall.farmer.post(`/api/v1/orders/${order.code}/cancel`, { key: newKey(), reason: 'mưa đá' }));
        assert.equal((await paymentOf(buyer, order.code)).payment.state, 'returned');
        const { tasks } = ok(await stall.cadre.get('/api/v1/payment-tasks?kind=refund-due'));
        assert.equal(tasks.find((t) => t.order === order.code).amount, 20000);
    });
});

describe('cash', () => {
    test('from the door over the courier to the office, and the farmer is paid', async () => {
        const stall = await paidStall(1000); // 10 % for the co-op
        const [buyer, courier, admin] = [stack.client(), stack.client('courier'), stack.client('admin')];
        const me = ok(await admin.get('/api/v1/me')).person;
        const { order } = ok(await placeOrder(buyer, stall, 1000), 201);
        const taken = { key: newKey(), amount: 20000 };
        assert.equal((await courier.post(`/api/v1/orders/${order.code}/cash`, taken)).status, 404); // not on board
        await driveOut(stall, courier, [order.code]);
        const first = ok(await courier.post(`/api/v1/orders/${order.code}/cash`, taken));
        assert.deepEqual(ok(await courier.post(`/api/v1/orders/${order.code}/cash`, taken)), first); // the phone synced twice
        assert.equal(first.payment.state, 'cash');
        const before = ok(await courier.get('/api/v1/handovers')).balance;
        const { handover } = ok(await courier.post('/api/v1/handovers', { key: newKey(), to: me.id, amount: 20000 }), 201);
        assert.equal((await courier.post(`/api/v1/handovers/${handover.id}/take`, { key: newKey(), counted: 20000 })).status, 403);
        ok(await admin.post(`/api/v1/handovers/${handover.id}/take`, { key: newKey(), counted: 20000 }));
        assert.equal(ok(await courier.get('/api/v1/handovers')).balance, before - 20000);
        assert.equal((await paymentOf(buyer, order.code)).payment.state, 'paid');
        assert.ok(ok(await courier.get('/api/v1/cash')).days.every((d) => d.collected >= d.remitted));
        const pay = (amount) => admin.post(`/api/v1/people/${stall.person.id}/payouts`, { key: newKey(), way: 'cash', amount, reference: 'ký nhận' });
        assert.equal((await pay(18001)).status, 409);
        const { settlement } = ok(await pay(18000));
        assert.deepEqual([settlement.earned, settlement.paid, settlement.payable], [18000, 18000, 0]);
        assert.equal((await paymentOf(buyer, order.code)).payment.state, 'settled');
        const own = ok(await stall.farmer.get(`/api/v1/people/${stall.person.id}/settlement`));
        assert.match(own.csv, new RegExp(order.code));
        assert.equal((await stall.farmer.get(`/api/v1/people/${me.id}/settlement`)).status, 403);
    });
});

describe('the market dies', () => {
    test('every notice that was answered is booked after a kill -9, once', async () => {
        const stall = await paidStall();
        const buyer = stack.client();
        const orders = [];
        for (let i = 0; i < 8; i++) orders.push(ok(await placeOrder(buyer, stall, 1000), 201).order);
        const answered = [];
        const knocking = orders.map(async (order) => {
            const text = notice(order.code, 20000);
            try {
                if ((await knock(text)).status === 200) answered.push(order.code);
            } catch { /* cut off: it was not answered */ }
        });
        await Promise.any(knocking);
        stack.market.kill('SIGKILL');
        await Promise.all(knocking);
        await stack.market.ended;
        await stack.startMarket();
        assert.ok(answered.length > 0);
        for (const code of answered) await paid(buyer, code, 'paid');
        const sums = rows(stack.database, "SELECT SUM(balance) AS whole FROM account");
        assert.equal(sums[0].whole, 0);
        for (const code of answered) assert.equal((await paymentOf(buyer, code)).payment.received, 20000);
    });
});
