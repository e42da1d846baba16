// An order that goes with a delivery company: its buyer sees who has it and how to ask there; the office says what came back and puts
// a difference away. And what a door did not take, on the order's page.
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Stack, root } from './lib/stack.mjs';
import { Browser, seen, tap, words } from './lib/browser.mjs';
import { after, before, describe, test } from './lib/test.mjs';
import { newKey, ok } from './lib/api.mjs';
import { driveOut, makeStall, placeOrder } from './lib/commune.mjs';
import { until } from './lib/until.mjs';

const shots = join(root, 'build/screenshots');
let stack, browser, admin, stall;

before(async () => {
    mkdirSync(shots, { recursive: true });
    [stack, browser] = await Promise.all([Stack.start({ args: ['--relay', 'none'] }), Browser.start()]);
    admin = await stack.login('admin');
    stall = await makeStall(stack);
});
after(async () => {
    await browser?.stop();
    await stack?.stop();
});

const shot = (page, name) => page.screenshot({ path: join(shots, `${name}.png`), fullPage: true, scale: 'css' });
const fits = async (page) => assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 360);

describe('a delivery company', () => {
    test('is named to the buyer with its number, page and telephone; comes back; its difference is put away', async () => {
        const buyer = stack.client();
        const { order } = ok(await placeOrder(buyer, stall, 1000), 201);
        ok(await stall.farmer.post(`/api/v1/orders/${order.code}/confirm`, { key: newKey() }));
        const mine = await browser.person(stack, { cookies: buyer.cookies });
        await mine.goto(`/orders/${order.code}`);
        await seen(mine, 'order-state');

        const desk = await browser.person(stack, { cookies: admin.cookies });
        await desk.goto('/money#carriers');
        await tap(desk, 'carrier-add');
        await desk.getByTestId('carrier-sheet-0').fill('Giao Nhanh');
        await desk.getByTestId('carrier-sheet-2').fill('http://giao.example/{}');
        await tap(desk, 'carrier-sheet-save');
        await until('a refusal of the address', async () => (await desk.getByTestId('carrier-sheet').getByTestId('notice').getAttribute('data-tone')) === 'bad');
        await desk.getByTestId('carrier-sheet-2').fill('https://giao.example/don/{}');
        await tap(desk, 'carrier-sheet-save');
        await tap(desk, 'carrier-edit-1');
        assert.equal(await desk.getByTestId('carrier-form-2').inputValue(), 'https://giao.example/don/{}');
        await desk.getByTestId('carrier-form-1').fill('1900 1234');
        await tap(desk, 'carrier-form-save');
        await desk.getByTestId('carrier-form-save').waitFor({ state: 'detached' });
        await tap(desk, 'carrier-hand-1');
        await desk.getByTestId('parcel-sheet-0').fill(order.code);
        await desk.getByTestId('parcel-sheet-1').fill('gn-0001');
        await tap(desk, 'parcel-sheet-save');

        await seen(mine, 'carrier-way');              // by itself
        assert.match(await words(mine, 'carrier-way'), /Giao Nhanh.*\d{1,2}:\d\d/s);
        assert.equal(await words(mine, 'carrier-number'), 'GN0001');
        assert.equal(await mine.getByTestId('carrier-link').getAttribute('href'), 'https://giao.example/don/GN0001');
        assert.equal(await mine.getByTestId('carrier-phone').getAttribute('href'), 'tel:19001234');
        await fits(mine);
        await shot(mine, 'carrier-way');
        assert.equal((await stack.client().get(`/api/v1/orders/${order.code}/delivery`)).status, 401);

        await tap(desk, 'back-GN0001');
        await tap(desk, 'back-sheet-save');
        await until('the buyer to see it', async () => await mine.getByTestId('carrier-way').getAttribute('data-state') === 'returned');
        assert.match(await words(mine, 'carrier-way'), /về chợ/);

        ok(await admin.post('/api/v1/carriers/1/parcels', { key: newKey(), order: order.code, tracking: 'GN0002' }), 201);
        const file = Buffer.from(`tracking,cod,fee\nGN0002,${order.total},0\n`).toString('base64');
        ok(await admin.post('/api/v1/carriers/1/lists', { key: newKey(), file }));
        await until('the buyer to see it delivered', async () => await mine.getByTestId('carrier-way').getAttribute('data-state') === 'collected');
        await desk.reload();
        await tap(desk, 'carrier-away-1');
        await desk.getByTestId('away-sheet-1').fill('thất lạc, hãng bồi thường sau');
        await desk.getByTestId('away-sheet-0').fill(String(order.total + 1));
        assert.ok(await desk.getByTestId('away-sheet-save').isDisabled(), 'more than it owes');
        await desk.getByTestId('away-sheet-0').fill('5.000');
        await shot(desk, 'carrier-away');
        await tap(desk, 'away-sheet-save');
        await until('it to owe less', async () => ok(await admin.get('/api/v1/carriers')).carriers[0].balance === order.total - 5000);
        await until('the page to say so', async () => /^15\.000/.test(await words(desk, 'carrier-owes-1')));
        await fits(desk);
        await shot(desk, 'carrier-office');
        const look = await browser.person(stack, { cookies: (await stack.login('cadre')).cookies });
        await look.goto('/money#carriers');
        await seen(look, 'carrier-hand-1');
        assert.equal(await look.getByTestId('carrier-away-1').count(), 0, 'money is an admin\'s to put away');
        for (const page of [mine, desk, look]) {
            assert.deepEqual(page.trouble, []);
            await page.context().close();
        }
    }, { ms: 180000 });
});

describe('goods refused at the door', () => {
    test('the order\'s page says what was taken, what was not and why, and forgets it when the courier takes it back', async () => {
        const lots = [{ name: 'Cà chua', unit: 'kg', price: 20000, amount: 50000 }, { name: 'Mướp', unit: 'kg', price: 10000, amount: 50000 }];
        const two = await makeStall(stack, { lots });
        const [buyer, courier] = [stack.client(), await stack.login('courier')];
        const lines = two.lots.map((l) => ({ lot: l.id, quantity: 3000, price: l.price }));
        const { order: { code } } = ok(await placeOrder(buyer, two, 0, { lines }), 201);
        const trip = await driveOut(two, courier, [code]);
        const { stops: [stop] } = ok(await courier.get(`/api/v1/trips/${trip.id}`)).trip;
        const [first, second] = two.lots;
        const page = await browser.person(stack, { cookies: buyer.cookies });
        await page.goto(`/orders/${code}`);
        await seen(page, 'way');
        const mark = (more) => courier.post(`/api/v1/stops/${stop.id}/mark`, { key: newKey(), at: Date.now(), ...more });
        ok(await mark({ to: 'partial', reason: 'quality', proof: { kind: 'signature', body: 'M1 1L2 2' }, lines: [{ lot: first.id, quantity: 1000 }, { lot: second.id, quantity: 3000 }] }));
        await seen(page, `refused-${first.id}`);
        assert.match(await words(page, `refused-${first.id}`), /Đã nhận 1\skg, không nhận 2\skg: Hàng không tươi$/);
        assert.equal(await page.getByTestId(`refused-${second.id}`).count(), 0);
        assert.equal(await page.getByTestId(`weighed-${first.id}`).count(), 0);
        await fits(page);
        await shot(page, 'refused');

        ok(await courier.post(`/api/v1/stops/${stop.id}/undo`, { key: newKey() }));
        await page.getByTestId(`refused-${first.id}`).waitFor({ state: 'detached' });
        ok(await mark({ to: 'failed', reason: 'spoiled' }));
        await seen(page, `refused-${second.id}`);
        assert.match(await words(page, `refused-${first.id}`), /^Không nhận 3\skg: /);
        assert.deepEqual(page.trouble, []);
        await page.context().close();
    });
});
