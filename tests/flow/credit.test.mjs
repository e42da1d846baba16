// What a buyer has good with the market (paid too much, or for an order that was cancelled) pays other orders: over the API and by one tap.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Stack, build, root } from './lib/stack.mjs';
import { Browser, seen, tap, words } from './lib/browser.mjs';
import { after, before, describe, test } from './lib/test.mjs';
import { newKey, ok } from './lib/api.mjs';
import { driveOut, makeStall, placeOrder } from './lib/commune.mjs';
import { holdEnds, rows } from './lib/database.mjs';
import { until } from './lib/until.mjs';

const shots = join(root, 'build/screenshots');
let stack, browser, cadre, admin, courier, stall;

const act = (client, path, body = {}) => client.post(`/api/v1/${path}`, { key: newKey(), ...body });
const refused = async (who, path, body) => { const { status, body: said } = await act(who, path, body); return [status, said.reason]; };
const payment = async (who, code) => ok(await who.get(`/api/v1/orders/${code}/payment`));
const good = (order) => 0 - (rows(stack.database, `SELECT a.balance FROM account a JOIN orders o ON o.buyer = a.subject WHERE a.kind = 'credit' AND o.code = '${order.code}'`)[0]?.balance ?? 0);
const waiting = async (...orders) => ok(await cadre.get('/api/v1/payment-tasks')).tasks.filter((t) => orders.some((o) => o.code === t.order)).map((t) => [t.kind, t.order, t.amount]);

before(async () => {
    mkdirSync(shots, { recursive: true });
    [stack, browser] = await Promise.all([Stack.start({ args: ['--relay', 'none'] }), Browser.start()]);
    [cadre, admin, courier] = [stack.client('cadre'), stack.client('admin'), stack.client('courier')];
    stall = await makeStall(stack, { lots: [{ name: 'Rau cải', unit: 'kg', price: 20000, amount: 100000 }] });
    const { id } = ok(await act(cadre, 'bank-accounts', { bin: '970405', number: '3600205123999', holder: 'HTX Khe Nhinh' }), 201);
    ok(await act(cadre, `stalls/${stall.slug}/payee`, { account: id, fee_points: 1000 }));
});
after(async () => {
    await browser?.stop();
    await stack?.stop();
});

/** A buyer who paid `more` too much for an order of 20,000 đ. */
async function creditor(more) {
    const buyer = stack.client(), { order } = ok(await placeOrder(buyer, stall, 1000), 201);
    ok(await act(stall.farmer, `orders/${order.code}/confirm`));
    ok(await act(cadre, `orders/${order.code}/cash`, { amount: order.total + more }));
    return { buyer, order };
}
const next = async (buyer, quantity = 1000, more = {}) => ok(await placeOrder(buyer, stall, quantity, more), 201).order;

function verified() {
    const { status, stdout, stderr } = spawnSync(join(build, 'bin/market'), ['verify', '--data', stack.dir], { encoding: 'utf8', env: { ...process.env, ASAN_OPTIONS: 'detect_leaks=0' } });
    assert.equal(status, 0, stdout + stderr);
}

describe('a buyer\'s credit', () => {
    test('pays a part of another order: the QR is for the rest, less waits to be refunded, and the same key pays once', async () => {
        const { buyer, order } = await creditor(12000), other = await next(buyer), body = { key: newKey(), amount: 5000 };
        assert.deepEqual((await payment(buyer, other.code)).credit, { have: 12000, use: 12000 });
        const path = `/api/v1/orders/${other.code}/credit`, first = await buyer.post(path, body);
        assert.equal(ok(first).payment.due, 15000);
        assert.equal((await buyer.post(path, body)).text, first.text);
        const { payment: p, qr, credit } = await payment(buyer, other.code);
        assert.deepEqual([p.state, p.received, p.due, qr.amount, credit], ['part', 5000, 15000, 15000, { have: 7000, use: 7000 }]);
        assert.deepEqual([good(order), await waiting(order, other)], [7000, [['over', order.code, 7000]]]);
        verified();
    });

    test('pays all of an order, which is kept without an end from then on; a part does not keep it', async () => {
        const { buyer, order } = await creditor(25000), whole = await next(buyer), part = await next(buyer);
        for (const { code } of [whole, part]) ok(await act(buyer, `orders/${code}/credit`));
        const now = async ({ code }) => ok(await buyer.get(`/api/v1/orders/${code}`)).order;
        assert.deepEqual([(await now(whole)).expires_at, (await now(part)).expires_at, good(order)], [null, part.expires_at, 0]);
        assert.deepEqual([(await payment(buyer, whole.code)).payment.state, (await payment(buyer, part.code)).payment.due], ['paid', 15000]);
        assert.deepEqual(await waiting(order, whole, part), []);
        holdEnds(stack.database, part.code);                      // nobody paid the rest: what it had is good again
        await until('the order to expire', async () => (await now(part)).state === 'cancelled');
        assert.deepEqual([good(order), await waiting(order, part)], [5000, [['refund-due', part.code, 5000]]]);
        verified();
    });

    test('comes back when the order is cancelled, before and after the farmer\'s yes', async () => {
        const { buyer, order } = await creditor(50000), one = await next(buyer), two = await next(buyer);
        for (const { code } of [one, two]) ok(await act(buyer, `orders/${code}/credit`));
        assert.equal(good(order), 10000);
        ok(await act(stall.farmer, `orders/${two.code}/confirm`));
        ok(await act(buyer, `orders/${one.code}/cancel`));
        ok(await act(stall.farmer, `orders/${two.code}/cancel`, { why: 'no-goods' }));
        assert.deepEqual([good(order), (await payment(buyer, two.code)).payment.state], [50000, 'returned']);
        const third = await next(buyer, 2000);
        ok(await act(buyer, `orders/${third.code}/credit`, { amount: 40000 }));
        assert.deepEqual([good(order), (await waiting(order, one, two)).reduce((n, [, , amount]) => n + amount, 0)], [10000, 10000]);
        verified();
    });

    test('pays an order as it is placed, up to what the buyer was shown; who has none has ordered all the same', async () => {
        const { buyer, order } = await creditor(30000), mine = ok(await buyer.get('/api/v1/me/cash')).cash;
        assert.equal(mine.credit, 30000);
        const first = await next(buyer, 1000, { credit: 8000 }), second = await next(buyer, 1000, { credit: 20000 }), third = await next(buyer, 1000, { credit: 20000 }), fourth = await next(buyer, 1000, { credit: 20000 });
        const dues = [];
        for (const { code } of [first, second, third, fourth]) dues.push((await payment(buyer, code)).payment.due);
        assert.deepEqual([dues, good(order), second.expires_at], [[12000, 0, 18000, 20000], 0, null]);
        const stranger = await next(stack.client(), 500, { credit: 20000 });
        assert.equal(stranger.state, 'placed');
        verified();
    });

    test('goes on with orders that are made one, beside those that are not paid; money of a bank or a hand does not', async () => {
        const { buyer, order } = await creditor(26000), codes = [];
        for (let i = 0; i < 3; i++) codes.push((await next(buyer)).code);
        for (const code of codes.slice(0, 2)) ok(await act(buyer, `orders/${code}/credit`));
        const { order: one } = ok(await act(buyer, 'orders/merge', { orders: codes }));
        const { payment: p, credit } = await payment(buyer, one.code);
        assert.ok(one.expires_at > 0, 'the rest is still to come');
        assert.deepEqual([p.total, p.received, p.due, credit], [60000, 26000, 34000, { have: 0, use: 0 }]);
        assert.deepEqual(await waiting(order, one, ...codes.map((code) => ({ code }))), []);
        const more = await next(buyer);
        ok(await act(cadre, `orders/${more.code}/cash`, { amount: 1000 }));
        assert.deepEqual(await refused(buyer, 'orders/merge', { orders: [one.code, more.code] }), [409, 'paid']);
        ok(await act(buyer, `orders/${one.code}/cancel`));
        assert.equal(good(order), 26000);
        verified();
    });

    test('is the buyer\'s and the office\'s to use and to see, and no more than is good or due', async () => {
        const { buyer, order } = await creditor(9000), other = await next(buyer), at = `orders/${other.code}/credit`;
        assert.equal((await payment(stall.farmer, other.code)).credit, null);
        assert.deepEqual(await refused(stall.farmer, at), [403, undefined]);
        assert.equal((await act(stack.client(), at)).status, 401);
        assert.equal((await act((await creditor(1000)).buyer, at)).status, 404);
        assert.deepEqual(await refused(buyer, at, { amount: 9001 }), [409, 'not-enough']);
        assert.deepEqual(await refused(buyer, `orders/${order.code}/credit`), [409, 'paid']);
        for (const amount of [0, -1, 0.5, '9000', 500_000_000]) assert.equal((await act(buyer, at, { amount })).status, 400);
        const small = await next(buyer, 100);
        assert.deepEqual(await refused(buyer, `orders/${small.code}/credit`, { amount: 2001 }), [409, 'too-much']);
        ok(await act(cadre, at));
        assert.deepEqual(await refused(buyer, `orders/${small.code}/credit`), [409, 'no-credit']);
        ok(await act(buyer, `orders/${small.code}/cancel`));
        assert.deepEqual(await refused(buyer, `orders/${small.code}/credit`), [409, 'cancelled']);
        assert.equal(good(order), 0);
    });

    test('that came of a door\'s cash and is spent keeps that door from being taken back; unspent it goes, and nobody refunds it', async () => {
        const proof = { kind: 'signature', body: 'M1 1L2 2' }, answers = [];
        for (const spend of [true, false]) {
            const buyer = stack.client(), order = await next(buyer), trip = await driveOut(stall, courier, [order.code]);
            const [stop] = ok(await courier.get(`/api/v1/trips/${trip.id}`)).trip.stops;
            ok(await act(courier, `stops/${stop.id}/mark`, { to: 'delivered', proof, collected: order.total + 6000 }));
            assert.deepEqual(await waiting(order), [['over', order.code, 6000]]);
            if (spend) ok(await act(buyer, `orders/${(await next(buyer)).code}/credit`));
            answers.push([...await refused(courier, `stops/${stop.id}/undo`), good(order), (await waiting(order)).length]);
        }
        assert.deepEqual(answers, [[409, 'not-enough', 0, 0], [200, undefined, 0, 0]]);
        verified();
    });

    test('cannot be refunded once it is spent, and what others wait for shrinks with a refund', async () => {
        const { buyer, order } = await creditor(9000), other = await next(buyer);
        ok(await act(cadre, `orders/${other.code}/cash`, { amount: other.total + 4000 }));
        ok(await act(cadre, `orders/${order.code}/refunds`, { amount: 11000, reason: 'đưa thừa' }), 201);
        assert.deepEqual([good(order), await waiting(order, other)], [2000, [['over', other.code, 2000]]]);
        const third = await next(buyer);
        ok(await act(buyer, `orders/${third.code}/credit`));
        assert.deepEqual(await refused(cadre, `orders/${other.code}/refunds`, { amount: 2000, reason: 'đưa thừa' }), [409, 'not-enough']);
        assert.deepEqual(await waiting(order, other, third), []);
    });
});

describe('on the pages', () => {
    const shot = (page, name) => page.screenshot({ path: join(shots, `${name}.png`), fullPage: true, scale: 'css' });
    const fits = async (page) => assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 360);

    test('the buyer sees what is good and pays with one tap; the QR is for the rest', async () => {
        const { buyer } = await creditor(12000), { code } = await next(buyer);
        const page = await browser.person(stack, { cookies: buyer.cookies });
        await page.goto(`/orders/${code}`);
        await seen(page, 'credit-use');
        assert.match(await words(page, 'credit'), /12\.000/);
        await shot(page, 'credit');
        await fits(page);
        const desk = await browser.person(stack, { cookies: (await stack.login('cadre')).cookies });
        await desk.goto(`/orders/${code}`);
        await until('the cadre to read whose it is', async () => /^Người mua/.test(await words(desk, 'credit')));
        assert.deepEqual(desk.trouble, []);
        await desk.context().close();
        await tap(page, 'credit-use');
        await until('the QR to be for the rest', async () => /8\.000/.test(await words(page, 'pay-amount')));
        assert.equal(await page.getByTestId('credit').count(), 0);
        assert.equal(await page.getByTestId('pay-state').getAttribute('data-state'), 'short');
        await shot(page, 'credit-used');
        assert.deepEqual(page.trouble, []);
        await page.context().close();
    });

    test('what pays all of it ends the countdown on the page', async () => {
        const { buyer } = await creditor(20000), { code } = await next(buyer);
        const page = await browser.person(stack, { cookies: buyer.cookies });
        await page.goto(`/orders/${code}`);
        await seen(page, 'countdown');
        await tap(page, 'credit-use');
        await until('the order to be paid', async () => await page.getByTestId('pay-state').getAttribute('data-state') === 'paid');
        await page.getByTestId('countdown').waitFor({ state: 'detached' });
        assert.deepEqual(page.trouble, []);
        await page.context().close();
    });

    test('a tick while ordering pays with it', async () => {
        const { buyer } = await creditor(50000);
        const page = await browser.person(stack, { cookies: buyer.cookies });
        await page.goto(`/s/${stall.slug}`);
        await tap(page, `order-${stall.lot.id}`);
        for (const [id, text] of [['name', 'Chị Hoa'], ['phone', '0912345678'], ['place', 'Mường Xén']]) await page.getByTestId(`order-${id}`).fill(text);
        await seen(page, 'order-credit');
        await page.getByTestId('order-credit').check();
        await shot(page, 'credit-ordering');
        await fits(page);
        await tap(page, 'order-send');
        await seen(page, 'order-saved');
        await until('the order to be paid', async () => await page.getByTestId('pay-state').getAttribute('data-state') === 'paid');
        assert.deepEqual(page.trouble, []);
        await page.context().close();
    });

    test('orders made one that said different ways: who opens it is told, until somebody says it anew', async () => {
        const buyer = stack.client(), codes = [];
        for (const way of ['cash', 'bank']) {
            const { code } = await next(buyer);
            ok(await act(buyer, `orders/${code}/pay-way`, { way }));
            codes.push(code);
        }
        const page = await browser.person(stack, { cookies: buyer.cookies });
        await page.goto(`/s/${stall.slug}`);
        await tap(page, 'merge');
        await until('the words about it', async () => (await page.getByTestId('notice').allTextContents()).some((said) => codes.every((code) => !said.includes(code)) && /CX/.test(said)));
        await shot(page, 'merge-differed');
        await fits(page);
        const [{ code, pay_way: way }] = ok(await buyer.get('/api/v1/orders')).orders;
        assert.equal(way, 'bank');
        const desk = await browser.person(stack, { cookies: (await stack.login('cadre')).cookies });
        for (const who of [page, desk]) {
            await who.goto(`/orders/${code}`);
            await seen(who, 'pay-differed');
        }
        await shot(page, 'merge-differed-order');
        await tap(page, 'pay-cash');
        await until('it to be said anew', async () => (await payment(buyer, code)).way_differed === false);
        await page.getByTestId('pay-differed').waitFor({ state: 'detached' });
        assert.equal((await payment(buyer, code)).way, 'cash');
        for (const who of [page, desk]) assert.deepEqual(who.trouble, []);
        await page.context().close();
        await desk.context().close();
    });
});
