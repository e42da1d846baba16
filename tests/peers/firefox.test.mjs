// The second engine: Debian's Firefox watches our own stall page. It has no H.264 of its own, so the farmer sends VP8.
import assert from 'node:assert/strict';
import { Stack } from '../flow/lib/stack.mjs';
import { after, before, test } from '../flow/lib/test.mjs';
import { until } from '../flow/lib/until.mjs';
import { Firefox } from './lib/firefox.mjs';

let stack, firefox;
before(async () => {
    stack = await Stack.start();
    await stack.phone({ codec: 'vp8' });
    await until('the demo stall to be live', async () => (await room()).state === 'live', { ms: 60000 });
    firefox = await Firefox.start();
});
after(async () => {
    await firefox?.stop();
    await stack?.stop();
});

const room = async () => (await stack.client().get(`/api/v1/stalls/${stack.demo.stall}`)).body.room;

/** What the page's newest connection has received, and the video element's own clock. */
const received = () => firefox.evaluate(async () => {
    const found = { frames: 0, audio: 0, clock: document.querySelector('video')?.currentTime ?? 0 };
    const stats = await window.connections?.at(-1)?.getStats();
    for (const s of stats?.values() ?? []) {
        if (s.type !== 'inbound-rtp') continue;
        if (s.kind === 'audio') found.audio += s.packetsReceived;
        else found.frames += s.framesDecoded ?? 0;
    }
    return found;
});

test('the stall page plays VP8 in Firefox, without a second connection', async () => {
    await firefox.atStart(() => {
        const Real = window.RTCPeerConnection;
        window.connections = [];
        window.RTCPeerConnection = class extends Real {
            constructor(...args) {
                super(...args);
                window.connections.push(this);
            }
        };
    });
    await firefox.goto(`${stack.origin}/s/${stack.demo.stall}`);
    let last;
    await until('thirty pictures', async () => (last = await received()).frames > 30 && last.clock > 0, { ms: 60000, every: 200 })
        .catch((error) => { throw new Error(`${error.message}: ${JSON.stringify(last)}`); });
    assert.ok(last.audio > 0);
    assert.equal(await firefox.evaluate(() => window.connections.length), 1);
    await until('the viewer to be counted', async () => (await room()).viewers === 1);
});

test('leaving the page ends the session at once', async () => {
    await firefox.goto('about:blank');
    await until('the viewer to be gone', async () => (await room()).viewers === 0, { ms: 10000 });
});
