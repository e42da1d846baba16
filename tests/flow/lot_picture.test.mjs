// The picture of a lot: what the market takes and refuses, and how it goes from the farmer's camera to the buyer's page.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { closeSync, constants, mkdirSync, openSync, readdirSync, readFileSync, readSync, utimesSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { Stack, root } from './lib/stack.mjs';
import { Browser, loseAnswers, seen, tap } from './lib/browser.mjs';
import { after, before, describe, figure, test } from './lib/test.mjs';
import { newKey, ok } from './lib/api.mjs';
import { makeStall, placeOrder } from './lib/commune.mjs';
import { until } from './lib/until.mjs';

const type = 'application/octet-stream';
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
let stack, browser, anybody;
before(async () => {
    stack = await Stack.start({ args: ['--relay', 'none'] });
    anybody = stack.client();      // one connection for all looks: who waits long looks often
    browser = await Browser.start();
});
after(async () => {
    await browser?.stop();
    await stack?.stop();
});

/** A picture as GStreamer makes it: `coder` jpegenc or pngenc. */
const drawn = (coder, width, height, pattern = 'smpte') => execFileSync('gst-launch-1.0', ['-q', 'videotestsrc', 'num-buffers=1', `pattern=${pattern}`, '!',
    `video/x-raw,width=${width},height=${height}`, '!', 'videoconvert', '!', coder, '!', 'fdsink', 'fd=1'], { maxBuffer: 32 << 20 });
const put = (client, lot, bytes, { key = newKey(), ...options } = {}) => client.post(`/api/v1/lots/${lot.id}/picture?key=${key}`, undefined, { text: bytes, type, ...options });
const shown = async (stall) => ok(await anybody.get(`/api/v1/stalls/${stall.slug}`)).lots.find((l) => l.id === stall.lot.id).picture;
const files = (stall) => { try { return readdirSync(join(stack.dir, 'media', stall.slug)); } catch { return []; } };

describe('the market', () => {
    test('keeps a JPEG, a PNG and shows each for ever under its own name; the one before is gone', async () => {
        const stall = await makeStall(stack);
        const jpeg = drawn('jpegenc', 320, 240), png = drawn('pngenc', 320, 240);
        const first = ok(await put(stall.farmer, stall.lot, jpeg)).lot.picture;
        assert.match(first, new RegExp(`^/media/${stall.slug}/lot-${stall.lot.id}-[0-9a-f]{32}\\.jpg$`));
        assert.equal(await shown(stall), first);
        const got = await stack.client().get(first);
        assert.equal(got.status, 200);
        assert.deepEqual(got.bytes, jpeg);
        assert.equal(got.headers['content-type'], 'image/jpeg');
        assert.equal(got.headers['x-content-type-options'], 'nosniff');
        assert.equal(got.headers['cache-control'], 'public, max-age=31536000, immutable');
        const second = ok(await put(stall.cadre, stall.lot, png)).lot.picture;
        assert.match(second, /\.png$/);
        assert.equal((await stack.client().get(second)).headers['content-type'], 'image/png');
        assert.equal((await stack.client().get(first)).status, 404);
        assert.equal(files(stall).length, 1);
    });

    test('does the same press once, and another picture under its key not at all', async () => {
        const stall = await makeStall(stack);
        const jpeg = drawn('jpegenc', 320, 240), key = newKey();
        const first = ok(await put(stall.farmer, stall.lot, jpeg, { key }));
        assert.deepEqual(ok(await put(stall.farmer, stall.lot, jpeg, { key })), first);
        const other = await put(stall.farmer, stall.lot, drawn('jpegenc', 160, 120), { key });
        assert.deepEqual([other.status, other.body.code], [422, 'key-reused']);
        assert.equal(await shown(stall), first.lot.picture);
        assert.equal(files(stall).length, 1);
        // The first press again, after a later one: the later one stays.
        const later = ok(await put(stall.farmer, stall.lot, jpeg)).lot.picture;
        ok(await put(stall.farmer, stall.lot, jpeg, { key }));
        assert.equal(await shown(stall), later);
        assert.equal((await stack.client().get(later)).status, 200);
    });

    test('refuses what is no picture, too large, of too many pixels, without a key or of another type, and changes nothing', async () => {
        const stall = await makeStall(stack);
        const jpeg = drawn('jpegenc', 320, 240);
        const code = async (reply) => { const { status, body } = await reply; return [status, body.code]; };
        for (const bytes of ['<html><script>alert(1)</script>', 'GIF89a......', jpeg.subarray(0, 20), '<svg xmlns="http://www.w3.org/2000/svg"/>', drawn('jpegenc', 2400, 16)])
            assert.deepEqual(await code(put(stall.farmer, stall.lot, bytes)), [422, 'bad-picture']);
        assert.deepEqual(await code(put(stall.farmer, stall.lot, Buffer.concat([jpeg, Buffer.alloc(200_000)]))), [413, 'too-big']);
        assert.deepEqual(await code(put(stall.farmer, stall.lot, '')), [422, 'bad-picture']);
        assert.deepEqual(await code(stall.farmer.post(`/api/v1/lots/${stall.lot.id}/picture`, undefined, { text: jpeg, type })), [400, 'bad-field']);
        assert.deepEqual(await code(stall.farmer.post(`/api/v1/lots/${stall.lot.id}/picture`, { key: newKey() })), [415, 'bad-content-type']);
        for (const lang of ['vi', 'en', 'fr']) {
            const { body } = await put(stall.farmer, stall.lot, 'GIF89a', { headers: { 'accept-language': lang } });
            assert.equal(body.title, JSON.parse(readFileSync(join(root, `web/text/${lang}.json`), 'utf8'))['error.bad-picture']);
        }
        assert.equal(await shown(stall), null);
        assert.deepEqual(files(stall), []);
    });

    test('takes it from nobody but the farmer and the cadres, and only for a lot there is', async () => {
        const stall = await makeStall(stack), other = await makeStall(stack);
        const jpeg = drawn('jpegenc', 320, 240);
        assert.equal((await put(other.farmer, stall.lot, jpeg)).status, 403);
        assert.equal((await put(stack.client(), stall.lot, jpeg)).status, 401);
        assert.equal((await put(stall.farmer, { id: 999999 }, jpeg)).status, 404);
        for (let i = 0; i < 3; i++) assert.equal((await put(stall.farmer, { id: 0 }, jpeg)).status, 400);
        assert.equal((await put(stall.farmer, stall.lot, jpeg, { headers: { origin: 'https://elsewhere.example' } })).status, 403);
        ok(await put(stall.farmer, stall.lot, jpeg));
        assert.equal((await other.farmer.post(`/api/v1/lots/${stall.lot.id}/picture/remove`, { key: newKey() })).status, 403);
        assert.deepEqual(files(other), []);
        assert.equal((await stack.client().get(await shown(stall))).status, 200);
    });

    test('a path that only begins like a picture of the lot takes nobody\'s file away', async () => {
        const stall = await makeStall(stack), jpeg = drawn('jpegenc', 320, 240);
        const name = ok(await put(stall.farmer, stall.lot, jpeg)).lot.picture.split('/').pop(), recording = 'recording-1.webm';
        writeFileSync(join(stack.dir, 'media', stall.slug, recording), 'what the law asks for');
        for (const file of [name, recording]) {
            const before = Math.max(...ok(await anybody.get(`/api/v1/stalls/${stall.slug}`)).lots.map((l) => l.id)), next = before + 1;
            const picture = `/media/${stall.slug}/lot-${next}-x/${file}`;
            const { lot } = ok(await stall.farmer.post(`/api/v1/stalls/${stall.slug}/lots`, { key: newKey(), name: 'Bí', unit: 'kg', price: 9000, amount: 1000, picture }), 201);
            assert.deepEqual([lot.id, lot.picture], [next, picture]);
            ok(await stall.farmer.post(`/api/v1/lots/${lot.id}/picture/remove`, { key: newKey() }));
            assert.deepEqual(files(stall).sort(), [name, recording].sort());
        }
    });

    test('what broken uploads left of a lot goes with its next picture, and nothing of another lot', async () => {
        const stall = await makeStall(stack);
        const jpeg = drawn('jpegenc', 320, 240);
        ok(await put(stall.farmer, stall.lot, jpeg));
        const leave = (name, ageS) => {
            const file = join(stack.dir, 'media', stall.slug, name), then = Date.now() / 1000 - ageS;
            writeFileSync(file, jpeg);
            utimesSync(file, then, then);
        };
        const other = `lot-${stall.lot.id}0-${'a'.repeat(32)}.jpg`, fresh = `lot-${stall.lot.id}-${'b'.repeat(32)}.jpg`;
        leave(other, 7200);
        leave(fresh, 10);
        leave(`lot-${stall.lot.id}-${'c'.repeat(32)}.jpg`, 7200);
        const now = ok(await put(stall.farmer, stall.lot, jpeg)).lot.picture.split('/').pop();
        assert.deepEqual(files(stall).sort(), [fresh, now, other].sort());
        for (let i = 0; i < 9; i++) leave(`lot-${stall.lot.id}-${String(i).repeat(32)}.jpg`, 10);
        const last = ok(await put(stall.farmer, stall.lot, jpeg)).lot.picture.split('/').pop();
        assert.deepEqual(files(stall).sort(), [last, other].sort());
    });

    test('takes it off again, and lets nobody name a file by hand', async () => {
        const stall = await makeStall(stack);
        ok(await put(stall.farmer, stall.lot, drawn('jpegenc', 320, 240)));
        const path = await shown(stall);
        const key = newKey();
        const gone = ok(await stall.farmer.post(`/api/v1/lots/${stall.lot.id}/picture/remove`, { key, picture: '/media/elsewhere.jpg', slug: 'x' }));
        assert.deepEqual([gone.lot.picture, await shown(stall), files(stall).length], [null, null, 0]);
        assert.equal((await stack.client().get(path)).status, 404);
        ok(await stall.farmer.post(`/api/v1/lots/${stall.lot.id}/picture/remove`, { key }));
    });
});

/** The disk of a stall that does not answer: the file that a picture passes through is a pipe, which takes the beginning of one and then no
 *  more. `begun`: somebody writes. `freed`: all of it is taken, until what is given has come; a pipe cannot be synced, so that picture is
 *  not kept. */
function stuckDisk(stack, stall) {
    const room = join(stack.dir, 'media', stall.slug), pipe = join(room, '.picture.part'), taken = Buffer.alloc(65536);
    mkdirSync(room, { recursive: true });
    execFileSync('mkfifo', [pipe]);
    const fd = openSync(pipe, constants.O_RDWR | constants.O_NONBLOCK);
    return {
        begun: () => until('the picture to be half written', () => readSync(fd, taken, 0, 1)),
        async freed(what) {
            let come = false;
            const comes = Promise.resolve(what).finally(() => { come = true; });
            await until('the rest of the picture', () => {
                try { while (readSync(fd, taken) > 0); } catch { /* empty for now */ }
                return come;
            });
            closeSync(fd);
            return comes;
        },
    };
}
/** Sends a picture of a lot twice at the same time: [the answer that one of them gets at once, the other]. */
async function pressedTwice(stall, lot, bytes) {
    const sent = [put(stall.farmer, lot, bytes), put(stall.cadre, lot, bytes)];
    const [first, reply] = await Promise.race(sent.map(async (one, i) => [i, await one]));
    return [reply, sent[1 - first]];
}

describe('a disk that does not answer', () => {
    const WAIT = 32, MORE = 3;      // limits.h: ERRANDS_MAX
    const jpeg = drawn('jpegenc', 160, 120), large = drawn('jpegenc', 480, 360, 'snow');
    const busy = ({ status, body, headers }) => assert.deepEqual([status, body.code, Number(headers['retry-after']) > 0], [503, 'busy', true]);

    test('keeps only pictures waiting, a bounded number of them; the rest of the market goes on, and whoever left was not in vain', async () => {
        assert.ok(large.length > 80_000 && large.length < 200_000, `${large.length} bytes`);
        const stuck = await makeStall(stack);
        const stall = await makeStall(stack, { lots: Array.from({ length: WAIT + MORE }, (_, i) => ({ name: `Cải ${i}`, unit: 'kg', price: 20000, amount: 10000 })) });
        const picture = async (lot) => ok(await stack.client().get(`/api/v1/stalls/${stall.slug}`)).lots.find((l) => l.id === lot.id).picture;
        const disk = stuckDisk(stack, stuck);
        const [again, first] = await pressedTwice(stuck, stuck.lot, large);
        busy(again);
        await disk.begun();
        const turned = [], kept = [], waiting = new Map();
        const sent = stall.lots.map(async (lot, i) => {
            const client = stack.client();       // each has a connection of its own
            client.cookies = (i % 2 ? stall.farmer : stall.cadre).cookies;
            client.bearer = (i % 2 ? stall.farmer : stall.cadre).bearer;
            waiting.set(lot, client);
            const reply = await put(client, lot, jpeg);
            waiting.delete(lot);
            (reply.status === 503 ? turned : kept).push({ lot, reply });
        });
        await until('those beyond the limit to be turned away', () => turned.length === MORE);
        for (const { reply } of turned) busy(reply);
        assert.equal(kept.length, 0);
        // Everything else is answered meanwhile.
        assert.equal((await stack.client().get('/healthz')).status, 200);
        assert.equal((await stack.client().get(`/s/${stall.slug}`)).status, 200);
        ok(await placeOrder(stack.client(), stall, 500), 201);
        const [[lot, leaver]] = waiting;
        leaver.close();
        await assert.rejects(sent[stall.lots.indexOf(lot)]);
        const { status, body } = await disk.freed(first);
        assert.deepEqual([status, body.code], [503, 'not-saved']);
        await Promise.allSettled(sent);
        assert.deepEqual([turned.length, kept.length], [MORE, WAIT - 1]);
        for (const { lot: one, reply } of kept) assert.equal(await picture(one), ok(reply).lot.picture);
        await until('the picture of the one who left', () => picture(lot));
        assert.equal(files(stall).length, WAIT);
        assert.deepEqual([await shown(stuck), files(stuck)], [null, []]);
        ok(await put(stuck.farmer, stuck.lot, jpeg));
    });

    test('the market can be ended meanwhile', async () => {
        const own = await Stack.start({ args: ['--relay', 'none'] });
        try {
            const stuck = await makeStall(own), stall = await makeStall(own);
            const disk = stuckDisk(own, stuck);
            const [, first] = await pressedTwice(stuck, stuck.lot, large);
            await disk.begun();
            const [again, waits] = await pressedTwice(stall, stall.lot, jpeg);
            busy(again);
            const ends = Promise.allSettled([first, waits]);
            own.market.kill('SIGTERM');
            await until('the drain', () => own.log.includes('edge.drain'));
            own.market.kill('SIGTERM');       // twice: requests are not waited for
            await until('the end of the loop', () => own.log.includes('edge.stop'));
            await disk.freed(own.market.ended);
            await ends;
            assert.deepEqual(readdirSync(join(own.dir, 'media')), [stuck.slug]);
        } finally {
            await own.stop();
        }
    });
});

const checked = async (page, what) => {
    await page.evaluate(axe);
    const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'], runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice'] }));
    assert.deepEqual(violations.map((v) => `${what}: ${v.id}: ${v.nodes[0].html}`), []);
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 360);
    await page.screenshot({ path: join(root, `build/screenshots/photo-${what}.png`), scale: 'css' });
};
const whole = (page, selector) => until(`${selector} to be drawn`, () => page.locator(selector).first().evaluate((img) => img.complete && img.naturalWidth > 0 && img.naturalWidth));

describe('in pages', () => {
    test('the farmer takes one for a lot that is there, and the buyer sees it at once', async () => {
        const stall = await makeStall(stack);
        const lot = stall.lot;
        const buyer = await browser.person(stack);
        await buyer.goto(`/s/${stall.slug}`);
        await seen(buyer, `lot-${lot.id}`);
        const farmer = await browser.person(stack, { cookies: stall.farmer.cookies, camera: true });
        await farmer.goto('/golive');
        await tap(farmer, `lot-photo-${lot.id}`);
        await seen(farmer, 'photo-sheet');
        await farmer.getByTestId('photo-file').setInputFiles({ name: 'note.jpg', mimeType: 'image/jpeg', buffer: Buffer.from('no picture') });
        await farmer.locator('[data-testid="photo-state"][data-state="failed"]').waitFor();
        // A camera's file: large, and with the place in it.
        const camera = drawn('jpegenc', 3000, 2000, 'snow');
        const exif = Buffer.concat([Buffer.from([0xff, 0xe1, 0, 24]), Buffer.from('Exif\0\0GPS 19.4 104.1!!')]);
        const file = Buffer.concat([camera.subarray(0, 2), exif, camera.subarray(2)]);
        await loseAnswers(farmer, /\/picture$/);
        await buyer.route('**/media/**', (route) => route.abort(), { times: 1 });      // the buyer's line, too: the first look at it is lost
        await farmer.getByTestId('photo-file').setInputFiles({ name: 'camera.jpg', mimeType: 'image/jpeg', buffer: file });
        await until('the lot to have it', () => shown(stall));
        await farmer.locator('[data-testid="photo-sheet"] [data-tone="ok"]').waitFor();
        const path = await shown(stall);
        const { bytes } = await stack.client().get(path);
        figure('bytes of a lot\'s picture that was snow of 6 megapixels', bytes.length);
        assert.ok(bytes.length <= 150_000 && !bytes.includes('Exif') && !bytes.includes('GPS'), `${bytes.length} bytes`);
        assert.equal(files(stall).length, 1);
        await checked(farmer, 'sheet');

        const image = `[data-testid="lot-${lot.id}"] img.produce`;
        assert.ok(await whole(buyer, image) <= 800);
        assert.deepEqual(await buyer.locator(image).evaluate((i) => [i.alt, i.loading, i.getAttribute('src'), i.clientWidth === i.clientHeight]), [lot.name, 'lazy', path, true]);
        await checked(buyer, 'buyer');
        await tap(buyer, `order-${lot.id}`);
        await whole(buyer, '[data-testid="order-sheet"] img.produce');
        await checked(buyer, 'order');

        await tap(farmer, 'photo-remove');
        await buyer.locator(`[data-testid="lot-${lot.id}"] svg.produce`).waitFor();
        await until('its file to go, which it does after the news', () => files(stall).length === 0);
        assert.deepEqual([...farmer.trouble, ...buyer.trouble], []);
        await farmer.context().close();
        await buyer.context().close();
    });

    test('a new lot comes with its picture; when only the picture is refused, the lot is not made twice', async () => {
        const stall = await makeStall(stack);
        const farmer = await browser.person(stack, { cookies: stall.farmer.cookies, camera: true });
        await farmer.goto('/golive');
        await tap(farmer, 'lot-add');
        await farmer.getByTestId('photo-file').setInputFiles({ name: 'camera.png', mimeType: 'image/png', buffer: drawn('pngenc', 900, 1600) });
        await farmer.locator('[data-testid="photo-shown"][data-url^="blob:"]').waitFor();
        await farmer.getByTestId('lot-name').fill('Mận tam hoa');
        await farmer.getByTestId('lot-price').fill('30000');
        await farmer.getByTestId('lot-amount').fill('12');
        await checked(farmer, 'new-lot');
        await farmer.route(/\/picture/, (r) => r.fulfill({ status: 422, contentType: 'application/problem+json', body: '{"code":"bad-picture"}' }), { times: 1 });
        await tap(farmer, 'lot-save');
        await seen(farmer, 'photo-again');
        await checked(farmer, 'unsent');
        await tap(farmer, 'photo-again');
        await farmer.getByTestId('lot-form').waitFor({ state: 'detached' });
        const { lots } = ok(await stack.client().get(`/api/v1/stalls/${stall.slug}`));
        const made = lots.filter((l) => l.name === 'Mận tam hoa');
        assert.equal(made.length, 1);
        assert.equal((await stack.client().get(made[0].picture)).status, 200);
        await whole(farmer, `[data-testid="lot-photo-${made[0].id}"] img`);
        await checked(farmer, 'rows');
        assert.deepEqual(farmer.trouble, []);
        await farmer.context().close();
    });
});
