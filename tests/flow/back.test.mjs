// The phone's back button: it closes the sheet that lies on top, one at a time, and leaves the page only where none lies.
import assert from 'node:assert/strict';
import { Stack } from './lib/stack.mjs';
import { after, before, describe, test } from './lib/test.mjs';
import { newKey, ok } from './lib/api.mjs';
import { driveOut, makeStall, placeOrder } from './lib/commune.mjs';
import { Browser, seen, tap } from './lib/browser.mjs';
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

/** As the phone's button: not `page.goBack`, which waits for a page to load. */
const back = (page) => page.evaluate(() => { history.back(); });
const gone = (page, id) => page.getByTestId(id).waitFor({ state: 'detached' });
const at = (page, path) => until(`the page ${path}`, () => new URL(page.url()).pathname === path);

/** Comes to `path` from another page, so that there is one to go back to. */
async function comeTo(path, options) {
    const page = await browser.person(stack, options);
    await page.goto('/l/none');                                          // says the same to everybody
    await page.goto(path);
    return page;
}

/** No sheet is open: back leaves, also over what closed sheets left in the history. */
async function leaves(page) {
    await back(page);
    await at(page, '/l/none');
    assert.deepEqual(page.trouble, []);
    await page.context().close();
}

describe('back', () => {
    test('on a buyer\'s page closes the order sheet, which keeps what was written, and then leaves', async () => {
        const stall = await makeStall(stack);
        const page = await comeTo(`/s/${stall.slug}`);
        await tap(page, `order-${stall.lot.id}`);
        await page.getByTestId('order-name').fill('Chị Lan');
        await back(page);
        await gone(page, 'order-sheet');
        await at(page, `/s/${stall.slug}`);
        await tap(page, `order-${stall.lot.id}`);
        await until('the name to be there', async () => (await page.getByTestId('order-name').inputValue()) === 'Chị Lan');
        await page.reload();                                             // the sheet does not come back by itself, its entry does
        await tap(page, `order-${stall.lot.id}`);
        await page.getByTestId('order-phone').fill('0912 111 222');
        await page.getByTestId('order-place').fill('Khối 2');
        await tap(page, 'order-send');
        await seen(page, 'order-saved');                                 // another sheet in the place of the first
        await back(page);
        await gone(page, 'order-sheet');
        await seen(page, `order-${stall.lot.id}`);
        await tap(page, `order-${stall.lot.id}`);
        await seen(page, 'order-sheet');
        await page.keyboard.press('Escape');
        await gone(page, 'order-sheet');
        await leaves(page);
    });

    test('goes back over a link followed from a sheet', async () => {
        const stall = await makeStall(stack);
        const page = await comeTo(`/s/${stall.slug}`);
        await tap(page, `order-${stall.lot.id}`);
        for (const [field, text] of [['name', 'Chị Lan'], ['phone', '0912 111 223'], ['place', 'Khối 2']]) await page.getByTestId(`order-${field}`).fill(text);
        await tap(page, 'order-send');
        const code = await page.getByTestId('order-saved').getAttribute('data-code');
        await page.locator(`[data-testid="order-sheet"] a[href="/orders/${code}"]`).click();
        await at(page, `/orders/${code}`);
        await seen(page, 'order-state');
        await back(page);
        await at(page, `/s/${stall.slug}`);
        await seen(page, `own-${code}`);
        if (await page.getByTestId('order-sheet').count()) {             // the browser had kept the page as it was
            await back(page);
            await gone(page, 'order-sheet');
        }
        await leaves(page);
    });

    test('on a farmer\'s page closes the new lot and the question about leaving, and a draft stays', async () => {
        const stall = await makeStall(stack);
        const page = await comeTo('/golive', { camera: true, cookies: stall.farmer.cookies });
        await tap(page, 'lot-add');
        await page.getByTestId('lot-name').fill('Măng đắng');
        await back(page);
        await gone(page, 'lot-form');
        await tap(page, 'log-out');
        await seen(page, 'log-out-sheet');
        await back(page);
        await gone(page, 'log-out-sheet');
        await at(page, '/golive');
        await tap(page, 'lot-add');
        await until('the name to be there', async () => (await page.getByTestId('lot-name').inputValue()) === 'Măng đắng');
        await back(page);
        await gone(page, 'lot-form');
        await leaves(page);
    });

    test('on a courier\'s page closes the door sheet, also one that came back with a reload, and it stays written', async () => {
        const stall = await makeStall(stack), courier = await stack.login('courier');
        const { order } = ok(await placeOrder(stack.client(), stall, 1000), 201);
        await driveOut(stall, courier, [order.code]);
        const page = await comeTo('/courier', { cookies: courier.cookies });
        await tap(page, 'failed');
        await tap(page, 'why-road');
        await until('the sheet to be written down', () => page.evaluate(() => new Promise((done) => {
            const open = indexedDB.open('courier', 1);
            open.onsuccess = () => {
                const kept = open.result.transaction('keep').objectStore('keep').get('cx.door-sheet');
                kept.onsuccess = () => { open.result.close(); done(String(kept.result).includes('"road"')); };
            };
        })));
        await page.reload();
        await seen(page, 'door-sheet');
        await back(page);
        await gone(page, 'door-sheet');
        await at(page, '/courier');
        await tap(page, 'failed');
        await until('the reason to be there', async () => (await page.getByTestId('why-road').getAttribute('aria-pressed')) === 'true');
        await tap(page, 'door-send');
        await gone(page, 'door-sheet');
        await page.locator(`[data-testid="stop-${order.code}"][data-state="failed"]`).waitFor();
        await leaves(page);
    });

    test('closes sheets that lie over each other one at a time', async () => {
        const cadre = await stack.login('cadre');
        const { url } = ok(await stack.client('admin').post(`/api/v1/people/${ok(await cadre.get('/api/v1/me')).person.id}/links`, { key: newKey() }), 201);
        const page = await comeTo(new URL(url, stack.origin).pathname);
        await tap(page, 'enter');
        await until('the link to log in', () => !new URL(page.url()).pathname.startsWith('/l/'));
        await page.goto('/money#accounts');
        await tap(page, 'account-add');
        await page.getByTestId('account-number').fill('2151 0003 0784 97');
        await page.getByTestId('account-holder').fill('HTX Hữu Kiệm');
        await tap(page, 'account-save');
        await seen(page, 'password-again');
        await back(page);
        await gone(page, 'password-sheet');
        await seen(page, 'account-form');
        assert.equal(await page.getByTestId('account-number').inputValue(), '2151 0003 0784 97');
        await tap(page, 'account-save');
        await seen(page, 'password-again');
        await page.keyboard.press('Escape');                             // its entry stays
        await gone(page, 'password-sheet');
        await back(page);                                                // and is passed over
        await gone(page, 'account-form');
        await at(page, '/money');
        await tap(page, 'tab-cash');                                     // another tab of the page is no place of its own
        await back(page);
        await until('the page before', () => new URL(page.url()).pathname !== '/money');
        assert.deepEqual(page.trouble, []);
        await page.context().close();
    });
});
