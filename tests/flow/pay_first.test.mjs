// Cash at the door has bounds: a buyer beyond them is told so before ordering and after, in words, and shown how to pay instead.
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Stack, root } from './lib/stack.mjs';
import { Browser, seen, tap, words } from './lib/browser.mjs';
import { after, before, describe, test } from './lib/test.mjs';
import { newKey, ok } from './lib/api.mjs';
import { driveOut, makeStall, placeOrder } from './lib/commune.mjs';
import { until } from './lib/until.mjs';

const PHONE = '0912555444';
const shots = join(root, 'build/screenshots');
let stack, browser, admin, cadre, courier, stall;

before(async () => {
    mkdirSync(shots, { recursive: true });
    [stack, browser] = await Promise.all([Stack.start({ args: ['--relay', 'none'] }), Browser.start()]);
    [admin, cadre, courier] = [await stack.login('admin'), await stack.login('cadre'), stack.client('courier')];
    stall = await makeStall(stack, { lots: [{ name: 'Sâm nương', unit: 'kg', price: 600000, amount: 100000 }] });
    ok(await admin.post('/api/v1/bank-accounts', { key: newKey(), bin: '970405', number: '3600205123456', holder: 'HTX Khe Nhinh' }), 201);
    const [account] = ok(await admin.get('/api/v1/bank-accounts')).accounts;
    ok(await admin.post(`/api/v1/stalls/${stall.slug}/payee`, { key: newKey(), account: account.id, fee_points: 1000 }));
});
after(async () => {
    await browser?.stop();
    await stack?.stop();
});

const shot = (page, name) => page.screenshot({ path: join(shots, `${name}.png`), fullPage: true, scale: 'css' });
const why = (page) => page.getByTestId('pay-first').first().getAttribute('data-why');

/** A buyer whose door was refused three times. */
async function refuser() {
    const buyer = stack.client();
    for (let i = 0; i < 3; i++) {
        const { order } = ok(await placeOrder(buyer, stall, 500, { phone: PHONE }), 201);
        const trip = await driveOut(stall, courier, [order.code]);
        const { stops: [stop] } = ok(await courier.get(`/api/v1/trips/${trip.id}`)).trip;
        ok(await courier.post(`/api/v1/stops/${stop.id}/mark`, { key: newKey(), to: 'failed', reason: 'refused' }));
        ok(await courier.post(`/api/v1/trips/${trip.id}/move`, { key: newKey(), to: 'closed' }));
        ok(await cadre.post(`/api/v1/orders/${order.code}/cancel`, { key: newKey() }));
    }
    return buyer;
}

async function fill(page, phone) {
    await page.goto(`/s/${stall.slug}`);
    await tap(page, `order-${stall.lot.id}`);
    for (const [id, text] of [['name', 'Chị Hoa'], ['phone', phone], ['place', 'Mường Xén']]) await page.getByTestId(`order-${id}`).fill(text);
}

describe('the bounds', () => {
    test('are the office\'s to set, within their range, and count at once on the buyer\'s page', async () => {
        const buyer = stack.client();
        const { order: { code } } = ok(await placeOrder(buyer, stall, 1000, { phone: '0912333222' }), 201);
        const look = await browser.person(stack, { cookies: cadre.cookies });
        await look.goto('/money#settings');
        await seen(look, 'cash-bounds');
        assert.equal(await look.getByTestId('bounds-change').count(), 0, 'a cadre reads them');
        await look.context().close();
        const page = await browser.person(stack, { cookies: admin.cookies });
        await page.goto('/money#settings');
        await seen(page, 'cash-bounds');
        assert.match(await words(page, 'cash-bounds'), /5\.000\.000/);
        await tap(page, 'bounds-change');
        for (const [field, bad, good] of [['refusals', '51', '2'], ['days', '0', '60'], ['owed_max', '100.000.001', '500.000']]) {
            await page.getByTestId(`bounds-${field}`).fill(bad);
            assert.ok(await page.getByTestId('bounds-save').isDisabled(), field);
            await page.getByTestId(`bounds-${field}`).fill(good);
        }
        await shot(page, 'bounds-sheet');
        await tap(page, 'bounds-save');
        await until('the bounds to be set', async () => await page.getByTestId('cash-bounds').getAttribute('data-owed') === '500000');
        assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 360);
        await tap(page, 'bounds-past');
        await shot(page, 'bounds');
        const mine = await browser.person(stack, { cookies: buyer.cookies });
        await mine.goto(`/orders/${code}`);
        await seen(mine, 'pay-first');
        assert.match(await words(mine, 'pay-first'), /500\.000/);
        for (const p of [page, mine]) assert.deepEqual(p.trouble, []);
        await page.context().close();
        await mine.context().close();
        ok(await admin.post('/api/v1/cash-bounds', { key: newKey(), refusals: 3, days: 90, owed_max: 5000000 }), 201);
        assert.equal(ok(await buyer.get(`/api/v1/orders/${code}/payment`)).cash.pay_first, null);
    });
});

describe('who must pay first', () => {
    test('hears it on the order sheet, has the QR and no cash after it, and cash again when the office says so', async () => {
        const buyer = await refuser();
        const page = await browser.person(stack, { cookies: buyer.cookies });
        await fill(page, '0912 000 999');
        assert.equal(await page.getByTestId('pay-first').count(), 0, 'nothing is said of another number');
        await page.getByTestId('order-phone').fill(PHONE);
        await seen(page, 'pay-first');
        assert.equal(await why(page), 'cod-refusals');
        const [notice, button] = await Promise.all([page.locator('.pay-first-short').boundingBox(), page.getByTestId('order-send').boundingBox()]);
        assert.ok(notice.y > 0 && notice.y < button.y && button.y < 740, 'it is in sight where the order is sent');
        assert.match(await words(page, 'pay-first'), /3 lần.*90 ngày.*mã QR/s);
        await shot(page, 'pay-first-before');
        await tap(page, 'order-send');
        await seen(page, 'order-saved');
        const code = await page.getByTestId('order-saved').getAttribute('data-code');
        await page.goto(`/orders/${code}`);
        await seen(page, 'pay-first');
        await seen(page, 'pay-qr');
        assert.equal(await page.getByTestId('pay-cash').isDisabled(), true);
        assert.match(await words(page, 'pay-first'), /trước khi giao/);
        assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 360);
        await shot(page, 'pay-first-order');
        for (const [lang, said] of [['en', /before it is brought/], ['fr', /avant la livraison/]]) {
            await page.goto(`/orders/${code}?lang=${lang}`);
            await seen(page, 'pay-first');
            assert.match(await words(page, 'pay-first'), said);
        }
        const refused = await buyer.post(`/api/v1/orders/${code}/pay-way`, { key: newKey(), way: 'cash' });
        assert.deepEqual([refused.status, refused.body.code, refused.body.reason], [409, 'wrong-moment', 'cod-refusals']);

        const desk = await browser.person(stack, { cookies: cadre.cookies });
        await desk.goto(`/orders/${code}`);
        await seen(desk, 'pay-first');
        await tap(desk, 'pay-cash');
        await until('the market to know', async () => ok(await buyer.get(`/api/v1/orders/${code}/payment`)).cash.pay_first === null);
        await page.reload();
        await seen(page, 'pay-cash-words');
        assert.equal(await page.getByTestId('pay-first').count(), 0);
        for (const p of [page, desk]) assert.deepEqual(p.trouble, []);
        await page.context().close();
        await desk.context().close();
    }, { ms: 180000 });

    test('more than one number may owe at once is said while it is being ordered, to a stranger, too', async () => {
        const page = await browser.person(stack, { lang: 'en' });
        await fill(page, '0912777666');
        assert.equal(await page.getByTestId('pay-first').count(), 0);
        for (let n = 0; n < 40 && await page.getByTestId('pay-first').count() === 0; n++) await tap(page, `line-plus-${stall.lot.id}`);
        assert.equal(await why(page), 'cod-cap');
        assert.match(await words(page, 'pay-first'), /5\.000\.000/);
        await tap(page, 'order-send');
        await seen(page, 'order-saved');
        await seen(page, 'pay-first');
        assert.equal(await page.getByTestId('pay-cash').isDisabled(), true);
        assert.deepEqual(page.trouble, []);
        await page.context().close();
    });
});
