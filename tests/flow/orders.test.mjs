// An order after it was placed, in real pages: weighed at the farm, answered by the buyer, closed.
import assert from 'node:assert/strict';
import { Stack } from './lib/stack.mjs';
import { Browser, seen, tap } from './lib/browser.mjs';
import { after, before, describe, test } from './lib/test.mjs';
import { newKey, ok } from './lib/api.mjs';
import { available, makeStall, placeOrder } from './lib/commune.mjs';
import { rows } from './lib/database.mjs';
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
    await page.waitForURL('**/golive');
    return page;
}

async function type(page, keys) {
    for (const key of keys) await tap(page, `pad-${key}`);
}

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
