// From the village to the door in a browser: the courier's page, also without network, and the buyer who waits.
import assert from 'node:assert/strict';
import { Stack } from './lib/stack.mjs';
import { after, before, describe, test } from './lib/test.mjs';
import { newKey, ok } from './lib/api.mjs';
import { makeStall, placeOrder } from './lib/commune.mjs';
import { Browser, loseAnswers, seen, tap, words, wordsIn } from './lib/browser.mjs';
import { age, rows } from './lib/database.mjs';
import { until } from './lib/until.mjs';

/** As it is written: 25.000. */
const dong = (n) => String(n).replace(/\B(?=(\d{3})+$)/g, '.');

let stack;
let browser;
let zone;
const POINT = { name: 'Quán chị Hà', place: 'Ngã ba cầu Mường Xén' };

before(async () => {
    stack = await Stack.start({ args: ['--relay', 'none'] });
    browser = await Browser.start();
    const cadre = stack.client('cadre');
    ({ zone } = ok(await cadre.post('/api/v1/zones', { key: newKey(), name: 'Mường Xén', base: 10000, included: 3000, per_kg: 2000, courier_points: 7000 })));
    ok(await cadre.post('/api/v1/points', { key: newKey(), zone: zone.id, ...POINT }));
});
after(async () => {
    await browser?.stop();
    await stack?.stop();
});

/** A confirmed order with a fee, and the client of its buyer. */
async function confirmed(stall, name) {
    const buyer = stack.client();
    const { order } = ok(await placeOrder(buyer, stall, 4000, { name, phone: `09${Math.floor(1e7 + Math.random() * 8e7)}`, delivery: { zone: zone.id, fee: 12000 } }), 201);
    ok(await stall.farmer.post(`/api/v1/orders/${order.code}/confirm`, { key: newKey() }));
    return { buyer, code: order.code, total: order.total };
}

async function trip(courier, orders) {
    const { trip } = ok(await courier.post('/api/v1/trips', { key: newKey(), title: 'Chiều thứ sáu' }), 201);
    return ok(await courier.post(`/api/v1/trips/${trip.id}/stops`, { key: newKey(), orders: orders.map((o) => o.code) })).trip;
}

/** All that was pressed is answered. A page that is still opening shows nothing that waits either, so it must have drawn its trip first. */
async function sent(page) {
    await page.getByTestId('trip').waitFor();
    await until('all that was pressed to be answered', async () => (await page.getByTestId('unsent').count()) === 0, { ms: 60000 });
}

/** In the page: the first look at the trip sets out before the first mark does and comes back after its receipt: what it says is old by then. */
function lookBeforeReceipt(trip) {
    const real = window.fetch;
    let looked, received, looks = 0;
    const [look, receipt] = [new Promise((done) => { looked = done; }), new Promise((done) => { received = done; })];
    window.fetch = async (request, options) => {
        const url = String(request.url ?? request);
        if (url.includes('/stops/')) {
            await look;
            const reply = await real(request, options);
            setTimeout(received, 200);
            return reply;
        }
        const reply = await real(request, options);
        if (!url.endsWith(`/trips/${trip}`) || looks++ > 0) return reply;
        looked();
        await receipt;
        setTimeout(() => { window.cameBack = true; }, 200);
        return reply;
    };
}

const state = (page, code) => page.getByTestId(`stop-${code}`).getAttribute('data-state');

describe('a trip', () => {
    test('a courier drives it, loses the network, and everything arrives later', async () => {
        const [one, two] = [await makeStall(stack), await makeStall(stack)];
        const orders = [await confirmed(one, 'Chị Hoa'), await confirmed(two, 'Anh Bình'), await confirmed(one, 'Bà Xoan')];
        const courier = await stack.login('courier');
        const { id } = await trip(courier, orders);
        const page = await browser.person(stack, { cookies: courier.cookies });
        await page.goto('/courier');
        await tap(page, 'load');
        await tap(page, 'set-off');
        await seen(page, 'arrived');

        const buyer = await browser.person(stack, { cookies: orders[0].buyer.cookies });
        await buyer.goto(`/orders/${orders[0].code}`);
        await until('the buyer to see the trip', async () => (await buyer.getByTestId('way').getAttribute('data-trip')) === 'moving');
        assert.equal(await buyer.getByTestId('fee').getAttribute('data-amount'), '12000');
        const digits = await words(buyer, 'door-code');
        assert.match(digits, /^\d{4}$/);

        await tap(page, 'arrived');
        await until('the buyer to hear that the courier is there', async () => (await buyer.getByTestId('way').getAttribute('data-state')) === 'arrived');
        await tap(page, 'delivered');
        await page.getByTestId('code').fill(digits);
        assert.equal(await page.getByTestId('cash').inputValue(), dong(orders[0].total));
        await page.getByTestId('cash').fill(`${dong(orders[0].total)}0`);         // wet fingers: ten times as much
        await tap(page, 'door-send');
        assert.match(await wordsIn(page, 'door-sheet'), /bấm lần nữa/);
        await page.getByTestId('cash').fill(dong(orders[0].total - 500));
        assert.match(await words(page, 'cash-echo'), /thiếu 500/);
        await page.getByTestId('cash').fill(dong(orders[0].total));
        await tap(page, 'door-send');
        await until('the first door to be done', async () => (await state(page, orders[0].code)) === 'delivered');
        await sent(page);

        // a dead zone: the page even opens anew
        await until('the page to be kept on the phone', () => page.evaluate(async () => !!(await caches.match('/courier'))));
        await page.reload();
        await seen(page, 'delivered');
        await page.context().setOffline(true);
        await page.reload();
        await seen(page, 'delivered');
        await tap(page, 'delivered');
        await page.getByTestId('code').fill(digits === '0000' ? '1111' : '0000');
        await tap(page, 'door-send');
        await until('the second door to wait', async () => (await page.getByTestId('unsent').getAttribute('data-count')) === '1');
        await tap(page, 'failed');
        await tap(page, 'why-not-home');
        await tap(page, 'door-send');
        await until('the third door to wait', async () => (await page.getByTestId('unsent').getAttribute('data-count')) === '2');
        assert.deepEqual(rows(stack.database, `SELECT state FROM stop WHERE trip = ${id} ORDER BY position`).map((r) => r.state), ['delivered', 'waiting', 'waiting']);

        await page.context().setOffline(false);
        await sent(page);
        const real = ok(await orders[1].buyer.get(`/api/v1/orders/${orders[1].code}/delivery`)).delivery.code;
        if (real !== '0000') {                        // one in ten thousand guesses right
            await seen(page, 'conflict');
            assert.equal(await page.getByTestId('conflict').getAttribute('data-why'), 'wrong-code');
        }
        await until('the third door to have failed', async () => (await state(page, orders[2].code)) === 'failed');
        assert.deepEqual(page.trouble, []);
        assert.deepEqual(buyer.trouble, []);

        const events = rows(stack.database, `SELECT word, device_at, at_ms, key FROM trip_event WHERE trip = ${id} AND stop IS NOT NULL AND word <> 'waiting' ORDER BY id`);
        assert.ok(events.every((e) => e.device_at > 0 && e.key.length >= 16), JSON.stringify(events));
        await page.context().close();
        await buyer.context().close();
    }, { ms: 240000 });

    test('a signature, a part, the undo and its ten minutes, a conflict in words, and the end with all cash explained', async () => {
        const stall = await makeStall(stack, { lots: [{ name: 'Rau cải', unit: 'kg', price: 20000, amount: 12000 }] });
        const [order, part, off] = [await confirmed(stall, 'Chị Mai'), await confirmed(stall, 'Anh Lý'), await confirmed(stall, 'Bà Vi')];
        const courier = await stack.login('courier');
        for (const open of ok(await courier.get('/api/v1/trips')).trips) {          // left by the test before
            for (const stop of ok(await courier.get(`/api/v1/trips/${open.id}`)).trip.stops.filter((s) => s.state === 'waiting' || s.state === 'arrived'))
                ok(await courier.post(`/api/v1/stops/${stop.id}/mark`, { key: newKey(), to: 'failed', reason: 'road' }));
            ok(await courier.post(`/api/v1/trips/${open.id}/move`, { key: newKey(), to: 'closed', note: 'đường sạt lở' }));
        }
        const { id } = await trip(courier, [order, part, off]);
        for (const to of ['loaded', 'moving']) ok(await courier.post(`/api/v1/trips/${id}/move`, { key: newKey(), to }));
        const page = await browser.person(stack, { cookies: courier.cookies });
        const sign = async () => {
            await tap(page, 'proof-signature');
            const box = await page.getByTestId('sign').boundingBox();
            await page.mouse.move(box.x + 40, box.y + 40);
            await page.mouse.down();
            await page.mouse.move(box.x + 120, box.y + 60, { steps: 5 });
            await page.mouse.up();
        };
        const due = async ({ buyer, code }) => ok(await buyer.get(`/api/v1/orders/${code}/payment`)).payment.due;
        await page.goto('/courier');
        for (const round of [1, 2]) {
            await tap(page, 'delivered');
            await sign();
            await tap(page, 'door-send');
            await seen(page, `undo-${order.code}`);
            if (round === 1) {
                await tap(page, `undo-${order.code}`);
                await sent(page);
                await seen(page, 'delivered');
                await until('the door to be undone in the books, too', async () => await due(order) === order.total);
            }
        }

        // A part: what is to be collected follows what was taken, and so do the order and the stall.
        await tap(page, 'partial');
        const cash = page.getByTestId('cash');
        assert.equal(await cash.inputValue(), dong(part.total));
        for (const key of ['why-quality', 'proof-code']) await tap(page, key);
        await page.getByTestId('code').fill(ok(await part.buyer.get(`/api/v1/orders/${part.code}/delivery`)).delivery.code);
        await tap(page, 'door-send');
        await page.getByTestId('door-sheet').locator('[data-testid="notice"][data-tone="bad"]').waitFor();        // nothing was taken off
        for (let i = 0; i < 3; i++) await tap(page, `took-minus-${stall.lot.id}`);
        assert.equal(await cash.inputValue(), dong(part.total - 30000));
        await tap(page, 'door-send');
        await page.getByTestId('door-sheet').waitFor({ state: 'detached' });
        await sent(page);
        assert.equal(await state(page, part.code), 'partial');
        const left = ok(await part.buyer.get(`/api/v1/orders/${part.code}`)).order;
        assert.deepEqual([left.lines[0].weighed, left.total, await due(part)], [2500, part.total - 30000, 0]);

        // Ten minutes pass while the page stands open: it still offers the undo, the market says in words that it is too late.
        stack.market.kill('SIGTERM');
        await stack.market.ended;
        age(stack.database, 'trip_event', `trip = ${id} AND word = 'partial'`, 601_000);
        await stack.startMarket();
        await tap(page, `undo-${part.code}`);
        await page.locator('[data-testid="conflict"][data-why="too-late"]').waitFor();
        assert.match(await words(page, 'conflict'), /Quá mười phút/);
        await page.getByTestId('conflict').getByRole('button').click();
        await page.getByTestId(`undo-${part.code}`).waitFor({ state: 'detached' });
        assert.equal(await state(page, part.code), 'partial');

        // The order is off while the courier has no network: what was pressed is refused in words, and the door stands open again.
        await page.context().setOffline(true);
        ok(await stall.farmer.post(`/api/v1/orders/${off.code}/cancel`, { key: newKey(), why: 'weather' }));
        await tap(page, 'delivered');
        await sign();
        await tap(page, 'door-send');
        await seen(page, 'unsent');
        assert.equal(await state(page, off.code), 'delivered');
        await page.context().setOffline(false);
        await page.locator('[data-testid="conflict"][data-why="cancelled"]').waitFor({ timeout: 60000 });
        assert.match(await words(page, 'conflict'), /Bà Vi.*đã bị hủy/s);
        await page.getByTestId('conflict').getByRole('button').click();
        await tap(page, 'failed');
        await tap(page, 'why-refused');
        await tap(page, 'door-send');
        await sent(page);
        await tap(page, 'close-trip');
        await until('the trip to end', () => rows(stack.database, `SELECT state FROM trip WHERE id = ${id}`)[0].state === 'closed');
        assert.equal(await due(order), 0);
        assert.equal(rows(stack.database, 'SELECT COUNT(*) AS n FROM trip_spot')[0].n, 0);
        assert.deepEqual(ok(await stack.client('cadre').get(`/api/v1/trips/${id}`)).trip.stops.map((s) => s.state), ['delivered', 'partial', 'failed']);
        assert.deepEqual(page.trouble, []);
        await page.context().close();
    }, { ms: 240000 });

    test('a photo taken without network is kept in IndexedDB and arrives; the place is shared only on the road', async () => {
        const stall = await makeStall(stack, { lots: [{ name: 'Rau cải', unit: 'kg', price: 20000, amount: 12000 }] });
        const orders = [await confirmed(stall, 'Chị Thảo'), await confirmed(stall, 'Anh Sơn')];
        const courier = await stack.login('courier');
        const { id } = await trip(courier, orders);
        const way = async ({ buyer, code }) => ok(await buyer.get(`/api/v1/orders/${code}/delivery`)).delivery;
        const page = await browser.person(stack, { cookies: courier.cookies });
        const context = page.context();
        await context.grantPermissions(['geolocation'], { origin: stack.origin });
        await context.setGeolocation({ latitude: 19.39, longitude: 104.15 });
        await page.goto('/courier');
        await tap(page, 'load');
        await seen(page, 'set-off');
        assert.equal(await page.getByTestId('share-place').count(), 0);          // not before the trip moves
        assert.equal((await courier.post(`/api/v1/trips/${id}/spot`, { lat: 1, lon: 1 })).status, 409);
        await tap(page, 'set-off');
        await page.getByTestId('share-place').check();
        const spot = await until('the buyer to see where the courier is', async () => (await way(orders[0])).spot);
        assert.deepEqual([spot.lat, spot.lon], [19390000, 104150000]);
        assert.equal(ok(await stall.farmer.get(`/api/v1/orders/${orders[0].code}/delivery`)).delivery.spot, null);
        // nobody whose order is not on it may see it, and nobody but who drives it may say where it is
        const other = await confirmed(stall, 'Bà Lan');
        assert.equal((await other.buyer.get(`/api/v1/orders/${orders[0].code}/delivery`)).status, 404);
        assert.equal((await stack.client().get(`/api/v1/orders/${orders[0].code}/delivery`)).status, 401);
        assert.equal(ok(await other.buyer.get(`/api/v1/orders/${other.code}/delivery`)).delivery, null);
        const [phone, password] = [`09${Math.floor(1e7 + Math.random() * 8e7)}`, `gùi-${newKey()}`];
        ok(await stack.client('cadre').post('/api/v1/people', { key: newKey(), name: 'Anh Vừ', phone, place: 'Huồi Giảng', roles: ['courier'], password }), 201);
        const second = stack.client();
        ok(await second.post('/api/v1/login', { phone, password }));
        for (const [who, status] of [[second, 404], [other.buyer, 403], [stall.farmer, 403]])
            assert.equal((await who.post(`/api/v1/trips/${id}/spot`, { lat: 1, lon: 1 })).status, status);
        assert.deepEqual([(await way(orders[0])).spot.lat, (await way(orders[1])).spot.lat], [19390000, 19390000]);

        await page.route('**/api/v1/stops/**', (route) => route.abort());        // no network for what is pressed
        await tap(page, 'delivered');
        await tap(page, 'proof-photo');
        await page.getByTestId('photo').setInputFiles({ name: 'x.jpg', mimeType: 'image/jpeg', buffer: Buffer.from('no picture') });
        await page.locator('[data-testid="photo-state"][data-state="failed"]').waitFor();
        const picture = await page.screenshot({ type: 'jpeg', quality: 60 });
        await page.getByTestId('photo').setInputFiles({ name: 'cua.jpg', mimeType: 'image/jpeg', buffer: picture });
        await page.locator('[data-testid="photo-state"][data-state="taken"]').waitFor();
        await tap(page, 'door-send');
        await seen(page, 'unsent');
        assert.equal(await page.evaluate(() => localStorage.getItem('cx.doors')), null);
        await page.reload();
        await seen(page, 'unsent');                                              // it was on the phone's disk
        await page.goto('about:blank');
        await page.unroute('**/api/v1/stops/**');
        await page.addInitScript(lookBeforeReceipt, id);
        await page.goto('/courier');
        await page.waitForFunction(() => window.cameBack);
        await sent(page);
        assert.equal(await state(page, orders[0].code), 'delivered');
        const [stop] = ok(await courier.get(`/api/v1/trips/${id}`)).trip.stops;
        const [proof] = ok(await stack.client('cadre').get(`/api/v1/stops/${stop.id}/proofs`)).proofs;
        assert.equal(proof.kind, 'photo');
        assert.deepEqual([...Buffer.from(proof.body, 'base64').subarray(0, 2)], [0xff, 0xd8]);

        // who has got the goods follows nobody any more; the trip has a pace now, and the next buyer an hour by it
        assert.equal((await way(orders[0])).spot, null);
        const next = await way(orders[1]);
        assert.equal(next.spot.lat, 19390000);
        assert.equal(next.ahead, 0);
        const { moved_at: from, stops: [{ done_at: first }] } = ok(await courier.get(`/api/v1/trips/${id}`)).trip;
        assert.equal(next.expected_at, Math.max(next.expected_at, first + (first - from)));
        await tap(page, 'failed');
        await tap(page, 'why-not-home');
        await tap(page, 'door-send');
        await tap(page, 'close-trip');
        await until('the trip to end', () => rows(stack.database, `SELECT state FROM trip WHERE id = ${id}`)[0].state === 'closed');
        assert.equal((await way(orders[0])).spot, null);
        assert.equal((await courier.post(`/api/v1/trips/${id}/spot`, { lat: 1, lon: 1 })).status, 409);
        assert.deepEqual(page.trouble, []);
        await context.close();
    }, { ms: 240000 });

    test('the office plans one over the farmers: packing lists and a route sheet', async () => {
        const [one, two] = [await makeStall(stack), await makeStall(stack)];
        const orders = [await confirmed(one, 'Ông Lả'), await confirmed(two, 'Cô Nga')];
        const cadre = await stack.login('cadre');
        const page = await browser.person(stack, { cookies: cadre.cookies });
        await page.goto('/trips');
        await tap(page, 'trip-add');
        await seen(page, 'trip-missing');                                            // an empty form says what is missing
        await loseAnswers(page, /\/trips$/);
        await page.getByTestId('trip-title').fill('Sáng chủ nhật');
        await page.getByTestId('trip-courier').selectOption({ index: 1 });
        await tap(page, 'trip-add');
        await page.getByTestId('notice').first().filter({ hasText: /bấm lần nữa/ }).waitFor();
        await tap(page, 'trip-add');
        await until('the form to be empty', async () => (await page.getByTestId('trip-title').inputValue()) === '');
        assert.equal(ok(await cadre.get('/api/v1/trips')).trips.filter((x) => x.title === 'Sáng chủ nhật').length, 1);
        for (const { code } of orders) await tap(page, `add-${code}`).then(() => seen(page, `planned-${code}`));
        await tap(page, `up-${orders[1].code}`);
        await until('the second to be first', async () => (await page.getByTestId('plan').locator('li').first().getAttribute('data-testid')) === `planned-${orders[1].code}`);
        assert.equal(await page.getByTestId('pick-list').locator('tr').count(), 2);
        assert.match(await words(page, 'pack-list'), /Ông Lả/);
        await page.emulateMedia({ media: 'print' });
        assert.equal(await page.getByTestId('trip-title').isVisible(), false);
        assert.equal(await page.getByTestId('route-sheet').isVisible(), true);
        assert.deepEqual(page.trouble, []);
        await page.context().close();
    });
});

describe('a number that refuses doors', () => {
    test('pays first; the page says so before anybody drives, and the office may let one go by name', async () => {
        const stall = await makeStall(stack), cadre = await stack.login('cadre'), courier = stack.client('courier'), phone = '0912999888';
        const another = async () => {
            const { order } = ok(await placeOrder(stack.client(), stall, 500, { phone }), 201);
            ok(await stall.farmer.post(`/api/v1/orders/${order.code}/confirm`, { key: newKey() }));
            return order;
        };
        for (let i = 0; i < 3; i++) {
            const order = await another();
            const { id, stops: [stop] } = await trip(courier, [order]);
            for (const to of ['loaded', 'moving']) ok(await courier.post(`/api/v1/trips/${id}/move`, { key: newKey(), to }));
            ok(await courier.post(`/api/v1/stops/${stop.id}/mark`, { key: newKey(), to: 'failed', reason: 'refused' }));
            ok(await courier.post(`/api/v1/trips/${id}/move`, { key: newKey(), to: 'closed' }));
            ok(await cadre.post(`/api/v1/orders/${order.code}/cancel`, { key: newKey() }));
        }
        const { code } = await another();
        const { trip: planned } = ok(await courier.post('/api/v1/trips', { key: newKey(), title: 'Sáng mai' }), 201);
        assert.equal((await courier.post(`/api/v1/trips/${planned.id}/stops`, { key: newKey(), orders: [code] })).body.reason, 'cod-refusals');
        const page = await browser.person(stack, { cookies: cadre.cookies });
        await page.goto('/trips');
        await tap(page, `trip-${planned.id}`);
        assert.match(await words(page, `pay-first-${code}`), /phải trả trước/);
        assert.ok(await page.getByTestId(`add-${code}`).isDisabled());
        const [said, row] = await Promise.all([page.getByTestId(`pay-first-${code}`).boundingBox(), page.locator('.plan .pays-first').first().boundingBox()]);
        assert.ok(said.width > row.width * 0.8, 'the words have the whole line');
        await tap(page, `let-${code}`);
        await page.getByTestId(`pay-first-${code}`).waitFor({ state: 'detached' });
        await tap(page, `add-${code}`);
        await until('it to be on the trip', async () => ok(await courier.get(`/api/v1/trips/${planned.id}`)).trip.stops.length === 1);
        assert.deepEqual(page.trouble, []);
        await page.context().close();
    });
});

describe('the fee', () => {
    test('is shown before the order is sent, and is a line of its own', async () => {
        const stall = await makeStall(stack);
        const page = await browser.person(stack);
        await page.goto(`/s/${stall.slug}`);
        await tap(page, `order-${stall.lot.id}`);
        await page.getByTestId('order-name').fill('Chị Lan');
        await page.getByTestId('order-phone').fill('0912 111 222');
        await page.getByTestId('order-place').fill('Khối 2');
        await page.getByTestId('order-delivery').selectOption({ index: 2 });
        assert.equal(await page.getByTestId('order-fee').getAttribute('data-amount'), '10000');
        await tap(page, 'order-send');
        await seen(page, 'order-saved');
        const code = await page.getByTestId('order-saved').getAttribute('data-code');
        const { order } = ok(await stall.farmer.get(`/api/v1/orders/${code}`));
        assert.equal(order.delivery.amount, 10000);
        assert.equal(order.delivery.point_name, POINT.name);
        assert.equal(order.total, order.lines[0].amount + 10000);
        assert.deepEqual(page.trouble, []);
        await page.context().close();
    });
});
