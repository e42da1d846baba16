// Goods in real pages: a flash price, a lot ordered before it is picked, the line of those who wait, orders made one, where a
// lot comes from and its label, and what is written off.
import assert from 'node:assert/strict';
import { Stack } from './lib/stack.mjs';
import { Browser, loseAnswers, pageOf, seen, tap, words, wordsIn } from './lib/browser.mjs';
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

async function buyersPage(stall, cookies) {
    const page = await browser.person(stack, { cookies });
    await page.goto(`/s/${stall.slug}`);
    await seen(page, `lot-${stall.lot.id}`);
    return page;
}
async function farmersPage(stall, path) {
    const page = await browser.person(stack, { cookies: stall.farmer.cookies });
    await page.goto(path);
    return page;
}
async function sayWho(page, phone = '0912 345 670') {
    await page.getByTestId('order-name').fill('Chị Hoa');
    await page.getByTestId('order-phone').fill(phone);
    await page.getByTestId('order-place').fill('Mường Xén');
}
async function done(...pages) {
    assert.deepEqual(pages.flatMap((p) => p.trouble), []);
    for (const page of pages) await page.context().close();
}
const priceIs = (page, lot, price) => page.locator(`[data-testid="price-${lot}"][data-price="${price}"]`).waitFor();

describe('an address that is none', () => {
    test('as a link with a full stop or a slash behind it, is said so on a page with the way to the stalls', async () => {
        const stall = await makeStall(stack), page = await browser.person(stack);
        for (const end of ['.', '/']) {
            assert.equal((await page.goto(`/s/${stall.slug}${end}`)).status(), 404);
            await page.getByTestId('notice').filter({ hasText: /Không tìm thấy/ }).waitFor();
        }
        await page.locator('main a[href="/"]').click();
        await seen(page, `stall-${stall.slug}`);
        await done(page);
        assert.equal((await stack.client().get(`/s/${stall.slug}.`)).body.code, 'not-found');      // a program is not given a page
    });
});

describe('flash price', () => {
    test('the farmer opens it, the buyer sees it run and pays it, one too many is asked, and it ends', async () => {
        const stall = await makeStall(stack);
        const { lot } = stall;
        const buyer = await buyersPage(stall);
        const farmer = await farmersPage(stall, `/goods?stall=${stall.slug}`);
        await tap(farmer, `flash-${lot.id}`);
        await farmer.getByTestId('flash-price').fill('20000');
        await seen(farmer, 'flash-price-doubt');                                          // no less than it costs anyway
        await farmer.getByTestId('flash-price').fill('15000');
        await farmer.getByTestId('flash-amount').fill('3');
        await farmer.getByTestId('lot-limit').or(farmer.getByTestId('flash-limit')).fill('2');
        await tap(farmer, 'minutes-10');
        await tap(farmer, 'flash-save');
        await seen(farmer, `flash-on-${lot.id}`);
        await priceIs(buyer, lot.id, 15000);
        assert.match(await words(buyer, `flash-${lot.id}`), /\d:\d\d/);
        for (let i = 0; i < 2; i++) await tap(buyer, `plus-${lot.id}`);
        assert.equal(await buyer.getByTestId(`plus-${lot.id}`).isDisabled(), true);     // two kilograms each
        await tap(buyer, `order-${lot.id}`);
        await sayWho(buyer);
        ok(await placeOrder(stack.client(), { ...stall, lot: { ...lot, price: 15000 } }, 2000), 201);   // somebody else is faster
        await tap(buyer, 'order-send');
        await buyer.getByTestId('order-sheet').locator('[data-testid="notice"][data-tone="warn"]').waitFor();   // the buyer is asked
        await tap(buyer, 'order-send');
        await seen(buyer, 'order-saved');
        assert.deepEqual(rows(stack.database, `SELECT l.price, l.quantity FROM order_line l WHERE l.lot = ${lot.id} ORDER BY l.order_id`),
            [{ price: 15000, quantity: 2000 }, { price: 20000, quantity: 2000 }]);
        await tap(farmer, `flash-end-${lot.id}`);
        await priceIs(buyer, lot.id, 20000);
        await done(buyer, farmer);
    });
});

describe('a form without a network', () => {
    test('keeps what was written in it, says what to do, and goes when the network is back', async () => {
        const stall = await makeStall(stack);
        const farmer = await farmersPage(stall, `/golive?stall=${stall.slug}`);
        await tap(farmer, 'lot-add');
        await farmer.getByTestId('lot-name').fill('Măng đắng');
        await farmer.getByTestId('lot-price').fill('rẻ');
        await farmer.getByTestId('lot-amount').fill('12,5');
        await tap(farmer, 'lot-save');
        assert.match(await farmer.getByTestId('lot-form').getByRole('alert').textContent(), /25\.000/);     // what would be right
        assert.equal(await farmer.evaluate(() => document.activeElement.id), 'lot-price');
        await farmer.getByTestId('lot-price').fill('25');                                                   // thousand, as it is said aloud
        assert.match(await words(farmer, 'lot-price-doubt'), /25\.000/);
        await farmer.getByTestId('lot-price').fill('25k');
        await farmer.context().setOffline(true);
        await tap(farmer, 'lot-save');
        assert.match(await wordsIn(farmer, 'lot-form'), /Mất mạng/);
        assert.equal(await farmer.getByTestId('lot-amount').inputValue(), '12,5');
        await farmer.context().setOffline(false);
        await tap(farmer, 'lot-save');
        await farmer.getByTestId('lot-form').waitFor({ state: 'detached' });
        const made = ok(await stack.client().get(`/api/v1/stalls/${stall.slug}`)).lots.filter((l) => l.name === 'Măng đắng');
        assert.deepEqual(made.map((l) => [l.price, l.available]), [[25000, 12500]]);
        await done(farmer);
    });
});

describe('a harvest lot', () => {
    test('is put up with its day, ordered before it is picked, and becomes a lot like any other', async () => {
        const stall = await makeStall(stack);
        const farmer = await farmersPage(stall, '/goods');
        await tap(farmer, 'harvest-add');
        await farmer.getByTestId('harvest-name').fill('Mận tam hoa');
        await farmer.getByTestId('harvest-price').fill('30000');
        await farmer.getByTestId('harvest-amount').fill('10');
        const friday = new Date(Date.now() + 3 * 86400_000 + 7 * 3600_000).toISOString().slice(0, 11);
        await farmer.getByTestId('harvest-pick').fill(`${friday}06:00`);
        await farmer.getByTestId('harvest-until').fill(`${friday}00:00`);
        await tap(farmer, 'harvest-save');
        const lot = await until('the lot to be there', async () => ok(await stall.farmer.get(`/api/v1/stalls/${stall.slug}`)).lots.find((l) => l.harvest));
        assert.equal(lot.harvest.pick_at - lot.harvest.order_until, 6 * 3600_000);
        const buyer = await buyersPage(stall);
        assert.match(await words(buyer, `harvest-${lot.id}`), /\d+\/\d+\/\d{4}/);
        ok(await placeOrder(stack.client(), { ...stall, lot }, 6000), 201);
        await tap(farmer, `picked-${lot.id}`);
        await farmer.getByTestId('picked-amount').fill('5');
        await tap(farmer, 'picked-save');
        await farmer.locator('[data-testid="notice"][data-tone="warn"]').waitFor();       // a kilogram more was ordered
        await buyer.getByTestId(`harvest-${lot.id}`).waitFor({ state: 'detached' });
        assert.equal(await available(stack, { ...stall, lot }), 0);
        await done(buyer, farmer);
    });
});

describe('the line', () => {
    test('who waits sees the turn come with its countdown, and says yes; who said no is passed by', async () => {
        const stall = await makeStall(stack);
        const { lot } = stall;
        const first = stack.client();
        const { order } = ok(await placeOrder(first, stall, 10000), 201);
        const [one, two] = [await buyersPage(stall), await buyersPage(stall)];
        for (const [page, phone] of [[one, '0912345671'], [two, '0912345672']]) {
            await tap(page, `wait-${lot.id}`);
            await sayWho(page, phone);
            await tap(page, 'wait-send');
            await seen(page, `waiting-${lot.id}`);
        }
        await two.locator(`[data-testid="waiting-${lot.id}"][data-ahead="1"]`).waitFor();
        const farmer = await farmersPage(stall, `/goods?stall=${stall.slug}`);
        await until('the farmer to see who waits', async () => await farmer.locator('[data-testid^="who-waits-"]').count() === 2);
        // A kilogram of the ten is taken off: the first in line is asked, and nobody else can have it.
        ok(await stall.farmer.patch(`/api/v1/lots/${lot.id}`, { key: newKey(), add: 1000 }));
        await seen(one, 'offer-yes');
        assert.match(await words(one, 'offer-left'), /\d:\d\d/);
        assert.equal(await available(stack, stall), 0);
        await tap(one, 'offer-no');
        await seen(two, 'offer-yes');
        await tap(two, 'offer-yes');
        await until('the order to be a real one', () => rows(stack.database, `SELECT 1 FROM wait WHERE lot = ${lot.id} AND state = 'taken'`).length === 1);
        await two.getByTestId('offer-yes').waitFor({ state: 'detached' });
        assert.deepEqual(rows(stack.database, `SELECT state FROM wait WHERE lot = ${lot.id} ORDER BY id`), [{ state: 'declined' }, { state: 'taken' }]);
        ok(await first.post(`/api/v1/orders/${order.code}/cancel`, { key: newKey(), why: 'mistake' }));
        assert.equal(await available(stack, stall), 10000);      // nobody waits any more
        await done(one, two, farmer);
    });

    test('on a line that loses the list one sees at once that one waits, left, or has the order; what was written is still there', async () => {
        const stall = await makeStall(stack);
        const { lot } = stall;
        const { order } = ok(await placeOrder(stack.client(), stall, 10000), 201);
        const page = await buyersPage(stall);
        await page.route('**/api/v1/waits', (route) => (route.request().method() === 'GET' ? route.abort() : route.fallback()));
        await tap(page, `wait-${lot.id}`);
        await sayWho(page, '0912 345 673');
        await tap(page, `wait-plus-${lot.id}`);
        await page.reload();                                      // a phone short of memory
        await tap(page, `wait-${lot.id}`);
        assert.equal(await page.getByTestId('order-phone').inputValue(), '0912 345 673');
        assert.match(await words(page, `wait-quantity-${lot.id}`), /^1,5\skg$/);
        await tap(page, 'wait-send');
        await seen(page, `waiting-${lot.id}`);
        await seen(page, `in-line-${lot.id}`);
        await page.locator('[data-testid="notice"][data-tone="ok"]').waitFor();
        const again = await pageOf(page.context());                // the same phone's other tab, which has not heard of it
        await again.route('**/api/v1/waits', (route) => (route.request().method() === 'GET' ? route.abort() : route.fallback()));
        await again.addInitScript(() => localStorage.removeItem('cx.waits'));
        await again.goto(`/s/${stall.slug}`);
        await tap(again, `wait-${lot.id}`);
        await tap(again, 'wait-send');
        assert.match(await wordsIn(again, 'wait-sheet'), /đang chờ món này rồi/);
        await again.close();
        await tap(page, `leave-${lot.id}`);
        await seen(page, `wait-${lot.id}`);
        await page.locator('[data-testid="notice"][data-tone]').waitFor({ state: 'detached' });      // a line that was left is not told of any more
        await tap(page, `wait-${lot.id}`);
        assert.equal(await page.getByTestId('order-phone').inputValue(), '0912 345 673', 'as it was typed, not as it is kept');
        await tap(page, 'wait-send');
        await seen(page, `waiting-${lot.id}`);
        await page.unroute('**/api/v1/waits');
        ok(await stall.farmer.post(`/api/v1/orders/${order.code}/cancel`, { key: newKey(), why: 'weather' }));
        await tap(page, 'offer-yes');
        const own = await page.locator('[data-testid^="own-"]').first().getAttribute('data-testid');
        await page.getByTestId('notice').filter({ hasText: own.slice('own-'.length) }).waitFor();
        await done(page);
    });
});

describe('several orders made one', () => {
    test('the buyer is told what one delivery costs, and the farmer sees one order', async () => {
        const stall = await makeStall(stack, { lots: [{ name: 'Rau cải', unit: 'kg', price: 20000, amount: 10000 }, { name: 'Gừng', unit: 'kg', price: 30000, amount: 5000 }] });
        const { zone } = ok(await stall.cadre.post('/api/v1/zones', { key: newKey(), name: `Vùng ${stall.slug}`, base: 10000, included: 2000, per_kg: 5000 }));
        const buyer = stack.client();
        const fee = { zone: zone.id, fee: 10000 };
        ok(await placeOrder(buyer, stall, 1000, { delivery: fee }), 201);
        ok(await placeOrder(buyer, { ...stall, lot: stall.lots[1] }, 2000, { delivery: fee }), 201);
        const page = await buyersPage(stall, buyer.cookies);
        await tap(page, 'merge');
        assert.match(await page.getByTestId('merge-sheet').textContent(), /15\.000.*20\.000/);
        await tap(page, 'merge-yes');
        await page.getByTestId('merge').waitFor({ state: 'detached' });
        const { orders } = ok(await buyer.get('/api/v1/orders'));
        assert.deepEqual(orders.map((o) => [o.state, o.total, o.lines.length]), [['placed', 20000 + 60000 + 15000, 2], ['cancelled', 70000, 1], ['cancelled', 30000, 1]]);
        assert.equal(orders[1].merged_into, orders[0].code);
        assert.deepEqual(ok(await stack.client().get(`/api/v1/stalls/${stall.slug}`)).lots.map((l) => l.available), [9000, 3000]);
        await page.goto(`/orders/${orders[2].code}`);
        assert.equal(await words(page, 'merged-into'), orders[0].code);
        await done(page);
    });
});

describe('where a lot comes from', () => {
    test('the farmer says it, adds a paper, prints a label, and whoever scans it reads it', async () => {
        const stall = await makeStall(stack);
        const { lot } = stall;
        const farmer = await farmersPage(stall, `/goods?stall=${stall.slug}`);
        await tap(farmer, `origin-${lot.id}`);
        await farmer.getByTestId('origin-plot').fill('Nương đỉnh Pù Xai');
        await farmer.getByTestId('origin-picked').fill('2026-05-01T05:30');
        await tap(farmer, 'origin-save');
        await farmer.getByTestId('origin-form').waitFor({ state: 'detached' });
        await tap(farmer, `origin-${lot.id}`);
        const pdf = Buffer.from('%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer<<>>\n%%EOF\n');
        await farmer.getByTestId('paper-file').setInputFiles({ name: 'vietgap.pdf', mimeType: 'application/pdf', buffer: pdf });
        await farmer.getByTestId('origin-form').waitFor({ state: 'detached' });
        await tap(farmer, `label-${lot.id}`);
        await seen(farmer, 'label-qr');
        await tap(farmer, 'copies-4');
        await until('four labels', async () => await farmer.getByTestId('label').count() === 4);
        const url = await farmer.getByTestId('label-qr').first().getAttribute('data-url');
        const stranger = await browser.person(stack);
        await stranger.goto(new URL(url, stack.origin).pathname);
        await seen(stranger, 'from-plot');
        assert.match(await words(stranger, 'from-plot'), /Nương đỉnh Pù Xai, Khe Nhinh/);
        assert.match(await words(stranger, 'from-picked'), /05:30/);
        const href = await stranger.locator('[data-testid^="paper-"]').first().getAttribute('href');
        const paper = await stack.client().get(href);
        assert.equal(paper.status, 200);
        assert.equal(paper.headers['content-type'], 'application/pdf');
        assert.equal(paper.headers['x-content-type-options'], 'nosniff');
        assert.match(paper.headers['content-disposition'], /^attachment/);
        assert.match(paper.headers['content-security-policy'], /default-src 'none'/);
        for (const [bytes, code] of [['<html><script>alert(1)</script>', 'unsupported'], ['GIF89a......', 'unsupported']]) {
            const refused = await stall.farmer.post(`/api/v1/lots/${lot.id}/certificates`, { key: newKey(), kind: 'ocop', file: Buffer.from(bytes).toString('base64') });
            assert.deepEqual([refused.status, refused.body.code], [422, code]);
        }
        assert.equal((await stack.client().get('/api/v1/certificates/999999')).status, 404);
        assert.equal((await stack.client().get(`/o/${lot.id}/video`)).status, 404);       // nothing was recorded
        const { order } = ok(await placeOrder(stack.client(), stall, 1500), 201);
        await farmer.goto(`/labels?order=${order.code}`);
        await seen(farmer, 'label-qr');
        assert.match(await words(farmer, 'label'), new RegExp(`1,5.*${order.code}`, 's'));
        await done(farmer, stranger);
    });
});

describe('what spoiled', () => {
    test('is written off once when the answer gets lost, is said so in the sheet, and the sheet was closed in between', async () => {
        const stall = await makeStall(stack);
        const farmer = await farmersPage(stall, `/goods?stall=${stall.slug}`);
        await loseAnswers(farmer, /\/writeoffs$/, 2);
        const say = async () => {
            await tap(farmer, `spoil-${stall.lot.id}`);
            await farmer.getByTestId('spoil-amount').fill('0,7');
            await tap(farmer, 'spoil-save');
        };
        await say();
        assert.match(await wordsIn(farmer, 'spoil-form'), /bấm lần nữa/);
        await until('the button to be in hand again', () => farmer.evaluate(() => document.activeElement.dataset.testid === 'spoil-save'));
        assert.equal(await farmer.getByTestId('spoil-amount').inputValue(), '0,7');
        await farmer.keyboard.press('Escape');
        await farmer.getByTestId('spoil-form').waitFor({ state: 'detached' });
        await say();
        await wordsIn(farmer, 'spoil-form');
        await farmer.reload();
        await say();
        await farmer.getByTestId('spoil-form').waitFor({ state: 'detached' });
        assert.equal(rows(stack.database, `SELECT id FROM writeoff WHERE lot = ${stall.lot.id}`).length, 1);
        assert.equal(await available(stack, stall), 9300);
        await done(farmer);
    });

    test('is written off with a reason, and the farmer cancels an order for one that says who bears it', async () => {
        const stall = await makeStall(stack);
        const farmer = await farmersPage(stall, `/goods?stall=${stall.slug}`);
        await tap(farmer, `spoil-${stall.lot.id}`);
        await farmer.getByTestId('spoil-amount').fill('0,7');
        await tap(farmer, 'spoil-why-pests');
        await tap(farmer, 'spoil-save');
        await until('the write-off to be listed', async () => await farmer.locator('[data-testid^="writeoff-"]').count() === 1);
        assert.equal(await available(stack, stall), 9300);
        const { order } = ok(await placeOrder(stack.client(), stall, 1000), 201);
        await farmer.goto(`/golive?stall=${stall.slug}`);
        await tap(farmer, `cancel-${order.code}`);
        await tap(farmer, 'why-weather');
        await tap(farmer, 'cancel-send');
        await until('the order to be off', () => rows(stack.database, `SELECT 1 FROM orders WHERE code = '${order.code}' AND state = 'cancelled'`).length === 1);
        const [event] = rows(stack.database, `SELECT e.why, e.bears, e.device_at > 0 AS device, length(e.key) > 0 AS keyed, e.actor > 0 AS actor FROM order_event e JOIN orders o ON o.id = e.order_id WHERE o.code = '${order.code}'`);
        assert.deepEqual(event, { why: 'weather', bears: 'farmer', device: 1, keyed: 1, actor: 1 });
        await done(farmer);
    });
});
