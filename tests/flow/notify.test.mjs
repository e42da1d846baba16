// News of an order on a phone that sleeps (web push, end to end against a push service of our own), the order's page without
// network, and how the buyer means to pay.
import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { Stack } from './lib/stack.mjs';
import { after, before, describe, test } from './lib/test.mjs';
import { newKey, ok } from './lib/api.mjs';
import { makeStall, placeOrder } from './lib/commune.mjs';
import { Browser, seen, tap, words } from './lib/browser.mjs';
import { BrowserKeys, PushService, readVapid } from './lib/push_service.mjs';
import { holdEnds, rows } from './lib/database.mjs';
import { until } from './lib/until.mjs';

let service, stack, browser, stall;

before(async () => {
    service = await PushService.start();
    [stack, browser] = await Promise.all([
        Stack.start({ args: ['--relay', 'none', '--push-contact', 'mailto:office@example.com', '--push-allow', service.authority, '--push-ca', service.ca] }),
        Browser.start(),
    ]);
    stall = await makeStall(stack);
    const admin = await stack.login('admin');
    ok(await admin.post('/api/v1/bank-accounts', { key: newKey(), bin: '970405', number: '3600205123456', holder: 'HTX Khe Nhinh' }), 201);
    const [account] = ok(await admin.get('/api/v1/bank-accounts')).accounts;
    ok(await admin.post(`/api/v1/stalls/${stall.slug}/payee`, { key: newKey(), account: account.id, fee_points: 1000 }));
});
after(async () => {
    await browser?.stop();
    await stack?.stop();
    await service?.stop();
});

async function ordered(more = {}) {
    const buyer = stack.client();
    const { order } = ok(await placeOrder(buyer, stall, 500, more), 201);
    return { buyer, code: order.code };
}

const confirm = (code) => stall.farmer.post(`/api/v1/orders/${code}/confirm`, { key: newKey() });
const wish = (path, keys = new BrowserKeys()) => ({ key: newKey(), endpoint: `${service.origin}${path}`, p256dh: keys.p256dh, auth: keys.auth, lang: 'vi' });
const message = (path, n = 1) => until(`message ${n} at ${path}`, () => service.at(path)[n - 1], { ms: 60000 });
const subs = (code) => rows(stack.database, `SELECT p.* FROM push_sub p JOIN orders o ON o.id = p.order_id WHERE o.code = '${code}'`);

describe('web push', () => {
    test('what happens to an order is told, sealed for the browser and signed by the market', async () => {
        const { buyer, code } = await ordered();
        const { key } = ok(await buyer.get('/api/v1/push'));
        assert.equal(statSync(join(stack.dir, 'push-key.pem')).mode & 0o777, 0o600);
        const keys = new BrowserKeys();
        ok(await buyer.post(`/api/v1/orders/${code}/push`, wish('/phone-1', keys)), 201);
        ok(await confirm(code));
        const first = await message('/phone-1');
        assert.equal(first.method, 'POST');
        assert.equal(first.headers['content-encoding'], 'aes128gcm');
        assert.ok(Number(first.headers.ttl) > 0);
        assert.match(first.headers.topic, /^[\w-]{1,32}$/);
        const vapid = readVapid(first.headers.authorization);
        assert.equal(vapid.key, key);
        assert.deepEqual(vapid.head, { typ: 'JWT', alg: 'ES256' });
        assert.equal(vapid.claims.aud, service.origin);
        assert.equal(vapid.claims.sub, 'mailto:office@example.com');
        const left = vapid.claims.exp - Date.now() / 1000;
        assert.ok(left > 3600 && left < 86400, `${left} s`);
        assert.deepEqual(keys.open(first.body), { title: `Đơn ${code}`, body: 'Bà con đã nhận đơn.', url: `/orders/${code}`, tag: code });
        assert.ok(!first.body.includes(code));

        const courier = await stack.login('courier');
        const { trip } = ok(await courier.post('/api/v1/trips', { key: newKey(), title: 'Chiều' }), 201);
        const { trip: { stops: [stop] } } = ok(await courier.post(`/api/v1/trips/${trip.id}/stops`, { key: newKey(), orders: [code] }));
        for (const to of ['loaded', 'moving']) ok(await courier.post(`/api/v1/trips/${trip.id}/move`, { key: newKey(), to }));
        assert.equal(keys.open((await message('/phone-1', 2)).body).body, 'Hàng đang trên đường.');
        ok(await courier.post(`/api/v1/stops/${stop.id}/mark`, { key: newKey(), to: 'arrived' }));
        const third = await message('/phone-1', 3);
        assert.equal(third.headers.urgency, 'high');
        assert.equal(keys.open(third.body).body, 'Người giao đã tới. Mời ra cửa.');
        ok(await courier.post(`/api/v1/stops/${stop.id}/mark`, { key: newKey(), to: 'failed', reason: 'not-home' }));
        assert.match(keys.open((await message('/phone-1', 4)).body).body, /^Chưa giao được/);
        ok(await courier.post(`/api/v1/trips/${trip.id}/move`, { key: newKey(), to: 'closed' }));
        assert.equal((await buyer.del(`/api/v1/orders/${code}/push`)).status, 204);
        assert.equal(subs(code).length, 0);
    });

    test('a push service that is down is tried again; a phone that is gone is forgotten', async () => {
        const [down, gone] = [await ordered(), await ordered()];
        service.answers.set('/down', [503, 429]);
        service.answers.set('/gone', [410]);
        ok(await down.buyer.post(`/api/v1/orders/${down.code}/push`, wish('/down')), 201);
        ok(await gone.buyer.post(`/api/v1/orders/${gone.code}/push`, wish('/gone')), 201);
        ok(await confirm(down.code));
        ok(await confirm(gone.code));
        await until('the phone that is gone to be forgotten', () => subs(gone.code).length === 0);
        const third = await message('/down', 3);
        assert.deepEqual(service.at('/down').map((m) => m.status), [503, 429, 201]);
        assert.ok(third);
        await until('the message to count as told', () => subs(down.code)[0].told === 'confirmed' && subs(down.code)[0].tries === 0);
        assert.equal(service.at('/gone').length, 1);
    });

    test('who may ask, and for what', async () => {
        const { buyer, code } = await ordered();
        const at = `/api/v1/orders/${code}/push`;
        assert.equal((await stack.client().post(at, wish('/x'))).status, 401);
        assert.equal((await (await ordered()).buyer.post(at, wish('/x'))).status, 404);
        assert.equal((await stall.farmer.post(at, wish('/x'))).status, 403);
        for (const endpoint of ['http://push.example.com/1', 'https://127.0.0.1/1', 'https://localhost/1', 'https://10.0.0.1/1', 'https://push.example.com:8443/1', 'https://a@push.example.com/1'])
            assert.equal((await buyer.post(at, { ...wish('/x'), endpoint })).body.field, 'endpoint', endpoint);
        assert.equal((await buyer.post(at, { ...wish('/x'), p256dh: 'A'.repeat(87) })).body.field, 'p256dh');
        for (const n of [1, 2, 3, 4]) ok(await buyer.post(at, wish(`/many-${n}`)), 201);
        ok(await buyer.post(at, wish('/many-4')), 201);          // the same phone again takes its own place
        const fifth = await buyer.post(at, wish('/many-5'));
        assert.equal(fifth.status, 429);
        assert.ok(Number(fifth.headers['retry-after']) > 0);
        ok(await buyer.post(`/api/v1/orders/${code}/cancel`, { key: newKey() }));
        assert.equal((await buyer.post(at, wish('/late'))).status, 409);
    });
});

/** Chromium has a push service only with an account at its maker's: the test's own hands out the address. All else is the browser's. */
function standIn({ endpoint, p256dh, auth }) {
    PushManager.prototype.subscribe = () => Promise.resolve({ toJSON: () => ({ endpoint, keys: { p256dh, auth } }) });
}

describe('the order\'s page', () => {
    test('tells the market the way of last time that it shows as chosen, without a tap', async () => {
        const { buyer, code } = await ordered({ place: 'Khối 5' });
        const page = await browser.person(stack, { cookies: buyer.cookies });
        await page.context().addInitScript(() => localStorage.setItem('cx.pay-way', 'cash'));
        await page.goto(`/orders/${code}`);
        await until('cash to be shown as chosen', async () => (await page.getByTestId('pay-cash').getAttribute('aria-pressed')) === 'true');
        await until('the market to know', async () => ok(await stall.farmer.get(`/api/v1/orders/${code}`)).order.pay_way === 'cash');
        const farmers = await browser.person(stack, { cookies: stall.farmer.cookies });
        await farmers.context().addInitScript(() => localStorage.setItem('cx.pay-way', 'bank'));
        await farmers.goto(`/orders/${code}`);
        await seen(farmers, 'pay-cash-words');
        assert.equal(ok(await stall.farmer.get(`/api/v1/orders/${code}`)).order.pay_way, 'cash');
        assert.deepEqual([...page.trouble, ...farmers.trouble], []);
    });

    test('tells on a sleeping phone, opens without network, and keeps how the buyer means to pay', async () => {
        const { buyer, code } = await ordered({ place: 'Khối 4' });
        const keys = new BrowserKeys();
        const page = await browser.person(stack, { cookies: buyer.cookies });
        const context = page.context();
        await context.grantPermissions(['notifications'], { origin: stack.origin });
        await context.addInitScript(standIn, { endpoint: `${service.origin}/browser`, p256dh: keys.p256dh, auth: keys.auth });
        await page.goto(`/orders/${code}`);
        await tap(page, 'tell-on');
        await until('the phone to be told', async () => (await page.getByTestId('tell').getAttribute('data-stand')) === 'on');
        ok(await confirm(code));
        const told = keys.open((await message('/browser')).body);

        // what the push service would bring, given to the browser by its debugger
        const cdp = await context.newCDPSession(page);
        const versions = [];
        cdp.on('ServiceWorker.workerRegistrationUpdated', ({ registrations }) => versions.push(...registrations));
        await cdp.send('ServiceWorker.enable');
        const { registrationId } = await until('the worker to be seen', () => versions.find((r) => r.scopeURL.endsWith('/orders/')));
        await cdp.send('ServiceWorker.deliverPushMessage', { origin: stack.origin, registrationId, data: JSON.stringify(told) });
        const shown = await until('the notification to be shown', () => page.evaluate(async () => {
            const registration = await navigator.serviceWorker.getRegistration('/orders/');
            const [n] = await registration.getNotifications();
            return n && { title: n.title, body: n.body, tag: n.tag, url: n.data.url };
        }));
        assert.deepEqual(shown, told);

        // cash or bank: for the farmer and the courier to know
        await tap(page, 'pay-cash');
        await until('the market to know', async () => ok(await stall.farmer.get(`/api/v1/orders/${code}`)).order.pay_way === 'cash');
        await context.setOffline(true);
        await tap(page, 'pay-bank');
        await seen(page, 'pay-qr');
        await context.setOffline(false);
        await until('the market to hear of the change of mind', async () => ok(await stall.farmer.get(`/api/v1/orders/${code}`)).order.pay_way === 'bank');

        // a cold start without network
        await until('the page to be kept', () => page.evaluate(async () => !!(await caches.match('/orders/'))));
        await page.close();
        await context.setOffline(true);
        const cold = await context.newPage();
        await cold.goto(`/orders/${code}`);
        await seen(cold, 'order-state');
        assert.equal(await cold.getByTestId('order-state').getAttribute('data-state'), 'confirmed');
        await seen(cold, 'pay-qr');
        await seen(cold, 'pay-old');
        await until('the page to say of when it is', async () => /Chưa có mạng/.test(await words(cold, 'notice')));
        await context.setOffline(false);
        await until('the page to be of now again', async () => (await cold.getByTestId('notice').first().getAttribute('data-tone')) === null);
        assert.deepEqual(page.trouble, []);
        await context.close();

        const courier = await stack.login('courier');
        const { trip } = ok(await courier.post('/api/v1/trips', { key: newKey(), title: 'Tối' }), 201);
        ok(await courier.post(`/api/v1/trips/${trip.id}/stops`, { key: newKey(), orders: [code] }));
        const road = await browser.person(stack, { cookies: courier.cookies });
        await road.goto('/courier');
        await seen(road, `pays-${code}`);
        assert.equal(await road.getByTestId(`pays-${code}`).getAttribute('data-way'), 'bank');
        await road.context().close();
    }, { ms: 180000 });
});

describe('a place in line', () => {
    test('the phone is told of the turn, the stall shows the offer with its clock, and the notification opens where it is answered', async () => {
        const line = await makeStall(stack, { lots: [{ name: 'Rau cải', unit: 'kg', price: 20000, amount: 1000 }] });
        ok(await placeOrder(stack.client(), line, 1000), 201);
        const keys = new BrowserKeys();
        const page = await browser.person(stack);
        const context = page.context();
        await context.grantPermissions(['notifications'], { origin: stack.origin });
        await context.addInitScript(standIn, { endpoint: `${service.origin}/turn`, p256dh: keys.p256dh, auth: keys.auth });
        await page.goto(`/s/${line.slug}`);
        await tap(page, `wait-${line.lot.id}`);
        await page.getByTestId('order-name').fill('Chị Hoa');
        await page.getByTestId('order-phone').fill('0912 345 688');
        await page.getByTestId('order-place').fill('Khối 4');
        await tap(page, 'wait-send');
        await seen(page, `waiting-${line.lot.id}`);
        await tap(page, 'tell-on');
        await until('the phone to be told', async () => (await page.getByTestId('tell').getAttribute('data-stand')) === 'on');
        ok(await line.farmer.patch(`/api/v1/lots/${line.lot.id}`, { key: newKey(), add: 1000 }));
        const first = await message('/turn');
        const told = keys.open(first.body);
        const [{ code }] = rows(stack.database, `SELECT o.code FROM wait w JOIN orders o ON o.id = w.order_id WHERE w.lot = ${line.lot.id}`);
        assert.deepEqual(told, { title: 'Đến lượt anh chị', body: 'Hàng anh chị chờ đã có lại. Mời bấm để trả lời trước khi hết giờ giữ.', url: `/orders/${code}`, tag: code });
        assert.equal(first.headers.urgency, 'high');
        assert.ok(Number(first.headers.ttl) > 0 && Number(first.headers.ttl) <= 600, first.headers.ttl);      // of no use once the offer is over
        await seen(page, `turn-${line.lot.id}`);
        assert.match(await words(page, `turn-${line.lot.id}`), /\d:\d\d/);
        assert.match(await words(page, 'offer-left'), /\d:\d\d/);
        assert.equal(await page.getByTestId(`wait-${line.lot.id}`).count(), 0);

        // the browser's own worker shows it; a tap on it is an event that only a person can make, so its listener is called. A worker
        // that had nothing to do has been put to sleep by now: opening the page wakes it.
        const opened = await until('the notification to be tapped', async () => {
            await page.reload();
            const worker = context.serviceWorkers().findLast((w) => w.url().endsWith('/sw.js'));
            return worker.evaluate(async (news) => {
                const asked = [];
                const soon = async (probe) => {
                    for (let i = 0; i < 100; i++) {
                        const found = await probe();
                        if (found) return found;
                        await new Promise((done) => setTimeout(done, 50));
                    }
                    throw new Error(`nothing came of ${probe}`);
                };
                self.clients.openWindow = (url) => { asked.push(url); return Promise.resolve(null); };
                self.dispatchEvent(new PushEvent('push', { data: JSON.stringify(news) }));
                const note = await soon(async () => (await self.registration.getNotifications())[0]);
                self.dispatchEvent(new NotificationEvent('notificationclick', { notification: note }));
                await soon(() => asked.length);
                return asked;
            }, told);
        });
        assert.deepEqual(opened, [`/orders/${code}`]);
        await page.goto(opened[0]);
        assert.match(await words(page, 'offer-left'), /\d:\d\d/);
        await tap(page, 'offer-yes');
        await page.getByTestId('offer-yes').waitFor({ state: 'detached' });
        ok(await line.farmer.post(`/api/v1/orders/${code}/confirm`, { key: newKey() }));
        assert.equal(keys.open((await message('/turn', 2)).body).body, 'Bà con đã nhận đơn.');
        assert.equal(rows(stack.database, 'SELECT COUNT(*) AS n FROM wait_push')[0].n, 0);
        assert.deepEqual(page.trouble, []);
        await context.close();
    }, { ms: 120000 });

    test('an offer that nobody answered is told as passed on, and the next in line is asked', async () => {
        const line = await makeStall(stack, { lots: [{ name: 'Măng đắng', unit: 'kg', price: 20000, amount: 1000 }] });
        ok(await placeOrder(stack.client(), line, 1000), 201);
        const [one, two] = [stack.client(), stack.client()];
        const keys = [new BrowserKeys(), new BrowserKeys()];
        for (const [i, buyer] of [one, two].entries()) {
            const { wait } = ok(await buyer.post('/api/v1/waits', { key: newKey(), stall: line.slug, lot: line.lot.id, quantity: 1000, name: `Chị ${i}`, phone: `09123456${70 + i}` }), 201);
            ok(await buyer.post(`/api/v1/waits/${wait.id}/push`, wish(`/passed-${i}`, keys[i])), 201);
        }
        ok(await line.farmer.patch(`/api/v1/lots/${line.lot.id}`, { key: newKey(), add: 1000 }));
        const { url } = keys[0].open((await message('/passed-0')).body);
        const code = url.split('/').at(-1);
        holdEnds(stack.database, code);
        assert.deepEqual(keys[0].open((await message('/passed-0', 2)).body), { title: `Đơn ${code}`, body: 'Hết giờ giữ hàng, đã nhường người sau.', url: `/orders/${code}`, tag: code });
        assert.equal(keys[1].open((await message('/passed-1')).body).title, 'Đến lượt anh chị');
        assert.equal(ok(await one.get(`/api/v1/orders/${code}`)).order.why, 'expired');
        await until('that to be the last word of that order', () => subs(code)[0].told === 'passed' && subs(code)[0].over_at > 0);
        assert.equal(service.at('/passed-0').length, 2);
    }, { ms: 120000 });

    test('nobody else may ask for it, and a place that is over tells nobody', async () => {
        const line = await makeStall(stack, { lots: [{ name: 'Gừng', unit: 'kg', price: 20000, amount: 1000 }] });
        ok(await placeOrder(stack.client(), line, 1000), 201);
        const buyer = stack.client();
        const { wait } = ok(await buyer.post('/api/v1/waits', { key: newKey(), stall: line.slug, lot: line.lot.id, quantity: 1000, name: 'Bà Xa', phone: '0912345689' }), 201);
        const at = `/api/v1/waits/${wait.id}/push`;
        assert.equal((await stack.client().post(at, wish('/x'))).status, 401);
        assert.equal((await line.farmer.post(at, wish('/x'))).status, 404);
        assert.equal((await buyer.post(at, { ...wish('/x'), endpoint: 'https://10.0.0.1/1' })).body.field, 'endpoint');
        for (const n of [1, 2, 3, 4, 4]) ok(await buyer.post(at, wish(`/line-${n}`)), 201);
        assert.equal((await buyer.post(at, wish('/line-5'))).status, 429);
        ok(await buyer.post(`/api/v1/waits/${wait.id}/leave`, { key: newKey() }));
        assert.equal((await buyer.post(at, wish('/line-1'))).status, 409);
        assert.equal(rows(stack.database, 'SELECT COUNT(*) AS n FROM wait_push')[0].n, 0);
    });
});

describe('the front and the stalls', () => {
    test('open without network with what was known and say so, and an order pressed there arrives', async () => {
        const near = await makeStall(stack);
        const page = await browser.person(stack);
        const context = page.context();
        await page.goto(`/s/${near.slug}`);
        await seen(page, `lot-${near.lot.id}`);
        await until('the pages to be kept', () => page.evaluate(async (path) => !!(await caches.match(path)) && !!(await caches.match('/')), `/s/${near.slug}`));
        ok(await near.farmer.patch(`/api/v1/lots/${near.lot.id}`, { key: newKey(), price: 23000 }));
        await page.locator(`[data-testid="price-${near.lot.id}"][data-price="23000"]`).waitFor();
        await page.goto(`/s/${near.slug}?lang=vi`);           // the worker has the page now, and writes down what it showed
        await seen(page, `lot-${near.lot.id}`);
        assert.equal(await page.getByTestId('old').count(), 0);
        await page.close();

        stack.market.kill('SIGTERM');                          // no market to be reached is no network
        await stack.market.ended;
        const cold = await context.newPage();
        await cold.goto(`/s/${near.slug}`);
        await cold.locator(`[data-testid="price-${near.lot.id}"][data-price="23000"]`).waitFor();
        assert.match(await words(cold, 'old'), /^Chưa có mạng. Đây là những gì biết lúc \d\d:\d\d/);
        await tap(cold, `order-${near.lot.id}`);
        await cold.getByTestId('order-name').fill('Chị Hoa');
        await cold.getByTestId('order-phone').fill('0912 345 690');
        await cold.getByTestId('order-place').fill('Khối 4');
        await tap(cold, 'order-send');
        await seen(cold, 'order-waiting');
        await cold.goto('/');
        await seen(cold, `stall-${near.slug}`);
        await seen(cold, 'old');
        await cold.goto('/s/never-seen');                     // the front instead of the browser's own page
        await seen(cold, `stall-${near.slug}`);
        await cold.goto(`/s/${near.slug}`);
        await seen(cold, 'order-waiting');

        await stack.startMarket();
        await until('the order to be saved', () => rows(stack.database, `SELECT 1 FROM order_line WHERE lot = ${near.lot.id} AND price = 23000`).length === 1, { ms: 60000 });
        await cold.getByTestId('order-waiting').waitFor({ state: 'detached' });
        await cold.locator('[data-testid^="own-"]').waitFor();
        await cold.getByTestId('old').waitFor({ state: 'detached' });
        await context.close();
    }, { ms: 180000 });
});

describe('last, with another start', () => {
    test('what was due is sent after a crash; a private address is not dialled', async () => {
        const { buyer, code } = await ordered();
        const { key } = ok(await buyer.get('/api/v1/push'));
        service.answers.set('/crash', [503]);
        const keys = new BrowserKeys();
        ok(await buyer.post(`/api/v1/orders/${code}/push`, wish('/crash', keys)), 201);
        ok(await confirm(code));
        await until('the first try to be written down', () => subs(code)[0].tries === 1, { ms: 60000 });
        stack.market.kill('SIGKILL');
        await stack.market.ended;
        const args = stack.args;
        stack.args = args.map((a) => (a === service.authority ? 'localhost:1' : a));
        await stack.startMarket();
        assert.equal(ok(await buyer.get('/api/v1/push')).key, key);
        await until('the private address to be refused', () => stack.log.includes('push.private'), { ms: 60000 });
        assert.equal(service.at('/crash').length, 1);
        stack.market.kill('SIGKILL');
        await stack.market.ended;
        stack.args = args;
        await stack.startMarket();
        assert.equal(keys.open((await message('/crash', 2)).body).body, 'Bà con đã nhận đơn.');
    }, { ms: 180000 });
});
