// Bad networks, made for real: the farmer's browser and the buyer's each live in a network namespace of their own, and all that
// goes to the server and back passes a link of ours (tests/load/link/badnet.c) that loses, delays, jitters, reorders, doubles,
// squeezes and moves. Buyers keep one connection, and one count of packets, through all of it.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { Stack, build } from '../flow/lib/stack.mjs';
import { Badnet } from '../flow/lib/badnet.mjs';
import { Browser, pictureMoves, received, words } from '../flow/lib/browser.mjs';
import { approvedLive, makeStall, publishToken } from '../flow/lib/commune.mjs';
import { after, before, describe, figure, test } from '../flow/lib/test.mjs';
import { ok } from '../flow/lib/api.mjs';
import { figures } from '../flow/lib/metrics.mjs';
import { publishing, uplink } from '../flow/lib/publishing.mjs';
import { freePort } from '../flow/lib/ports.mjs';
import { until } from '../flow/lib/until.mjs';

const GRACE_S = 3;
let field, road, stack, farmerBrowser, buyerBrowser, farmer, buyer, metricsPort;

before(async () => {
    [field, road] = await Promise.all([Badnet.lay(), Badnet.lay()]);
    metricsPort = await freePort('tcp');
    stack = await Stack.start({ host: field.server, args: ['--grace', GRACE_S, '--metrics', `127.0.0.1:${metricsPort}`, '--limit-loopback',
        '--requests-per-second', 1000, '--requests-burst', 1000, '--connections-per-address', 500] });
    [farmerBrowser, buyerBrowser] = await Promise.all([Browser.start({ behind: field }), Browser.start({ behind: road })]);
    farmer = await farmerBrowser.person(stack, { camera: true });
    await farmer.goto('/login');
});
after(async () => {
    await Promise.all([farmerBrowser?.stop(), buyerBrowser?.stop()]);
    await stack?.stop();
    await Promise.all([field?.cut(), road?.cut()]);
});

const snapshot = async (slug = stack.demo.stall) => ok(await stack.client().get(`/api/v1/stalls/${slug}`));
const event = (name) => `relay_events_total{event="${name}"}`;
const metrics = () => figures(metricsPort);

/** In the farmer's page: an ICE restart by PATCH (RFC 9725, 4.3.3). Gives the credentials before and after. */
async function restarting() {
    const { pc, sdp, authorization, session } = window.whip;
    const read = (name, text) => new RegExp(`^a=${name}:(\\S+)`, 'm').exec(text)[1];
    pc.restartIce();
    await pc.setLocalDescription();
    const local = pc.localDescription.sdp;
    const body = [`a=ice-ufrag:${read('ice-ufrag', local)}`, `a=ice-pwd:${read('ice-pwd', local)}`, 'm=audio 9 UDP/TLS/RTP/SAVPF 0', 'a=mid:0', ''].join('\r\n');
    const reply = await fetch(session, { method: 'PATCH', headers: { authorization, 'content-type': 'application/trickle-ice-sdpfrag', 'if-match': '*' }, body });
    if (reply.status !== 200) throw new Error(`${reply.status} ${await reply.text()}`);
    const frag = await reply.text();
    const renewed = sdp.replace(/^a=ice-ufrag:.*$/gm, `a=ice-ufrag:${read('ice-ufrag', frag)}`).replace(/^a=ice-pwd:.*$/gm, `a=ice-pwd:${read('ice-pwd', frag)}`);
    await pc.setRemoteDescription({ type: 'answer', sdp: renewed });
    return { before: read('ice-ufrag', sdp), after: read('ice-ufrag', frag) };
}

/** In the buyer's page: notes every frame that is shown, and the stream's name. */
function noting() {
    const video = document.querySelector('video');
    window.shown = [];
    const note = (now, { rtpTimestamp }) => {
        window.shown.push({ at: performance.timeOrigin + now, rtp: rtpTimestamp });
        video.requestVideoFrameCallback(note);
    };
    video.requestVideoFrameCallback(note);
}
const shown = (page) => page.evaluate(() => window.shown);
const streams = (page) => page.evaluate(async () => [...(await window.connections.at(-1).getStats()).values()]
    .filter((s) => s.type === 'inbound-rtp').map((s) => `${s.kind} ${s.ssrc}`).sort().join());

/** What must hold for the buyer through whatever `deed` does to the farmer: one connection, the same streams, time that goes on. */
async function unbroken(deed) {
    const seen = await received(buyer), names = await streams(buyer);
    const first = (await shown(buyer)).at(-1);
    const result = await deed();
    await pictureMoves(buyer, 'the picture to go on', { more: 10 });
    const now = await received(buyer);
    assert.equal(now.connections, seen.connections, 'the buyer had to connect again');
    assert.equal(now.state, 'connected');
    assert.equal(await streams(buyer), names, 'the streams have other names now');
    const lost = now.lost - seen.lost, got = now.received - seen.received;
    assert.ok(lost < 1500, `numbers are not continuous: ${lost} lost of ${got}`);    // a new beginning would be thousands away
    // What was on its way meanwhile is asked for again and comes: for a moment the picture is as late as the pause was long.
    const { frames, late } = await until("the stream's time to be ours again", async () => {
        const frames = (await shown(buyer)).filter((f) => f.at >= first.at);
        const behind = frames.at(-1).at - first.at - ((frames.at(-1).rtp - first.rtp) | 0) / 90;
        return Math.abs(behind) < 1500 && { frames, late: Math.round(behind) };
    }, { every: 100 });
    let pause = 0;
    for (let i = 1; i < frames.length; i++) {
        const step = (frames[i].rtp - frames[i - 1].rtp) | 0;
        assert.ok(step > 0, `time ran backwards by ${-step} ticks`);
        pause = Math.max(pause, frames[i].at - frames[i - 1].at);
    }
    return { result, pause: Math.round(pause), late };
}

/** Measures at the far end of `net` (or here): our own viewers, who count exactly. */
const swarm = (net, args) => new Promise((done, fail) => {
    const [program, ...rest] = [...(net?.wrap ?? []), join(build, 'bin/swarm'), '--whep', `${stack.origin}/whep/${stack.demo.stall}`, '--insecure', ...args].map(String);
    execFile(program, rest, { timeout: 60000 }, (error, out, err) => (out ? done(JSON.parse(out)) : fail(new Error(`swarm: ${error?.message}\n${err}`))));
});

describe('a clean line', () => {
    test("the farmer's browser finds out that more than 1.5 Mb/s go through", async () => {
        await farmer.evaluate(publishing, { url: `${stack.origin}/whip/${stack.demo.stall}`, token: stack.demo.tokens.farmer });
        await until('the phone to be connected', async () => (await uplink(farmer)).state === 'connected');
        const started = Date.now();
        let best = 0;
        const { kbps } = await until('its estimate to climb', async () => {
            const now = await uplink(farmer);
            best = Math.max(best, now.kbps);
            return now.kbps > 1500 && now;
        }, { ms: 8000, every: 100 }).catch((error) => { throw new Error(`${error.message}: ${Math.round(best)} kb/s`); });    // without its probes: 8 % a second from 300 kb/s, 21 s
        await farmer.evaluate(async () => {    // known now; the other tests need fewer bits, and the machine is small
            const sender = window.whip.pc.getSenders().find((s) => s.track.kind === 'video');
            const all = sender.getParameters();
            all.encodings[0].maxBitrate = 600000;
            await sender.setParameters(all);
        });
        figure('uplink estimate', { kbps: Math.round(kbps), after_ms: Date.now() - started, aim_ms: 8000 });
    });

    test('the buyer sees it, and sound and picture are played together', async () => {
        buyer = await buyerBrowser.person(stack);
        await buyer.goto(`/s/${stack.demo.stall}`);
        await pictureMoves(buyer);
        await buyer.evaluate(noting);
        await until('two frames to be noted', async () => (await shown(buyer)).length > 1);
        await playedTogether('on a clean line');
    });
});

/** The moments of capture that are being played now, of sound and of picture, as the sender reports tell them. */
async function playedTogether(how) {
    const apart = () => buyer.evaluate(async () => {
        const all = [...(await window.connections.at(-1).getStats()).values()].filter((s) => s.type === 'inbound-rtp');
        const [audio, video] = ['audio', 'video'].map((kind) => all.find((s) => s.kind === kind)?.estimatedPlayoutTimestamp);
        return audio && video ? audio - video : null;
    });
    const values = [];
    const middle = await until('sound and picture to be together', async () => {    // a browser closes a gap a little each second
        const ms = await apart();
        if (ms !== null) values.push(ms);
        const median = values.slice(-10).sort((a, b) => a - b)[5];
        return values.length >= 10 && Math.abs(median) < 100 && [median];
    }, { every: 100 }).catch((error) => { throw new Error(`${error.message}: ${values.slice(-10).join()} ms apart`); });
    figure(`lip sync ${how}: sound before picture, ms`, [Math.round(middle[0]), values.length]);
}

/** Measures until `good`: a machine that is busy with other things repairs too late, and that is not what is asked here. */
async function measured(measure, good) {
    for (let tries = 1; ; tries++) {
        const found = await measure();
        if (good(found) || tries === 5) return found;
        figure('measured again', found);
    }
}

describe('loss', () => {
    test('5 % on the way to a viewer: less than 0.5 % of the video stays missing, by RTX and in band', async () => {
        await road.set('down loss 5');
        const before = await received(buyer);
        const reports = await measured(
            () => Promise.all([['--nack'], ['--nack', '--rtx']].map((how) => swarm(road, ['--viewers', 1, '--settle', 1, '--duration', 7, ...how]))),
            (all) => all.every((r) => r.loss?.video_residual_percent < 0.5));
        await pictureMoves(buyer, 'the browser to go on decoding');
        const now = await received(buyer);
        await road.calm();
        for (const [i, how] of ['in band', 'by RTX'].entries()) {
            const { loss, media, error } = reports[i];
            figure(`5 % to a viewer, repaired ${how}`, { asked: loss?.asked, repaired: loss?.repaired, residual_percent: loss?.video_residual_percent });
            assert.equal(error, undefined);
            assert.ok(media.packets > 300 && loss.asked > 10, JSON.stringify(reports[i]));
            assert.ok(loss.video_residual_percent < 0.5, `${loss.video_residual_percent} %`);
        }
        assert.ok(reports[1].loss.in_rtx > 0 && reports[0].loss.in_rtx === 0);
        assert.equal(now.connections, before.connections);
    });

    const seen = (r) => r.media.least_gap_permille, picture = (r) => 10 * r.loss?.video_residual_percent;
    for (const { what, weather, missing } of [
        { what: 'less than 1 % is missing after ingest', weather: ['up loss 5'], missing: seen },
        { what: 'and 120 ms there and back: less than 1 % of the picture', weather: ['up loss 5', 'delay 60'], missing: picture }]) {
        test(`5 % on the phone's uplink: ${what}; what is broken costs few keyframes`, async () => {
            const before = await metrics();
            await field.set(...weather);
            const report = await measured(() => swarm(null, ['--viewers', 2, '--settle', 3, '--duration', 7, '--nack']), (r) => missing(r) < 10);
            await field.calm();
            const after = await metrics();
            const asked = after.relay_keyframes_asked_total - before.relay_keyframes_asked_total;
            figure(`5 % on the phone's uplink, ${weather}`, { missing_permille: missing(report), keyframes_asked: asked });
            assert.equal(report.error, undefined);
            assert.ok(report.media.packets > 300);
            assert.ok(missing(report) < 10, JSON.stringify(report));
            assert.ok(asked <= 120, `${asked} keyframes in at most 55 s`);    // two a second is the bound
        });
    }
});

describe('a storm both ways', () => {
    test('delay, jitter, reordering, doubles and a narrow pipe: one connection, a picture, and lips that fit', async () => {
        const switched = async () => (await metrics()).relay_rendition_switches_total, before = await switched();
        assert.equal(typeof before, 'number');
        const { pause } = await unbroken(async () => {
            await Promise.all([field.set('delay 60', 'jitter 30', 'reorder 2', 'duplicate 2', 'loss 1', 'rate 3000'),
                road.set('delay 60', 'jitter 30', 'reorder 2', 'duplicate 2', 'loss 1', 'rate 3000')]);
            await pictureMoves(buyer, 'pictures in the storm', { more: 60 });
            await playedTogether('in a storm');
            await Promise.all([field.calm(), road.calm()]);
        });
        figure('longest pause in the storm, ms', pause);
        assert.equal(await switched(), before, 'a line with room for the picture was given less');
        assert.ok(pause < 5000, `${pause} ms without a picture`);
    });
});

describe('the phone moves', () => {
    test('to another address and other ports: media goes on at once, by its seal, feedback at the next check; the same keys', async () => {
        const before = await metrics();
        const { pause, late } = await unbroken(async () => {
            await field.set('move');
            await until('the relay to follow it', async () => (await metrics())[event('roams')] > before[event('roams')]);
        });
        const after = await metrics();
        const moved = after[event('srtp_moved')] - before[event('srtp_moved')];
        figure('phone moved: pause, and in the end late by, ms; packets before the check', [pause, late, moved]);
        assert.ok(moved > 0, 'nothing was taken before the check');
        assert.equal(after[event('dtls_done')], before[event('dtls_done')], 'there was another handshake');
        assert.equal((await uplink(farmer)).state, 'connected');
    });

    test('ICE restart by PATCH: new credentials, the same connection', async () => {
        const before = await metrics();
        const { result, pause } = await unbroken(async () => {
            const credentials = await farmer.evaluate(restarting);
            await until('the restart to be done', async () => (await uplink(farmer)).state === 'connected');
            return credentials;
        });
        figure('ICE restart: pause, ms', pause);
        assert.notEqual(result.after, result.before);
        const after = await metrics();
        assert.ok(after[event('ice_restarts')] > before[event('ice_restarts')]);
        assert.equal(after[event('dtls_done')], before[event('dtls_done')]);
    });

    test('a new POST with the same token takes over while the old one is alive', async () => {
        const before = await metrics();
        const second = await farmerBrowser.person(stack, { camera: true });
        await second.goto('/login');
        const { result, pause } = await unbroken(async () => {
            const posted = await second.evaluate(publishing, { url: `${stack.origin}/whip/${stack.demo.stall}`, token: stack.demo.tokens.farmer });
            await until('the new one to be connected', async () => (await uplink(second)).state === 'connected');
            await until('the old one to be told', () => farmer.evaluate(() => window.whip.pc.getSenders()[0].transport.state === 'closed'));
            return { ...posted, told: Date.now() };
        });
        figure('taken over: pause, ms', { pause, answer: result.answered - result.started, old_one_told: result.told - result.started, aim: 1000 });
        assert.ok((await metrics()).relay_takeovers_total > before.relay_takeovers_total);
        await farmer.close();
        farmer = second;
    });
});

describe('silence', () => {
    test('stalled after 2 s, and the page says so over the last picture; ended after the grace time', async () => {
        const { connections } = await received(buyer);
        await field.set('block');
        const since = Date.now();
        await until('the room to be stalled', async () => (await snapshot()).room.state === 'stalled');
        figure('silent phone: stalled after ms', Date.now() - since);
        assert.ok(Date.now() - since >= 1500, 'too soon');
        await buyer.locator('[data-testid="state"][data-state="paused"]').waitFor();
        assert.ok((await buyer.locator('.player .overlay').textContent()).trim().length > 10);
        assert.ok(await buyer.locator('video.on').isVisible(), 'the last picture is gone');
        assert.equal((await received(buyer)).connections, connections);
        await until('the session to be over', async () => (await snapshot()).live === null, { ms: 60000 });
        figure('silent phone: ended after ms', Date.now() - since);
        assert.ok(Date.now() - since >= GRACE_S * 1000);
        await buyer.locator('[data-testid="state"][data-state="ended"]').waitFor();
        await field.calm();
    });

    test('a phone that never comes back after the market was killed: its session ends after the grace time', async () => {
        const stall = await makeStall(stack);
        await approvedLive(stall);
        const phone = await stack.phone({ stall: stall.slug, token: await publishToken(stall) });
        await until('the phone to be on air', async () => (await snapshot(stall.slug)).live?.state === 'live', { ms: 60000 });
        phone.kill('SIGKILL');
        await phone.ended;
        stack.phones = [];
        stack.market.kill('SIGKILL');
        await stack.market.ended;
        const since = Date.now();
        await stack.startMarket();
        figure('market again after ms', Date.now() - since);
        assert.equal((await snapshot(stall.slug)).live?.state, 'live', 'it has the grace time to come back');
        await until('the session to be over', async () => (await snapshot(stall.slug)).live === null);
    });
});
