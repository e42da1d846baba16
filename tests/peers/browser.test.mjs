// Other people's browser libraries, on a page of another origin, in real Chromium: they publish to us and watch us.
import assert from 'node:assert/strict';
import { Browser, pictureMoves, received } from '../flow/lib/browser.mjs';
import { approvedLive, makeStall, publishToken } from '../flow/lib/commune.mjs';
import { Stack } from '../flow/lib/stack.mjs';
import { after, before, describe, test } from '../flow/lib/test.mjs';
import { until } from '../flow/lib/until.mjs';
import { Site } from './lib/site.mjs';

let stack, browser, site;
before(async () => {
    // One candidate only: whip-whep puts commas between candidates when it restarts ICE.
    stack = await Stack.start({ args: ['--host', '127.0.0.1'] });
    [browser, site] = await Promise.all([Browser.start(), Site.start(stack)]);
    await stack.phone();
    await roomIs(stack.demo.stall, 'live');
});
after(async () => {
    await browser?.stop();
    await site?.stop();
    await stack?.stop();
});

const room = async (slug) => (await stack.client().get(`/api/v1/stalls/${slug}`)).body.room;
const roomIs = (slug, state) => until(`${slug} to be ${state}`, async () => (await room(slug)).state === state, { ms: 60000 });
const viewers = (slug, n) => until(`${slug} to have ${n} viewers`, async () => (await room(slug)).viewers === n);
const whep = () => `${stack.origin}/whep/${stack.demo.stall}`;

/** A stall of its own for somebody who publishes, and a page of ours that watches it. */
async function publisher(start) {
    const stall = await makeStall(stack);
    await approvedLive(stall);
    const token = await publishToken(stall);
    const page = await site.visit(browser, stack, { camera: true });
    await page.evaluate(start, { url: `${stack.origin}/whip/${stall.slug}`, token });
    await roomIs(stall.slug, 'live');
    const viewer = await browser.person(stack);
    await viewer.goto(`/s/${stall.slug}`);
    await pictureMoves(viewer, 'the picture of the foreign publisher');
    return { stall, page, viewer };
}

describe('whip-whep', () => {
    test('WHEPClient watches, hears the events, and leaves by DELETE', async () => {
        const page = await site.visit(browser, stack);
        await page.evaluate(async (url) => {
            const pc = new RTCPeerConnection();
            const stream = new MediaStream();
            pc.ontrack = (e) => { stream.addTrack(e.track); document.querySelector('video').srcObject = stream; };
            pc.addTransceiver('audio', { direction: 'recvonly' });
            pc.addTransceiver('video', { direction: 'recvonly' });
            window.client = new window.MedoozeWhep();
            window.heard = [];
            await window.client.view(pc, url);
        }, whep());
        await pictureMoves(page, 'the picture at whip-whep');
        const opened = await until('the event stream', () => page.evaluate(() => window.client.eventSource?.readyState === 1));
        assert.ok(opened);
        await page.evaluate(() => {
            for (const name of ['active', 'inactive', 'viewercount'])
                window.client.eventSource.addEventListener(name, (e) => window.heard.push([name, JSON.parse(e.data)]));
        });
        const other = await site.visit(browser, stack);
        await other.evaluate(async (url) => {
            const pc = new RTCPeerConnection();
            pc.addTransceiver('audio', { direction: 'recvonly' });
            pc.addTransceiver('video', { direction: 'recvonly' });
            window.client = new window.MedoozeWhep();
            await window.client.view(pc, url);
        }, whep());
        await until('the number of viewers to be told', () => page.evaluate(() => window.heard.some(([name, data]) => name === 'viewercount' && data.viewercount === 2)));
        await other.evaluate(() => window.client.stop());
        await until('the other to be gone', () => page.evaluate(() => window.heard.at(-1)?.[1].viewercount === 1));
        await page.evaluate(() => window.client.stop());
        await viewers(stack.demo.stall, 0);
    });

    test('WHIPClient publishes, restarts ICE, and goes on', async () => {
        const { stall, page, viewer } = await publisher(async ({ url, token }) => {
            const stream = await navigator.mediaDevices.getUserMedia({ video: true, audio: true });
            const pc = new RTCPeerConnection();
            for (const track of stream.getTracks()) pc.addTransceiver(track, { direction: 'sendonly', streams: [stream] });
            window.client = new window.MedoozeWhip();
            await window.client.publish(pc, url, token);
        });
        const ufrag = () => page.evaluate(() => /a=ice-ufrag:(\S+)/.exec(window.connections[0].remoteDescription.sdp)[1]);
        const before = await ufrag();
        await page.evaluate(() => window.client.restart());
        assert.notEqual(await ufrag(), before);
        await pictureMoves(viewer, 'the picture after the ICE restart');
        assert.equal((await received(viewer)).connections, 1);
        await page.evaluate(() => window.client.stop());
        await until('the publisher to be gone', async () => (await room(stall.slug)).state !== 'live');
    });
});

describe('@eyevinn', () => {
    test('whip-web-client publishes with trickle and ends by DELETE', async () => {
        const { stall, page } = await publisher(async ({ url, token }) => {
            const stream = await navigator.mediaDevices.getUserMedia({ video: true, audio: true });
            window.client = new window.EyevinnWhip({ endpoint: url, opts: { authkey: token } });
            await window.client.ingest(stream);
        });
        assert.match(await page.evaluate(() => window.client.getResourceUrl()), new RegExp(`/whip/${stall.slug}/[0-9a-f]{32}$`));
        await page.evaluate(() => window.client.destroy());
        await until('the publisher to be gone', async () => (await room(stall.slug)).state !== 'live');
    });

    test('webrtc-player watches by WHEP', async () => {
        const page = await site.visit(browser, stack);
        await page.evaluate(async (url) => {
            window.player = new window.WebRTCPlayer({ video: document.querySelector('video'), type: 'whep' });
            await window.player.load(new URL(url));
        }, whep());
        await pictureMoves(page, 'the picture at webrtc-player');
        await page.evaluate(() => window.player.unload());
        await viewers(stack.demo.stall, 0);
    });
});
