// People: the door, leaving a phone again, and a household and its stall written down by the cadre, on a network that comes and goes.
import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { join } from 'node:path';
import { root, Stack } from './lib/stack.mjs';
import { Browser, loseAnswers, seen, tap, words, wordsIn } from './lib/browser.mjs';
import { after, before, describe, test } from './lib/test.mjs';
import { newKey, ok } from './lib/api.mjs';
import { makeStall, placeOrder } from './lib/commune.mjs';
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

async function form() {
    const cadre = await stack.login('cadre');
    const page = await browser.person(stack, { cookies: cadre.cookies });
    await page.goto('/sessions');
    await tap(page, 'tab-people');
    await tap(page, 'person-add');
    return { cadre, page };
}
async function fill(page, values) {
    for (const [field, value] of Object.entries(values)) await page.getByTestId(`person-${field}`).fill(value);
}
const stalls = async (name) => ok(await stack.client().get('/api/v1/stalls')).stalls.filter((s) => s.name === name).map((s) => s.slug).sort();

describe('a household', () => {
    test('sees what the village team ordered for it, once it has come in with its number, and may call it off', async () => {
        const stall = await makeStall(stack), cadre = await stack.login('cadre'), phone = `09${randomInt(10000000, 99999999)}`;
        const { name } = ok(await cadre.get('/api/v1/me')).person;
        const { order } = ok(await placeOrder(cadre, stall, 1000, { name: 'Mẹ Pó', phone, place: 'Bản Na' }), 201);
        assert.equal(order.placed_by, name);
        const typed = stack.client();        // who only types the number
        ok(await placeOrder(typed, stall, 1000, { phone }), 201);
        assert.equal((await typed.get(`/api/v1/orders/${order.code}`)).status, 404);

        const { people } = ok(await cadre.get('/api/v1/people?role=buyer'));
        const { id } = people.find((p) => p.name === 'Mẹ Pó');
        const office = await browser.person(stack, { cookies: (await stack.login('cadre')).cookies });
        await office.goto('/sessions');
        await tap(office, 'tab-people');
        await tap(office, `link-${id}`);                      // at the household's door
        const url = await words(office, 'qr-url');
        await office.context().close();
        const page = await browser.person(stack);
        await page.goto(url);
        await tap(page, 'enter');
        await page.waitForURL((at) => at.pathname === '/');
        await page.goto(`/s/${stall.slug}`);
        assert.match(await words(page, `placed-by-${order.code}`), new RegExp(name));
        await page.screenshot({ path: join(root, 'build/screenshots/own-orders-placed.png'), fullPage: true, scale: 'css' });
        await page.goto(`/orders/${order.code}`);
        assert.match(await words(page, 'placed-by'), new RegExp(name));
        await page.screenshot({ path: join(root, 'build/screenshots/order-placed-by.png'), fullPage: true, scale: 'css' });
        await tap(page, 'order-cancel');
        await tap(page, 'order-cancel-sure');
        await until('the order to be off', async () => (await page.getByTestId('order-state').getAttribute('data-state')) === 'cancelled');
        assert.deepEqual(page.trouble, []);
        await page.context().close();
    });

    test('is one of many whom the village team orders for: the page forgets each before the next', async () => {
        const stall = await makeStall(stack), cadre = await stack.login('cadre');
        const page = await browser.person(stack, { cookies: cadre.cookies });
        await page.goto(`/s/${stall.slug}`);
        for (const name of ['Mẹ Pó', 'Bà Mùa']) {
            await tap(page, `order-${stall.lot.id}`);
            assert.equal(await page.getByTestId('order-name').inputValue(), '');
            await page.getByTestId('order-name').fill(name);
            await page.getByTestId('order-phone').fill(`09${randomInt(10000000, 99999999)}`);
            await page.getByTestId('order-place').fill('Khe Nhinh');
            await tap(page, 'order-send');
            assert.match(await words(page, 'saved-for'), new RegExp(name));
            await tap(page, 'order-close');
        }
        assert.deepEqual(page.trouble, []);
        await page.context().close();
    });

    test('whose stall is called like another one gets the next address, once, though answers get lost', async () => {
        const phone = `09${randomInt(10000000, 99999999)}`;
        for (const [n, name] of [[0, 'Bà Mẩy'], [1, 'Ông Chá']]) {
            const { cadre, page } = await form();
            await loseAnswers(page, /\/(people|stalls)$/, 2);
            await fill(page, { name, phone: `${phone.slice(0, 9)}${n}`, place: 'Khe Nhinh', stall: 'Rau sạch bản', village: 'Khe Nhinh' });
            for (let i = 0; i < 2; i++) {
                await tap(page, 'person-save');
                assert.match(await wordsIn(page, 'person-form'), /bấm lần nữa/);
            }
            await tap(page, 'person-save');
            await seen(page, 'qr');
            assert.equal(ok(await cadre.get('/api/v1/people?role=farmer')).people.filter((p) => p.name === name).length, 1);
            assert.deepEqual(page.trouble, []);
            await page.context().close();
        }
        assert.deepEqual(await stalls('Rau sạch bản'), ['rau-sach-ban', 'rau-sach-ban-2']);
    });

    test('with what is missing or known already is said so in the form, which stays as it was filled in', async () => {
        const known = await makeStall(stack);
        const { page } = await form();
        await fill(page, { name: 'Cô Nga', phone: '12', place: 'Bản Na', stall: 'Gừng cô Nga', village: 'Bản Na' });
        await tap(page, 'person-save');
        assert.match(await page.getByTestId('person-form').getByRole('alert').textContent(), /0912 345 678/);
        assert.equal(await page.evaluate(() => document.activeElement.id), 'person-phone');
        await page.getByTestId('person-phone').fill(known.phone);
        await tap(page, 'person-save');
        assert.match(await wordsIn(page, 'person-form'), /số điện thoại/);
        assert.equal(await page.getByTestId('person-stall').inputValue(), 'Gừng cô Nga');
        await page.context().close();
    });
});

describe('the office\'s page without a network', () => {
    test('says of an approval to press again, and the households come by themselves', async () => {
        const stall = await makeStall(stack), cadre = await stack.login('cadre');
        const { live } = ok(await stall.farmer.post(`/api/v1/stalls/${stall.slug}/lives`, { key: newKey(), title: 'Hái rau' }), 201);
        const page = await browser.person(stack, { cookies: cadre.cookies });
        await page.goto('/sessions');
        await seen(page, `approve-${stall.slug}`);
        await page.context().setOffline(true);
        const looked = page.waitForEvent('requestfailed', (r) => r.url().endsWith('/lives?state=open'));
        await tap(page, `approve-${stall.slug}`);
        const words = page.getByTestId('notice').filter({ hasText: /bấm lần nữa/ });
        await words.waitFor();
        await looked;                                                          // which would try again by itself, but that is not the approval
        await page.evaluate(() => new Promise((done) => { requestAnimationFrame(() => requestAnimationFrame(done)); }));
        await words.waitFor();
        await page.context().setOffline(false);
        await tap(page, `approve-${stall.slug}`);
        await page.locator(`[data-testid="card-${stall.slug}"][data-approved="true"]`).waitFor();
        assert.ok(ok(await cadre.get('/api/v1/lives?state=open')).lives.find((l) => l.id === live.id).approved);
        await page.context().setOffline(true);
        await tap(page, 'tab-people');
        await page.getByTestId('notice').filter({ hasText: /tự thử lại/ }).waitFor();
        await page.context().setOffline(false);
        await seen(page, `person-${stall.person.id}`);
        await page.getByTestId('notice').filter({ hasText: /tự thử lại/ }).waitFor({ state: 'detached' });
        assert.deepEqual(page.trouble, []);
        await page.context().close();
    });
});

describe('the door', () => {
    test('says what to do without a network, and a phone that was left knows nobody', async () => {
        const stall = await makeStall(stack);
        const page = await browser.person(stack, { camera: true });
        await page.goto('/login');
        await page.getByTestId('phone').fill(stall.phone);
        await page.getByTestId('password').fill(stall.password);
        await page.context().setOffline(true);
        await tap(page, 'login-send');
        await page.getByTestId('notice').filter({ hasText: /bấm lần nữa/ }).waitFor();
        await page.context().setOffline(false);
        await tap(page, 'login-send');
        await page.waitForURL('**/golive');
        await page.evaluate(() => { localStorage.setItem('cx.trip', '{}'); localStorage.setItem('cx.outbox', '[]'); });
        await tap(page, 'log-out');
        await seen(page, 'log-out-sheet');
        await page.keyboard.press('Escape');                                   // no: stays
        await page.getByTestId('log-out-sheet').waitFor({ state: 'hidden' });
        await seen(page, 'lot-add');
        await page.context().route('**/api/v1/logout', async (route) => {      // its answer is the last to be heard: the socket says it first
            const response = await route.fetch();
            await page.waitForURL('**/login?to=/golive').catch(() => {});
            await route.fulfill({ response }).catch(() => {});
        });
        await tap(page, 'log-out');
        await tap(page, 'log-out-sure');
        await page.waitForURL(/\/login(\?|$)/);
        assert.deepEqual(await page.evaluate(() => Object.keys(localStorage).filter((k) => k.startsWith('cx.'))), ['cx.outbox']);   // what was not sent stays
        await page.goto('/golive');
        await page.waitForURL('**/login?to=/golive');
        assert.deepEqual(page.trouble, []);
        await page.context().close();
    });

    test('lets who is in already on to the own work; elsewhere, and for who only buys, it asks who comes', async () => {
        const stall = await makeStall(stack);
        const comes = async (client, path) => {
            const page = await browser.person(stack, { cookies: client.cookies, camera: true });
            await page.goto(path);
            return page;
        };
        const farmer = await comes(stall.farmer, '/login');
        const at = (path) => farmer.waitForURL((url) => url.pathname === path);      // what stands behind ?to is not where it is
        await at('/golive');
        await farmer.goto('/login?to=/statement');
        await at('/statement');
        await farmer.goto('/login?to=//elsewhere.example/golive');              // not a path of ours
        await at('/golive');
        await farmer.context().close();
        const buyer = stack.client();
        ok(await placeOrder(buyer, stall, 500), 201);
        for (const [client, path] of [[buyer, '/login'], [stall.farmer, '/login?to=/sessions'], [stack.client(), '/login']]) {
            const page = await browser.person(stack, { cookies: client.cookies });
            const asked = page.waitForResponse('**/api/v1/me');
            await page.goto(path);
            await (await asked).finished();
            await page.evaluate(() => fetch('/healthz'));                       // whoever would be sent on has left by now
            await page.getByTestId('phone').fill('0912345678');               // it is there, and stays
            assert.equal(new URL(page.url()).pathname, '/login');
            assert.equal(await page.getByTestId('phone').inputValue(), '0912345678');
            assert.deepEqual(page.trouble, []);
            await page.context().close();
        }
    });

    test('of the office: after a reload the cadre\'s tab stays the one it was', async () => {
        const { page } = await form();
        await page.reload();
        await seen(page, 'person-add');
        await tap(page, 'log-out');
        assert.match(await words(page, 'log-out-sheet'), /QR/);
        await page.context().close();
    });
});
