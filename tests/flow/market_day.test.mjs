// A market day, as its people live it: the farmer's phone, the buyers' phones and the cadre's screen are real pages in a
// real browser, and the programs behind them are the real ones.
import assert from 'node:assert/strict';
import { Stack } from './lib/stack.mjs';
import { Browser, pictureMoves, received, seen, tap } from './lib/browser.mjs';
import { after, before, describe, figure, test } from './lib/test.mjs';
import { newKey, ok } from './lib/api.mjs';
import { Live } from './lib/live.mjs';
import { approvedLive, available, makeStall } from './lib/commune.mjs';
import { rows } from './lib/database.mjs';
import { until } from './lib/until.mjs';

let stack, browser, lips = 0;
before(async () => {
    stack = await Stack.start();
    browser = await Browser.start();
});
after(async () => {
    await browser?.stop();
    await stack?.stop();
});

const stateIs = (page, id, state, options) => page.locator(`[data-testid="${id}"][data-state="${state}"]`).waitFor(options);
const stockIs = (page, id, grams) => page.locator(`[data-testid="${id}"][data-available="${grams}"]`).waitFor();

/** The cadre shows a code, the farmer's phone opens it: she is on "Go live" without typing anything. */
async function farmerEnters(cadre, stall, codec) {
    await tap(cadre, 'tab-people');
    await tap(cadre, `link-${stall.person.id}`);
    const url = new URL((await cadre.getByTestId('qr-url').textContent()).trim());
    assert.equal(url.origin, stack.origin);
    await until('the code to be drawn', () => cadre.getByTestId('qr').evaluate((img) => img.complete && img.naturalWidth > 0));
    await tap(cadre, 'qr-close');
    await tap(cadre, 'tab-sessions');
    const page = await browser.person(stack, { camera: true });
    await page.goto(url.pathname);
    await tap(page, 'enter');
    await page.waitForURL('**/golive');
    await page.goto(`/golive?codec=${codec}`);
    await stateIs(page, 'live-state', 'start');
    return page;
}

async function cadreEnters() {
    const page = await browser.person(stack, { width: 1100, height: 800 });
    await page.goto('/login?to=/sessions');
    await page.getByTestId('phone').fill(stack.demo.people.cadre.phone);
    await page.getByTestId('password').fill(stack.demo.people.cadre.password);
    await tap(page, 'login-send');
    await page.waitForURL((u) => u.pathname === '/sessions');
    return page;
}

/** The layers of which the page's connection has sent pictures. */
const layersOut = (page) => page.evaluate(async () => [...(await window.connections.at(-1).getStats()).values()]
    .filter((s) => s.type === 'outbound-rtp' && s.kind === 'video' && s.framesSent > 0).map((s) => s.rid).sort());

async function order(page, stall, { phone = '0912 345 678' } = {}) {
    await tap(page, `order-${stall.lot.id}`);
    if (await page.getByTestId('order-name').count()) {
        await page.getByTestId('order-name').fill('Chị Hoa');
        await page.getByTestId('order-phone').fill(phone);
        await page.getByTestId('order-place').fill('Chợ Mường Xén');
    }
    await tap(page, 'order-send');
    await seen(page, 'order-saved');
    return page.getByTestId('order-saved').getAttribute('data-code');
}

for (const codec of ['VP8', 'H264']) {
    describe(`from the field to the basket, ${codec}`, () => {
        let stall, farmer, buyer, cadre, live, code;
        before(async () => {
            stall = await makeStall(stack, { lots: [{ name: 'Rau cải nương', unit: 'kg', price: 20000, amount: 10000 }] });
        });
        after(async () => {
            for (const page of [farmer, buyer, cadre]) await page?.context().close();
        });

        test('the farmer comes in by the code the cadre shows, and asks to go live', async () => {
            cadre = await cadreEnters();
            farmer = await farmerEnters(cadre, stall, codec.toLowerCase());
            await tap(farmer, 'go');
            await stateIs(farmer, 'live-state', 'waiting');
        });

        test('the cadre sees the request and approves it', async () => {
            live = ok(await stall.cadre.get('/api/v1/lives?state=open')).lives.find((l) => l.slug === stall.slug);
            assert.equal(live.state, 'planned');
            await tap(cadre, `approve-${stall.slug}`);
            await stateIs(farmer, 'live-state', 'ready');
        });

        test('the farmer goes live with one tap', async () => {
            await tap(farmer, 'go');
            await stateIs(farmer, 'live-state', 'live', { timeout: 60000 });
            await until('the session to be live', async () =>
                ok(await stack.client().get(`/api/v1/stalls/${stall.slug}`)).live.state === 'live');
        });

        test('her screen stays on, with her own picture in it', async () => {
            await until('the screen to be kept on', () => farmer.evaluate(() => window.screenLocks.some((lock) => !lock.released)));
            const preview = farmer.locator('video').first();
            await until('the preview to move', () => preview.evaluate((video) => video.videoWidth > 0 && !video.paused && video.currentTime > 0));
        });

        test('the phone sends two layers while its line has room for both', async () => {
            await until('two layers on their way', async () => (await layersOut(farmer)).join() === 'h,l');
        });

        test('the recording hears from the phone which sound and picture belong together', async () => {
            const heard = () => [...stack.log.matchAll(/"event":"studio\.lips".*?"apart_ms":(-?\d+)/g)].map(([, ms]) => Number(ms));
            const before = lips;
            lips = (await until('a pair of sender reports to reach studio', () => heard().length > before && heard(), { ms: 60000 })).length;
            figure('sound after picture by arrival, ms', heard().at(-1));
        });

        test('the buyer sees moving pictures of that codec, muted, at once', async () => {
            buyer = await browser.person(stack);
            await buyer.goto(`/s/${stall.slug}`);
            const now = await pictureMoves(buyer);
            assert.equal(now.codec, `video/${codec}`);
            assert.equal(await buyer.getByTestId('video').evaluate((v) => v.muted && !v.paused), true);
            await stateIs(buyer, 'state', 'playing');
            await until('audio to arrive', async () => (await received(buyer)).audio > 20);
        });

        test('the farmer sees that somebody watches', async () => {
            await until('a viewer to be counted', async () => Number(await farmer.getByTestId('viewers').textContent()) >= 1);
        });

        test('the buyer orders in two taps, and it is on disk', async () => {
            code = await order(buyer, stall);
            assert.match(code, /^CX[0-9A-HJKMNP-TV-Z]{8}$/);
            const found = rows(stack.database, `SELECT * FROM orders WHERE code = '${code}'`);
            assert.equal(found.length, 1);
        });

        test('the farmer sees the order and what is left; so does the buyer', async () => {
            await farmer.locator(`[data-testid="order-row"][data-code="${code}"]`).waitFor();
            await until('the bell to be rung', () => farmer.evaluate(() => window.strokes > 0));
            const left = await available(stack, stall);
            assert.ok(left < 10000, `${left} g left`);
            await stockIs(farmer, `lot-stock-${stall.lot.id}`, left);
            await stockIs(buyer, `stock-${stall.lot.id}`, left);
        });

        test('the buyer goes on watching while the farmer confirms', async () => {
            await tap(buyer, 'order-close');
            await tap(farmer, `confirm-${code}`);
            await buyer.locator(`[data-testid="own-${code}"][data-state="confirmed"]`).waitFor();
            await pictureMoves(buyer, 'the picture to go on');
        });

        test('the farmer has more than she said, then less: both pages show what is left', async () => {
            const left = await available(stack, stall);
            await tap(farmer, `lot-plus-${stall.lot.id}`);
            await tap(farmer, `lot-plus-${stall.lot.id}`);
            await stockIs(buyer, `stock-${stall.lot.id}`, left + 1000);
            await tap(farmer, `lot-minus-${stall.lot.id}`);
            await stockIs(buyer, `stock-${stall.lot.id}`, left + 500);
            await stockIs(farmer, `lot-stock-${stall.lot.id}`, left + 500);
        });

        test('the cadre pauses with a reason and lets it go on: both pages say so, in one connection', async () => {
            const { connections } = await received(buyer);
            await tap(cadre, `pause-${stall.slug}`);
            await cadre.getByTestId('reason').fill('Xem lại nguồn gốc');
            await tap(cadre, 'confirm-reason');
            await stateIs(farmer, 'live-state', 'paused');
            await stateIs(buyer, 'state', 'cadre-paused');
            const { frames } = await received(buyer);
            await tap(cadre, `resume-${stall.slug}`);
            await stateIs(farmer, 'live-state', 'live', { timeout: 60000 });
            await stateIs(buyer, 'state', 'playing');
            const now = await pictureMoves(buyer, 'the picture to go on');
            assert.ok(now.frames > frames);
            assert.equal(now.connections, connections);
        });

        if (codec === 'VP8') test('the relay dies: the farmer\'s page sends again and the buyer\'s shows it, without anybody touching them', async () => {
            const { connections } = await received(buyer);
            const [old] = stack.processes('relay');
            process.kill(old.pid, 'SIGKILL');
            await until('another relay', () => stack.processes('relay').some((p) => p.pid !== old.pid));
            const again = await until('new pictures', async () => {
                const now = await received(buyer);
                return now.connections > connections && now.frames > 5;
            }, { ms: 60000 });
            assert.ok(again);
            await stateIs(farmer, 'live-state', 'live', { timeout: 60000 });
        });

        test('the cadre stops the session, and both pages say so', async () => {
            await tap(cadre, `stop-${stall.slug}`);
            await cadre.getByTestId('reason').fill('Hàng không đúng như đã khai');
            const started = Date.now();
            const told = Promise.all([
                stateIs(farmer, 'live-state', 'ended').then(() => Date.now() - started),
                stateIs(buyer, 'state', 'ended').then(() => Date.now() - started),
            ]);
            await tap(cadre, 'confirm-reason');
            const [farmerMs, buyerMs] = await told;
            figure(`cadre's stop, ${codec}`, { farmer_ms: farmerMs, buyer_ms: buyerMs });
            assert.ok(Math.max(farmerMs, buyerMs) < 5000, `${farmerMs} and ${buyerMs} ms`);
            await until('the screen to be let go', () => farmer.evaluate(() => window.screenLocks.every((lock) => lock.released)));
            assert.match(await farmer.getByTestId('live-reason').textContent(), /Hàng không đúng/);
            assert.equal(rows(stack.database, `SELECT state FROM live WHERE id = ${live.id}`)[0].state, 'ended');
        });

        test('no page complained', () => {
            for (const page of [farmer, buyer, cadre]) assert.deepEqual(page.trouble, []);
        });
    });
}

describe('the farmer herself', () => {
    test('goes silent, speaks again, and stops when she is sure: the session is over', async () => {
        const stall = await makeStall(stack);
        await approvedLive(stall);
        const farmer = await browser.person(stack, { camera: true, cookies: stall.farmer.cookies });
        try {
            await farmer.goto('/golive');
            await stateIs(farmer, 'live-state', 'ready');
            await tap(farmer, 'go');
            await stateIs(farmer, 'live-state', 'live', { timeout: 60000 });
            const audible = () => farmer.evaluate(() => window.connections.at(-1).getSenders().find((s) => s.track?.kind === 'audio').track.enabled);
            assert.equal(await audible(), true);
            await tap(farmer, 'mute');
            assert.equal(await audible(), false);
            await tap(farmer, 'mute');
            assert.equal(await audible(), true);
            await tap(farmer, 'stop');
            await stateIs(farmer, 'live-state', 'live');        // asked first
            await tap(farmer, 'stop-sure');
            await stateIs(farmer, 'live-state', 'ended');
            const { live, room } = ok(await stack.client().get(`/api/v1/stalls/${stall.slug}`));
            assert.equal(live?.state ?? 'ended', 'ended');
            assert.notEqual(room.state, 'live');
            await until('the screen to be let go', () => farmer.evaluate(() => window.screenLocks.every((lock) => lock.released)));
            assert.deepEqual(farmer.trouble, []);
        } finally {
            await farmer.context().close();
        }
    });
});

describe('the demo stall, streamed by our own WHIP client', () => {
    for (const codec of ['h264', 'vp8']) {
        test(`two buyers watch it (${codec})`, async () => {
            const watcher = await Live.join(stack.client(), stack.demo.stall);
            const phone = await stack.phone({ codec });
            const pages = [];
            try {
                await watcher.heard('the new picture', (m) => m.t === 'room' && m.state === 'live' && m.video?.toLowerCase() === codec, { ms: 60000 });
                await watcher.close();
                for (let i = 0; i < 2; i++) {
                    pages.push(await browser.person(stack));
                    await pages[i].goto(`/s/${stack.demo.stall}`);
                }
                for (const page of pages) {
                    const now = await pictureMoves(page);
                    assert.equal(now.codec.toLowerCase(), `video/${codec}`);
                    assert.equal(now.connections, 1, 'a viewer had to connect more than once');
                }
                await until('both to be counted', async () => ok(await stack.client().get(`/api/v1/stalls/${stack.demo.stall}`)).room.viewers === 2);
            } finally {
                for (const page of pages) await page.context().close();
                await stack.stopPhone(phone);
            }
            await until('the viewers to be gone', async () => ok(await stack.client().get(`/api/v1/stalls/${stack.demo.stall}`)).room.viewers === 0);
        });
    }

    test('the poster of a live stall is a picture, and so is its link preview', async () => {
        const phone = await stack.phone({ codec: 'h264' });
        try {
            await until('the stall to be live', async () => ok(await stack.client().get(`/api/v1/stalls/${stack.demo.stall}`)).room.state === 'live');
            const poster = await until('a poster', async () => {
                const reply = await stack.client().get(`/media/${stack.demo.stall}/poster.jpg`);
                return reply.status === 200 && reply;
            }, { ms: 60000, every: 500 });
            assert.equal(poster.bytes.readUInt16BE(0), 0xffd8);
            const html = (await stack.client().get(`/s/${stack.demo.stall}`)).text;
            for (const name of ['og:title', 'og:image', 'og:description']) assert.ok(html.includes(`property="${name}"`), name);
        } finally {
            await stack.stopPhone(phone);
        }
    });
});
