// Renditions: a buyer whose link gets narrow sees the low picture, then hears the sound alone, and gets it all back when the
// link is wide again, in one and the same connection; saving data by hand does the same; the transcode runs only meanwhile, and not
// at all for a phone that sends two layers. All of it with two workers, where the buyer is
// not on the phone's; with one only what goes another way there: by hand, and the phone's layers.
import assert from 'node:assert/strict';
import { Browser, pictureMoves, received, seen } from '../flow/lib/browser.mjs';
import { Line } from '../flow/lib/line.mjs';
import { Stack } from '../flow/lib/stack.mjs';
import { after, before, describe, test } from '../flow/lib/test.mjs';
import { until } from '../flow/lib/until.mjs';

/** In the farmer's page: publishes two layers. */
async function publishing({ url, token }) {
    const stream = await navigator.mediaDevices.getUserMedia({ audio: true, video: { width: 640, height: 360, frameRate: 20 } });
    const pc = new RTCPeerConnection({ bundlePolicy: 'max-bundle' });
    pc.addTransceiver(stream.getAudioTracks()[0], { direction: 'sendonly', streams: [stream] });
    const { sender } = pc.addTransceiver(stream.getVideoTracks()[0], { direction: 'sendonly', streams: [stream],
        sendEncodings: [{ rid: 'l', scaleResolutionDownBy: 2, maxBitrate: 150000 }, { rid: 'h', maxBitrate: 700000 }] });
    await pc.setLocalDescription();
    const reply = await fetch(url, { method: 'POST', headers: { authorization: `Bearer ${token}`, 'content-type': 'application/sdp' }, body: pc.localDescription.sdp });
    const sdp = await reply.text();
    if (reply.status !== 201) throw new Error(`${reply.status} ${sdp}`);
    await pc.setRemoteDescription({ type: 'answer', sdp });
    window.large = async (active) => {
        const all = sender.getParameters();
        all.encodings.find((e) => e.rid === 'h').active = active;
        await sender.setParameters(all);
    };
    return /^a=simulcast:(.*)$/m.exec(sdp)?.[1].trim();
}

for (const workers of [2, 1]) describe(`renditions, --relay-workers ${workers}`, () => {
    const whole = workers === 2;
    let stack, browser, page, line, phone, farmer, board;
    before(async () => {
        stack = await Stack.start({ workers });
        browser = await Browser.start();
        phone = await stack.phone();
        await until('the demo stall to be live', async () => (await room()).state === 'live', { ms: 60000 });
        line = await Line.lay(stack, { workers, args: ['--delay', 20] });
    });
    after(async () => {
        await browser?.stop();
        line?.cut();
        await stack?.stop();
    });
    const room = async () => (await stack.client().get(`/api/v1/stalls/${stack.demo.stall}`)).body.room;

    const narrow = (kbps) => line.set(`down rate ${kbps}`);

    /** Waits until the page draws pictures as wide as that; the connection stays the first one. */
    const width = (fits, what) => until(what, async () => {
        const now = await received(page);
        assert.equal(now.connections, 1, 'a new connection was made');
        return fits(now.width) && now;
    }, { ms: 90000, every: 250 });
    const choose = (saving) => page.getByTestId('saving').selectOption(saving);

    test('a buyer watches over a line that is wide enough', async () => {
        page = await browser.person(stack);
        await line.lead(page);
        await page.goto(`/s/${stack.demo.stall}`);
        const now = await pictureMoves(page, 'the picture over the line');
        assert.ok(now.width > 320);
        assert.equal(stack.processes('studio').length, 1);
        const ports = [...new Set(await page.evaluate(() => window.relayPorts))];
        assert.deepEqual(ports, [stack.udpPort + workers - 1], 'the buyer is on another worker than thought');
    });

    test('saving data by hand: the low picture, made by one process more, in the same connection', async () => {
        await choose('low');
        await width((w) => w === 320, 'the low picture');
        await pictureMoves(page, 'the low picture to move');
        assert.equal(stack.processes('studio').length, 2);
    });

    test("the cadre's page: how many watch, how many of them with less, and the phone's network in words", async () => {
        const cadre = await stack.login('cadre');
        board = await browser.person(stack, { cookies: cadre.cookies });
        await board.goto('/sessions');
        const text = async (id) => (await board.getByTestId(`${id}-${stack.demo.stall}`).textContent()).trim();
        await until('the viewer to be counted', async () => (await text('viewers')) === '1');
        await until('the viewer with the small picture to be counted', async () => /: 1 xem hình nhỏ, 0 chỉ nghe tiếng$/.test(await text('savers')));
        await until('the network in words', async () => /^Mạng (tốt|yếu|rất yếu)$/.test(await text('uplink')));
        const { renditions } = (await cadre.get('/api/v1/lives')).body.lives.find((live) => live.slug === stack.demo.stall);
        assert.deepEqual(renditions, { source: 0, low: 1, audio: 0 });
    });

    test('sound alone by hand, with words; and all of it back', async () => {
        await choose('audio');
        await seen(page, 'sound-only');
        await until('the cadre to see it', async () => /: 0 xem hình nhỏ, 1 chỉ nghe tiếng$/.test(await board.getByTestId(`savers-${stack.demo.stall}`).textContent()));
        await until('the pictures to stop', async () => {
            const before = await received(page);
            await new Promise((done) => setTimeout(done, 700));
            const now = await received(page);
            return now.received === before.received && now.audio > before.audio;
        });
        await until('the transcode to end', () => stack.processes('studio').length === 1);
        await choose('auto');
        await width((w) => w > 320, 'the full picture again');
        await pictureMoves(page, 'the full picture to move');
        await until('nobody to have less', async () => await board.getByTestId(`savers-${stack.demo.stall}`).count() === 0);
        assert.deepEqual(board.trouble, []);
    });

    if (whole) test('a transcode that is killed comes back', async () => {
        await choose('low');
        await width((w) => w === 320, 'the low picture');
        const transcode = stack.processes('studio').map((p) => p.pid).sort((a, b) => a - b).at(-1);
        process.kill(transcode, 'SIGKILL');
        await until('another transcode', () => stack.processes('studio').some((p) => p.pid !== transcode) && stack.processes('studio').length === 2);
        await pictureMoves(page, 'the low picture to move again');
        await choose('auto');
        await width((w) => w > 320, 'the full picture again');
    });

    if (whole) test('a line that gets narrow: low, then sound; wide again: all of it back, nothing renegotiated', async () => {
        narrow(300); // less than the source, more than the low one with sound
        await width((w) => w === 320, 'the low picture over the narrow line');
        narrow(140);
        await seen(page, 'sound-only', { timeout: 90000 });
        narrow(0);
        await width((w) => w > 320, 'the full picture again');
        await pictureMoves(page, 'the full picture to move');
        assert.deepEqual(page.trouble, []);
    });

    const transcodes = () => stack.log.split('"event":"small.started"').length;

    test('a phone that sends two layers takes over: the large one is the picture, the small one the low picture, and nothing is transcoded', async () => {
        await stack.stopPhone(phone);
        farmer = await browser.person(stack, { camera: true });
        await farmer.goto('/login');
        const made = transcodes();
        const answered = await farmer.evaluate(publishing, { url: `${stack.origin}/whip/${stack.demo.stall}`, token: stack.demo.tokens.farmer });
        assert.equal(answered, 'recv l;h');
        await width((w) => w === 640, 'the large layer');
        await pictureMoves(page, 'the large layer to move');
        await choose('low');
        await width((w) => w === 320, 'the small layer');
        await pictureMoves(page, 'the small layer to move');
        assert.equal(transcodes(), made, 'a transcode was started');
        await choose('auto');
        await width((w) => w === 640, 'the large layer again');
    });

    test('a phone that drops its large layer: everybody sees the small one, and the large one when it is back', async () => {
        await farmer.evaluate(() => window.large(false));
        await width((w) => w === 320, 'the small layer in place of the large one');
        await pictureMoves(page, 'the small layer to move');
        await farmer.evaluate(() => window.large(true));
        await width((w) => w === 640, 'the large layer again');
        await pictureMoves(page, 'the large layer to move');
        assert.deepEqual(page.trouble, []);
    });
});
