// Joining a running stream: a picture at once, out of the cache, and the farmer's phone is not asked for anything; and what a buyer
// sees who comes when all places are taken.
import assert from 'node:assert/strict';
import { Browser, pictureMoves } from './lib/browser.mjs';
import { firstFrame } from './lib/joining.mjs';
import { figures } from './lib/metrics.mjs';
import { freePort } from './lib/ports.mjs';
import { offer } from './lib/sdp.mjs';
import { Stack } from './lib/stack.mjs';
import { after, before, figure, test } from './lib/test.mjs';
import { until } from './lib/until.mjs';

const PLACES = 2, JOINS = 6;
let stack, browser, port, inside, outside;
before(async () => {
    port = await freePort('tcp');
    stack = await Stack.start({ args: ['--metrics', `127.0.0.1:${port}`, '--relay-viewers', PLACES] });
    browser = await Browser.start();
    await stack.phone();
    await until('the demo stall to be live', async () => (await snapshot()).room.state === 'live' && (await snapshot()).poster, { ms: 60000 });
});
after(async () => {
    await browser?.stop();
    await stack?.stop();
});
const snapshot = async () => (await stack.client().get(`/api/v1/stalls/${stack.demo.stall}`)).body;
const stateIs = (page, state) => page.locator(`[data-testid="state"][data-state="${state}"]`).waitFor();

test('who joins sees a picture at once, one after the other, and no keyframe is asked from the phone', async () => {
    const page = await browser.person(stack);
    await page.goto('/login');
    await page.evaluate(firstFrame, `/whep/${stack.demo.stall}`);    // whatever the start of the stream had to ask for, it has now
    const before = await figures(port);
    const times = [];
    for (let i = 0; i < JOINS; i++) times.push(Math.round((await page.evaluate(firstFrame, `/whep/${stack.demo.stall}`)).frame));
    const after = await figures(port);
    const grown = (name) => after[name] - before[name];
    figure('joining: first frame, ms', { each: times, keyframes_asked: grown('relay_keyframes_asked_total'), aim: 300 });
    assert.equal(grown('relay_joins_total'), JOINS);
    assert.equal(grown('relay_joins_cached_total'), JOINS);
    assert.equal(grown('relay_keyframes_asked_total'), 0);
    await page.context().close();
});

test('all places taken: 503 with Retry-After, and the page shows the newest picture with words', async () => {
    inside = await Promise.all(Array.from({ length: PLACES }, () => browser.person(stack)));
    for (const page of inside) {
        await page.goto(`/s/${stack.demo.stall}`);
        await pictureMoves(page);
    }
    const reply = await stack.client().send('POST', `/whep/${stack.demo.stall}`, { text: offer('recvonly'), type: 'application/sdp' });
    assert.equal(reply.status, 503);
    assert.ok(Number(reply.headers['retry-after']) >= 1, reply.headers['retry-after']);
    outside = await browser.person(stack);
    await outside.goto(`/s/${stack.demo.stall}`);
    await stateIs(outside, 'full');
    assert.ok((await outside.locator('.player .overlay').textContent()).trim().length > 10);
    const poster = outside.locator('.player img.poster');
    await until('the poster to be drawn', () => poster.evaluate((img) => img.complete && img.naturalWidth > 0));
    assert.ok(await poster.evaluate((img) => !img.classList.contains('gone')));
});

test('it tries again by itself, and those inside are not disturbed', async () => {
    const refused = (await figures(port)).relay_viewers_refused_total;
    await until('two more tries', async () => (await figures(port)).relay_viewers_refused_total >= refused + 2);
    await stateIs(outside, 'full');
    for (const page of inside) {
        const now = await pictureMoves(page, 'those inside to go on');
        assert.equal(now.connections, 1);
    }
});

test('one leaves: the one who waits gets in without touching anything', async () => {
    await inside[0].goto('/login');
    const left = Date.now();
    await pictureMoves(outside, 'the picture for who waited');
    await stateIs(outside, 'playing');
    figure('a place is free: picture after ms', Date.now() - left);
    assert.deepEqual(outside.trouble, []);
});
