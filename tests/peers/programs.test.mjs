// Programs nobody here wrote, without a browser: Debian's whip-client, werift and libdatachannel.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import datachannel from 'node-datachannel';
import { MediaStreamTrack, RTCPeerConnection, RTCRtpCodecParameters, RtpHeader, RtpPacket } from 'werift';
import { Browser, pictureMoves } from '../flow/lib/browser.mjs';
import { approvedLive, makeStall, publishToken } from '../flow/lib/commune.mjs';
import { Stack } from '../flow/lib/stack.mjs';
import { after, before, describe, figure, test } from '../flow/lib/test.mjs';
import { until } from '../flow/lib/until.mjs';
import { ldcViewer } from './lib/ldc.mjs';
import { whipClient } from './lib/whip_client.mjs';

let stack;
before(async () => {
    stack = await Stack.start();
    await stack.phone({ codec: 'vp8' });
    await roomIs(stack.demo.stall, 'live');
});
after(async () => {
    datachannel.cleanup();
    await stack?.stop();
});

const room = async (slug) => (await stack.client().get(`/api/v1/stalls/${slug}`)).body.room;
const roomIs = (slug, state) => until(`${slug} to be ${state}`, async () => (await room(slug)).state === state, { ms: 60000 });
const watched = (by) => until(`${by} viewers to be counted`, async () => (await room(stack.demo.stall)).viewers === by, { ms: 90000 });
const sdp = { type: 'application/sdp' };

async function approvedStall() {
    const stall = await makeStall(stack);
    await approvedLive(stall);
    return { slug: stall.slug, bearer: await publishToken(stall) };
}

describe("Debian's whip-client", () => {
    test('publishes with trickle and DELETE; Chromium decodes it', async () => {
        const { slug, bearer } = await approvedStall();
        const browser = await Browser.start();
        const client = whipClient(`${stack.origin}/whip/${slug}`, bearer);
        try {
            await roomIs(slug, 'live').catch((error) => { throw new Error(`${error.message}\n${client.log}`); });
            const viewer = await browser.person(stack);
            await viewer.goto(`/s/${slug}`);
            const seen = await pictureMoves(viewer, "whip-client's picture");
            assert.equal(seen.codec, 'video/VP8');
            assert.ok(seen.audio > 0);
        } finally {
            await client.stop();
            await browser.stop();
        }
        await until('the publisher to be gone', async () => (await room(slug)).state !== 'live');
        assert.doesNotMatch(client.log, /\[ERR\]|CRITICAL/, client.log);
    });
});

const vp8 = () => new RTCRtpCodecParameters({
    mimeType: 'video/VP8', clockRate: 90000, rtcpFeedback: [{ type: 'nack' }, { type: 'nack', parameter: 'pli' }, { type: 'transport-cc' }],
});

const opus = () => new RTCRtpCodecParameters({ mimeType: 'audio/opus', clockRate: 48000, channels: 2 });

describe('werift', () => {
    test('a WHEP viewer gets RTP of both tracks', async () => {
        const pc = new RTCPeerConnection({ codecs: { audio: [opus()], video: [vp8()] }, bundlePolicy: 'max-bundle' });
        const got = { audio: 0, video: 0 };
        for (const kind of ['audio', 'video']) {
            pc.addTransceiver(kind, { direction: 'recvonly' }).onTrack.subscribe((track) => track.onReceiveRtp.subscribe(() => got[kind]++));
        }
        await pc.setLocalDescription(await pc.createOffer());
        const client = stack.client();
        const reply = await client.send('POST', `/whep/${stack.demo.stall}`, { text: pc.localDescription.sdp, ...sdp });
        assert.equal(reply.status, 201, reply.text);
        await pc.setRemoteDescription({ type: 'answer', sdp: reply.text });
        await until('RTP of both tracks', () => got.audio > 50 && got.video > 50).catch((e) => { throw new Error(`${e.message}: ${JSON.stringify(got)}`); });
        assert.equal((await client.send('DELETE', new URL(reply.headers.location).pathname)).status, 200);
        await pc.close();
    });

    test('a WHIP publisher is heard by a WHEP viewer of the same kind', async () => {
        const { slug, bearer } = await approvedStall();
        const pc = new RTCPeerConnection({ codecs: { audio: [opus()], video: [vp8()] }, bundlePolicy: 'max-bundle' });
        const track = new MediaStreamTrack({ kind: 'video' });
        pc.addTransceiver(track, { direction: 'sendonly' });
        await pc.setLocalDescription(await pc.createOffer());
        const client = stack.client(undefined, { bearer });
        const reply = await client.send('POST', `/whip/${slug}`, { text: pc.localDescription.sdp, ...sdp });
        assert.equal(reply.status, 201, reply.text);
        await pc.setRemoteDescription({ type: 'answer', sdp: reply.text });
        const frames = vp8Frames(track);
        try {
            await roomIs(slug, 'live');
            assert.equal((await room(slug)).video, 'VP8');
        } finally {
            clearInterval(frames);
            assert.equal((await client.send('DELETE', new URL(reply.headers.location).pathname)).status, 200);
            await pc.close();
        }
    });
});

/** Packets that look like VP8 keyframes to anyone who forwards them: a descriptor with "start of partition", a frame header of 16x16. */
function vp8Frames(track) {
    const ssrc = randomBytes(4).readUInt32BE();
    let number = 0;
    return setInterval(() => {
        number++;
        const payload = Buffer.concat([Buffer.from([0x10, 0x10, 0x02, 0x00, 0x9d, 0x01, 0x2a, 16, 0, 16, 0]), randomBytes(100)]);
        track.writeRtp(new RtpPacket(new RtpHeader({ payloadType: 96, sequenceNumber: number & 0xffff, timestamp: number * 3600, ssrc, marker: true }), payload));
    }, 40);
}

describe('libdatachannel (node-datachannel)', () => {
    test('ten WHEP viewers in one process get RTP, with its own SDP and ICE', async () => {
        const peers = await Promise.all(Array.from({ length: 10 }, (_, i) => ldcViewer(stack.client(), stack.demo.stall, `viewer-${i}`)));
        await until('RTP at all ten', () => peers.every((p) => p.video > 20 && p.audio > 20))
            .catch((e) => { throw new Error(`${e.message}: ${peers.map((p) => `${p.state} ${p.audio}/${p.video}`).join(', ')}`); });
        for (const peer of peers) {
            assert.equal((await stack.client().del(peer.session)).status, 200);
            peer.pc.close();
        }
        await until('the viewers to be gone', async () => (await room(stack.demo.stall)).viewers === 0);
    });

    test('one that closes its connection without DELETE is gone, and its DELETE comes too late', async () => {
        const peer = await ldcViewer(stack.client(), stack.demo.stall, 'closing');
        await until('RTP', () => peer.video > 20);
        await watched(1);
        const since = Date.now();
        peer.pc.close();
        await watched(0);
        figure('libdatachannel closed: gone after ms', Date.now() - since);
        assert.equal((await stack.client().del(peer.session)).status, 404);
    });

    test('viewers whose program is killed are let go in time, and what they held is free', async () => {
        const program = spawn('setpriv', ['--pdeathsig', 'KILL', process.execPath, new URL('./lib/ldc.mjs', import.meta.url).pathname, stack.origin, join(stack.dir, 'cert.pem'), stack.demo.stall, '5'],
            { stdio: ['pipe', 'pipe', 'inherit'] });
        let said = '';
        program.stdout.on('data', (part) => (said += part));
        await until('its viewers to have media', () => said.includes('ready'), { ms: 60000 });
        await watched(5);
        const since = Date.now();
        program.kill('SIGKILL');
        await watched(0);    // silence of 30 s is the relay's bound
        figure('libdatachannel killed: gone after ms', Date.now() - since);
        const peer = await ldcViewer(stack.client(), stack.demo.stall, 'after');
        await until('RTP for the next one', () => peer.video > 20);
        peer.pc.close();
        await watched(0);
    });
});
