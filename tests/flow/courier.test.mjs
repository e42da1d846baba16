// The courier's phone: short of memory, shared with others, with two tabs open. What was begun at a door and what was pressed stays.
import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Stack } from './lib/stack.mjs';
import { after, before, describe, test } from './lib/test.mjs';
import { newKey, ok } from './lib/api.mjs';
import { driveOut, makeStall, placeOrder } from './lib/commune.mjs';
import { Browser, logIn, pageOf, seen, tap, words } from './lib/browser.mjs';
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

/** A courier of this test's own, who has set off to `names`: {client, phone, password, codes, trip}. */
async function onTheRoad(names) {
    const courier = await newCourier(), stall = await makeStall(stack);
    const codes = [];
    for (const name of names) codes.push(ok(await placeOrder(stack.client(), stall, 1000, { name, phone: `09${randomInt(10000000, 99999999)}` }), 201).order.code);
    return { ...courier, codes, trip: await driveOut(stall, courier.client, codes) };
}

async function newCourier() {
    const phone = `09${randomInt(10000000, 99999999)}`, password = `gùi-${newKey()}`, client = stack.client();
    ok(await stack.client('cadre').post('/api/v1/people', { key: newKey(), name: 'Anh Vừ', phone, place: 'Huồi Giảng', roles: ['courier'], password }), 201);
    ok(await client.post('/api/v1/login', { phone, password }));
    return { client, phone, password };
}

async function logInByPage(page, { phone, password }) {
    await page.goto('/login?to=/courier');
    await page.getByTestId('phone').fill(phone);
    await page.getByTestId('password').fill(password);
    await tap(page, 'login-send');
    await page.waitForURL('**/courier');
}

async function takePhoto(page) {
    await tap(page, 'proof-photo');
    await page.getByTestId('photo').setInputFiles({ name: 'cua.jpg', mimeType: 'image/jpeg', buffer: await page.screenshot({ type: 'jpeg', quality: 60 }) });
    await photoIs(page, 'taken');
}
const photoIs = (page, state) => page.locator(`[data-testid="photo-state"][data-state="${state}"]`).waitFor();
const cashIs = (page, text) => until(`the cash to be ${text}`, async () => (await page.getByTestId('cash').inputValue()) === text);
const stopIs = (page, code, state) => page.locator(`[data-testid="stop-${code}"][data-state="${state}"]`).waitFor();
const unsentAre = (page, n) => page.locator(`[data-testid="unsent"][data-count="${n}"]`).waitFor();
const closed = (page, id) => page.getByTestId(id).waitFor({ state: 'detached' });

async function sign(page) {
    await tap(page, 'proof-signature');
    await page.getByTestId('sign').scrollIntoViewIfNeeded();
    const box = await page.getByTestId('sign').boundingBox();
    await page.mouse.move(box.x + 40, box.y + 40);
    await page.mouse.down();
    await page.mouse.move(box.x + 120, box.y + 60, { steps: 5 });
    await page.mouse.up();
}
const drawn = (page) => page.getByTestId('sign').evaluate((canvas) => canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.some((x) => x > 0));

/** The names under which the courier's vault keeps something. */
const vaultNames = (page) => page.evaluate(() => new Promise((done, fail) => {
    const open = indexedDB.open('courier', 1);
    open.onupgradeneeded = () => open.result.createObjectStore('keep');
    open.onerror = () => fail(open.error);
    open.onsuccess = () => {
        const keys = open.result.transaction('keep').objectStore('keep').getAllKeys();
        keys.onsuccess = () => { open.result.close(); done(keys.result); };
    };
}));
const vaultText = (page, name) => page.evaluate((n) => new Promise((done, fail) => {
    const open = indexedDB.open('courier', 1);
    open.onerror = () => fail(open.error);
    open.onsuccess = () => {
        const value = open.result.transaction('keep').objectStore('keep').get(n);
        value.onsuccess = () => { open.result.close(); done(value.result); };
    };
}), name);
const isWritten = (page, text) => until(`${text} to be written down`, async () => (await vaultText(page, 'cx.door-sheet'))?.includes(text));
const nothingKept = (page) => until('nothing to be kept of the sheet', async () => !(await vaultNames(page)).includes('cx.door-sheet'));
const isKept = (page) => until('the sheet to be kept', async () => (await vaultNames(page)).includes('cx.door-sheet'));

describe('a door sheet that is being filled in', () => {
    test('is there again when the page was thrown away, without a network, and when the browser was closed', async () => {
        const courier = await onTheRoad(['Chị Hoa', 'Anh Bình']);
        const dir = mkdtempSync(join(tmpdir(), 'courier-'));
        let page = await Browser.lasting(stack, dir);
        await logInByPage(page, courier);
        await tap(page, 'delivered');
        await takePhoto(page);
        await page.getByTestId('cash').fill('15.000');
        await isWritten(page, '15.000');
        await page.reload();
        await photoIs(page, 'taken');
        await cashIs(page, '15.000');
        assert.match(await words(page, 'door-kept'), /ghi dở/);
        await page.getByTestId('photo').dispatchEvent('cancel', { bubbles: true });        // the camera was left without a picture
        await page.getByTestId('cash').fill('14.000');                                     // the sheet is still there
        await isWritten(page, '14.000');

        await until('the page to be kept on the phone', () => page.evaluate(async () => !!(await caches.match('/courier'))));
        await page.context().close();
        page = await Browser.lasting(stack, dir, { cookies: courier.client.cookies });
        await page.context().setOffline(true);
        await page.goto('/courier');
        await photoIs(page, 'taken');
        await cashIs(page, '14.000');
        await tap(page, 'door-send');
        await unsentAre(page, 1);
        await nothingKept(page);
        await page.reload();
        await unsentAre(page, 1);
        await stopIs(page, courier.codes[0], 'delivered');

        // the camera closes the page: the photo is lost, which is said, and nothing else is
        await tap(page, 'partial');
        await tap(page, 'why-quality');
        const [chooser] = await Promise.all([page.waitForEvent('filechooser'), tap(page, 'proof-photo').then(() => page.getByTestId('photo').click())]);
        assert.ok(chooser);
        await isWritten(page, '"camera":true');
        await page.reload();
        await photoIs(page, 'lost');
        assert.equal(await page.getByTestId('why-quality').getAttribute('aria-pressed'), 'true');
        await page.context().setOffline(false);
        await page.getByTestId('unsent').waitFor({ state: 'detached' });
        const [proof] = ok(await stack.client('cadre').get(`/api/v1/stops/${(await doors(courier))[0].id}/proofs`)).proofs;
        assert.equal(proof.kind, 'photo');
        assert.deepEqual([...Buffer.from(proof.body, 'base64').subarray(0, 2)], [0xff, 0xd8]);
        assert.equal((await doors(courier))[0].collected, 14000);
        assert.deepEqual(page.trouble, []);
        await page.context().close();
        rmSync(dir, { recursive: true, force: true });
    }, { ms: 240000 });

    test('stays when it was closed by mistake, and goes when it is thrown away', async () => {
        const courier = await onTheRoad(['Bà Xoan']);
        const page = await browser.person(stack, { cookies: courier.client.cookies });
        await page.goto('/courier');
        await tap(page, 'delivered');
        await seen(page, 'door-sheet');
        await page.keyboard.press('Escape');
        await closed(page, 'door-sheet');
        await nothingKept(page);                                                           // nothing was in it
        await tap(page, 'delivered');
        await sign(page);
        await page.keyboard.press('Escape');
        await closed(page, 'door-sheet');
        await isWritten(page, '"open":false');
        await page.reload();
        await tap(page, 'delivered');                                                      // it does not open by itself
        await seen(page, 'door-kept');
        await until('the signature to be drawn', () => drawn(page));
        await tap(page, 'door-anew');
        await closed(page, 'door-kept');
        await seen(page, 'door-sheet');
        assert.equal(await page.getByTestId('proof-code').getAttribute('aria-pressed'), 'true');
        await page.keyboard.press('Escape');
        await closed(page, 'door-sheet');
        await nothingKept(page);
        await tap(page, 'delivered');
        await sign(page);
        await tap(page, 'door-send');
        await stopIs(page, courier.codes[0], 'delivered');
        await until('the signature to have arrived', async () => (await doors(courier))[0].state === 'delivered');
        await nothingKept(page);
        assert.deepEqual(page.trouble, []);
        await page.context().close();
    });

    test('is seen by nobody else who logs in on the phone, and gone with who leaves it', async () => {
        const [one, two] = [await onTheRoad(['Chị Mai']), await onTheRoad(['Ông Lả'])];
        const page = await browser.person(stack, { cookies: one.client.cookies });
        await page.goto('/courier');
        await tap(page, 'delivered');
        await sign(page);
        await page.context().setOffline(true);
        await tap(page, 'door-send');                                                      // one's own, not sent yet
        await unsentAre(page, 1);
        await tap(page, `undo-${one.codes[0]}`);
        await unsentAre(page, 2);
        await tap(page, 'delivered');
        await sign(page);
        await isKept(page);
        await page.context().clearCookies();                                               // the log-in ran out
        await page.goto('about:blank');
        await page.context().setOffline(false);
        const marks = new Set();
        page.on('request', (r) => { if (/\/stops\/\d+\//.test(r.url())) marks.add(r.postDataJSON().key); });
        await logInByPage(page, two);
        await stopIs(page, two.codes[0], 'waiting');
        await nothingKept(page);
        assert.equal(await page.getByTestId('door-sheet').count() + await page.getByTestId('unsent').count() + await page.getByTestId(`stop-${one.codes[0]}`).count(), 0);
        await tap(page, 'failed');
        await tap(page, 'why-not-home');
        await tap(page, 'door-send');
        await stopIs(page, two.codes[0], 'failed');
        await page.getByTestId('unsent').waitFor({ state: 'detached' });
        assert.equal(marks.size, 1);                                                     // nothing of the other one went under this name
        await tap(page, `undo-${two.codes[0]}`);
        await page.getByTestId('unsent').waitFor({ state: 'detached' });
        await tap(page, 'delivered');
        await sign(page);
        await isKept(page);
        await page.keyboard.press('Escape');
        await closed(page, 'door-sheet');
        await tap(page, 'log-out');
        await tap(page, 'log-out-sure');
        await page.waitForURL('**/login');
        assert.deepEqual(await vaultNames(page), ['cx.doors']);                            // what was not sent stays
        await logInByPage(page, one);
        await until('the first courier\'s acts to arrive', async () => (await vaultNames(page)).length === 0);
        assert.equal(rows(stack.database, `SELECT COUNT(*) AS n FROM trip_event WHERE trip = ${one.trip.id} AND stop IS NOT NULL AND word = 'delivered'`)[0].n, 1);
        await stopIs(page, one.codes[0], 'waiting');
        assert.deepEqual(page.trouble, []);
        await page.context().close();
    }, { ms: 240000 });
});

const doors = async ({ client, trip }) => ok(await client.get(`/api/v1/trips/${trip.id}`)).trip.stops;

describe('two tabs of a courier', () => {
    for (const [how, without] of [['with locks', []], ['without', ['locks', 'BroadcastChannel']]])
        test(`without a network have one list, sent once and in the order of the presses (${how})`, async () => {
            const courier = await onTheRoad(['Chị Thảo', 'Anh Sơn', 'Cô Nga', 'Bà Vi']);
            const one = await browser.person(stack, { cookies: courier.client.cookies }), context = one.context();
            if (without.length) await context.addInitScript(() => {
                Object.defineProperty(navigator, 'locks', { value: undefined });
                window.BroadcastChannel = undefined;
            });
            const two = await pageOf(context), sent = [];
            context.on('request', (r) => { if (/\/stops\/\d+\//.test(r.url())) sent.push(r.postDataJSON().key); });
            for (const page of [one, two]) {
                await page.goto('/courier');
                await seen(page, 'delivered');
            }
            await context.setOffline(true);
            const press = async (page, code) => {
                await tap(page, 'failed');
                await tap(page, 'why-not-home');
                await tap(page, 'door-send');
                await stopIs(page, code, 'failed');
            };
            const [a, b, c, d] = courier.codes;
            await press(one, a);
            if (!without.length) {
                await stopIs(two, a, 'failed');                                            // the other tab shows it, too
                await press(two, b);
                await unsentAre(one, 2);
                await press(one, c);
                await tap(one, `undo-${c}`);
                await unsentAre(two, 4);
                await stopIs(two, c, 'waiting');
                await press(two, c);
                await press(two, d);
                await unsentAre(one, 6);
            } else {
                await press(one, b);
                await tap(two, 'arrived');                                                 // it does not know yet
                await press(one, c);
                await press(one, d);
            }
            const kept = await until('all to be written down', async () => {
                const list = JSON.parse(await vaultText(one, 'cx.doors')).items;
                return list.length >= 5 && list;
            });
            sent.length = 0;
            await context.setOffline(false);
            for (const page of [one, two]) await page.getByTestId('unsent').waitFor({ state: 'detached' });
            const keys = kept.map((w) => w.key);
            if (!without.length) assert.deepEqual(sent.filter((k, i) => k !== sent[i - 1]), keys);
            else assert.deepEqual([...new Set(sent)], keys);                                // both may send what is first: by its key it is one act
            const told = rows(stack.database, `SELECT key FROM trip_event WHERE trip = ${courier.trip.id} AND stop IS NOT NULL ORDER BY id`).map((r) => r.key).filter((k) => keys.includes(k));
            assert.deepEqual(told, keys.filter((k) => told.includes(k)));
            assert.equal(new Set(told).size, told.length);
            assert.deepEqual((await doors(courier)).map((s) => s.state), ['failed', 'failed', 'failed', 'failed']);
            for (const page of [one, two]) {
                await until('both tabs to show it', async () => (await page.locator('.stop.failed').count()) === 4);
                assert.deepEqual(page.trouble, []);
            }
            await context.close();
        }, { ms: 240000 });
});
