// An order after it was placed, in real pages: weighed at the farm, answered by the buyer, closed.
import assert from 'node:assert/strict';
import { Stack } from './lib/stack.mjs';
import { Browser, loseAnswers, seen, tap } from './lib/browser.mjs';
import { after, before, describe, test } from './lib/test.mjs';
import { newKey, ok } from './lib/api.mjs';
import { available, makeStall, placeOrder } from './lib/commune.mjs';
import { holdEnds, rows } from './lib/database.mjs';
import { until } from './lib/until.mjs';

let stack, browser;
before(async () => {
    stack = await Stack.start({ args: ['--relay', 'none'] });
    browser = await Browser.start();
});
after(async () => {
    await browser?.stop();
    await stack?.stop();
});

const stateIs = (page, id, state) => page.locator(`[data-testid="${id}"][data-state="${state}"]`).waitFor();

async function farmersPage(stall) {
    const page = await browser.person(stack, { camera: true });
    await page.goto('/login?to=/golive');
    await page.getByTestId('phone').fill(stall.phone);
    await page.getByTestId('password').fill(stall.password);
    await tap(page, 'login-send');
    await page.waitForURL((u) => u.pathname === '/golive');
    return page;
}

async function type(page, keys) {
    for (const key of keys) await tap(page, `pad-${key}`);
}

// Side by side: one of them waits for a minute to pass, on the market's own clock.
describe('an order after it was placed', { concurrency: true }, () => {
    describe('being written', () => {
        test('outlives a finger beside the sheet and a reload, in a language chosen meanwhile', async () => {
            const stall = await makeStall(stack);
            const page = await browser.person(stack);
            await page.goto(`/s/${stall.slug}?from=zalo`);
            await tap(page, `plus-${stall.lot.id}`);
            await tap(page, `order-${stall.lot.id}`);
            await page.getByTestId('order-name').fill('Chị Hoa');
            await page.getByTestId('order-note').fill('Gọi trước');
            await page.touchscreen.tap(180, 12);                               // beside the sheet
            assert.equal(await page.getByTestId('order-name').inputValue(), 'Chị Hoa');
            await page.keyboard.press('Escape');
            await page.locator('a[hreflang=en]').click();
            await page.waitForURL('**?from=zalo&lang=en');
            assert.equal(await page.getByTestId(`quantity-${stall.lot.id}`).textContent(), '1,5\u00a0kg');
            await tap(page, `order-${stall.lot.id}`);
            assert.equal(await page.getByTestId('order-name').inputValue(), 'Chị Hoa');
            assert.equal(await page.getByTestId('order-note').inputValue(), 'Gọi trước');
            await page.getByTestId('order-phone').fill('0912 345 679');
            await page.getByTestId('order-place').fill('Mường Xén');
            await tap(page, 'order-send');
            await tap(page, 'order-close');
            await page.getByTestId('order-sheet').waitFor({ state: 'detached' });
            const place = `order-${stall.lot.id}`;                             // the focus is where it was, and goes back there
            await page.getByTestId(place).focus();
            await page.keyboard.press('Enter');
            await seen(page, 'order-sheet');
            await page.keyboard.press('Escape');
            await until('the focus to be back', async () => (await page.evaluate(() => document.activeElement.dataset.testid)) === place);
            await tap(page, place);
            assert.equal(await page.getByTestId('order-note').inputValue(), '');       // that one went with its order
            assert.deepEqual(page.trouble, []);
            await page.context().close();
        });
    });
    describe('opened on another phone', () => {
        test('says why it is not shown, and where to go', async () => {
            const stall = await makeStall(stack);
            const { order } = ok(await placeOrder(stack.client(), stall, 1000), 201);
            const page = await browser.person(stack);
            await page.goto(`/orders/${order.code}`);
            await tap(page, 'order-login');
            await page.waitForURL(`**/login?to=/orders/${order.code}`);
            await page.getByTestId('phone').fill(stall.phone);
            await page.getByTestId('password').fill(stall.password);
            await tap(page, 'login-send');
            await seen(page, 'order-state');
            await page.context().close();
        });
        test('says the same to who has ordered from that phone, too', async () => {
            const [one, other] = [stack.client(), stack.client()], stall = await makeStall(stack);
            const { order } = ok(await placeOrder(one, stall, 1000), 201);
            ok(await placeOrder(other, stall, 1000), 201);
            const page = await browser.person(stack, { cookies: other.cookies });
            await page.goto(`/orders/${order.code}`);
            await page.getByTestId('notice').filter({ hasText: /chỉ xem được trên máy đã đặt/ }).waitFor();
            await page.context().close();
        });
    });
    describe('taken on', () => {
        test('on a slow line: the page says that it opens, and a bar runs while the press is under way', async () => {
            const stall = await makeStall(stack);
            const buyer = stack.client();
            const { order } = ok(await placeOrder(buyer, stall, 1000), 201);
            const page = await browser.person(stack, { cookies: buyer.cookies });
            let open;                                                          // the line is slow until this is called
            const gate = new Promise((go) => { open = go; });
            let first = true;
            await page.route(/\/api\/v1\/orders\/[^/]+(\/cancel)?$/, async (route) => {
                if (!first) await gate;
                else await seen(page, 'opening').finally(() => { first = false; });
                await route.continue();
            });
            await page.goto(`/orders/${order.code}`);
            await tap(page, 'order-cancel');
            await page.getByTestId('opening').waitFor({ state: 'detached' });
            await tap(page, 'order-cancel-sure');
            await page.locator('html[data-busy]').waitFor({ state: 'attached' });
            open();
            await page.locator('html:not([data-busy])').waitFor({ state: 'attached' });
            await stateIs(page, 'order-state', 'cancelled');
            await page.context().close();
        });
        test('without a network: the card says what to do, and the next press is the same act', async () => {
            const stall = await makeStall(stack);
            const { order } = ok(await placeOrder(stack.client(), stall, 1000), 201);
            const page = await farmersPage(stall);
            await seen(page, `confirm-${order.code}`);
            await loseAnswers(page, /\/confirm$/);
            await tap(page, `confirm-${order.code}`);
            await page.locator(`[data-code="${order.code}"]`).getByTestId('notice').filter({ hasText: /bấm lần nữa/ }).waitFor();
            await page.context().close();
            assert.equal(rows(stack.database, `SELECT 1 FROM orders WHERE code = '${order.code}' AND state = 'confirmed'`).length, 1);
        });
    });
    describe('weighed at the farm', () => {
        test('the farmer types what the scale shows, the buyer agrees to the extra, the order is closed', async () => {
            const stall = await makeStall(stack);
            const buyer = stack.client();
            const { order } = ok(await placeOrder(buyer, stall, 2000), 201);
            const farmer = await farmersPage(stall);
            await tap(farmer, `confirm-${order.code}`);
            await tap(farmer, `weigh-${order.code}-${stall.lot.id}`);
            await type(farmer, ['1', 'comma', '8', '5']);
            assert.equal(await farmer.getByTestId('weigh-verdict').getAttribute('data-verdict'), 'less');
            await tap(farmer, 'weigh-save');
            await stateIs(farmer, `weighed-${order.code}-${stall.lot.id}`, 'weighed');
            assert.equal(ok(await buyer.get(`/api/v1/orders/${order.code}`)).order.total, 37000);
            assert.equal(await available(stack, stall), 10000 - 1850);

            // Too much: the buyer's own page asks, and nothing changes until they answer.
            await tap(farmer, `weigh-${order.code}-${stall.lot.id}`);
            await type(farmer, ['2', 'comma', '5']);
            assert.equal(await farmer.getByTestId('weigh-verdict').getAttribute('data-verdict'), 'extra');
            const page = await browser.person(stack, { cookies: buyer.cookies });
            await page.goto(`/orders/${order.code}`);
            await stateIs(page, `line-${stall.lot.id}`, 'weighed');
            await tap(farmer, 'weigh-save');
            await seen(page, `extra-${stall.lot.id}`);
            assert.equal(ok(await buyer.get(`/api/v1/orders/${order.code}`)).order.total, 40000);
            await tap(farmer, `close-${order.code}`);
            await farmer.locator('[data-testid="notice"][data-tone="warn"]').waitFor();
            await tap(page, `accept-${stall.lot.id}`);
            await stateIs(page, `line-${stall.lot.id}`, 'accepted');
            await stateIs(farmer, `weighed-${order.code}-${stall.lot.id}`, 'accepted');
            await farmer.locator('[data-testid="notice"][data-tone="warn"]').waitFor({ state: 'detached' });       // the buyer has answered
            assert.equal(await available(stack, stall), 7500);

            ok(await stall.farmer.post(`/api/v1/orders/${order.code}/cash`, { key: newKey(), amount: 50000 }));
            await tap(farmer, `close-${order.code}`);
            await stateIs(page, 'order-state', 'closed');
            await until('the farmer to see it done', async () => await farmer.locator(`[data-code="${order.code}"][data-state="closed"]`).count() === 1);
            const events = rows(stack.database, `SELECT e.state, e.weighed FROM line_event e JOIN orders o ON o.id = e.order_id WHERE o.code = '${order.code}' ORDER BY e.id`);
            assert.deepEqual(events.map((e) => [e.state, e.weighed]), [['weighed', 1850], ['extra', 2500], ['accepted', 2500]]);
            assert.deepEqual([...farmer.trouble, ...page.trouble], []);
            await farmer.context().close();
            await page.context().close();
        });
    });

    describe('kept while the transfer is awaited', () => {
        test('the buyer sees the time run, the goods come back when it is over, and money stops the clock', async () => {
            const stall = await makeStall(stack);
            const { id: account } = ok(await stall.cadre.post('/api/v1/bank-accounts', { key: newKey(), bin: '970405', number: '3600205123456', holder: 'HTX' }), 201);
            ok(await stall.cadre.post(`/api/v1/stalls/${stall.slug}/payee`, { key: newKey(), account }));
            ok(await stall.farmer.patch(`/api/v1/stalls/${stall.slug}`, { key: newKey(), hold_minutes: 30 }));
            const buyer = stack.client();
            const paid = ok(await placeOrder(buyer, stall, 1000), 201).order;
            const { order } = ok(await placeOrder(buyer, stall, 2000), 201);
            assert.equal(order.expires_at, order.placed_at + 1800_000);
            const page = await browser.person(stack, { cookies: buyer.cookies });
            await page.goto(`/orders/${order.code}`);
            await seen(page, 'countdown');
            assert.match(await page.getByTestId('countdown').textContent(), /2\d:\d\d|30:00/);
            const left = async () => Number(await page.getByTestId('countdown').getAttribute('data-left')), first = await left();
            await until('the time to run', async () => (await left()) < first);
            for (const [way, said] of [['cash', /nhà vườn nhận đơn/], ['bank', /Chuyển khoản/]]) {       // what has to happen before the time is over
                await tap(page, `pay-${way}`);
                await page.getByTestId('countdown').filter({ hasText: said }).waitFor();
            }
            ok(await stall.farmer.post(`/api/v1/orders/${paid.code}/cash`, { key: newKey(), amount: 20000 }));
            assert.equal(ok(await buyer.get(`/api/v1/orders/${paid.code}`)).order.expires_at, null);
            holdEnds(stack.database, order.code);
            await page.locator('[data-testid="order-state"][data-state="cancelled"]').waitFor();
            await until('the goods to be back', async () => (await available(stack, stall)) === 9000);
            assert.equal(ok(await buyer.get(`/api/v1/orders/${order.code}`)).order.reason, 'expired');
            assert.equal(ok(await buyer.get(`/api/v1/orders/${paid.code}`)).order.state, 'placed');
            assert.deepEqual(page.trouble, []);
            await page.context().close();
        });
    });

    describe('limits and ranges', () => {
        test('the page says how much one may have, and takes what there is when that was asked for', async () => {
            const stall = await makeStall(stack, { lots: [{ name: 'Gừng', unit: 'kg', price: 30000, amount: 4000, limit: 3000 }] });
            const { lot } = stall;
            const page = await browser.person(stack);
            await page.goto(`/s/${stall.slug}`);
            await seen(page, `limit-${lot.id}`);
            for (let i = 0; i < 4; i++) await tap(page, `plus-${lot.id}`);
            assert.equal(await page.getByTestId(`plus-${lot.id}`).isDisabled(), true);
            await tap(page, `order-${lot.id}`);
            await page.getByTestId(`take-less-${lot.id}`).check();
            await page.getByTestId('order-name').fill('Chị Hoa');
            await page.setViewportSize({ width: 360, height: 740 });     // where the field would end just above the button
            await page.getByTestId('order-phone').fill('12ab');
            await page.getByTestId('order-place').fill('Mường Xén');
            await page.getByTestId('order-send').click();
            await until('what is wrong to be read above the button', () => page.evaluate(() => {
                const [words, button] = ['#wrong-phone', '[data-testid="order-send"]'].map((at) => document.querySelector(at)?.getBoundingClientRect());
                return words?.top > 0 && words.bottom <= button.top;
            }));
            await page.getByTestId('order-phone').fill('0912 345 679');
            ok(await placeOrder(stack.client(), stall, 2500), 201);     // somebody else is faster
            await tap(page, 'order-send');
            await seen(page, 'order-saved');
            const [found] = rows(stack.database, `SELECT l.quantity, o.total FROM order_line l JOIN orders o ON o.id = l.order_id WHERE l.lot = ${lot.id} ORDER BY o.id DESC`);
            assert.deepEqual(found, { quantity: 1500, total: 45000 });
            assert.equal(await available(stack, stall), 0);
            // The same number cannot come back for more.
            ok(await stall.farmer.patch(`/api/v1/lots/${lot.id}`, { key: newKey(), add: 5000 }));
            const again = await placeOrder(stack.client(), stall, 2000, { phone: '+84912345679' });
            assert.equal(again.status, 409, again.text);
            assert.deepEqual([again.body.code, again.body.limit, again.body.had], ['buyer-limit', 3000, 1500]);
            assert.deepEqual(page.trouble, []);
            await page.context().close();
        });
    });
});
