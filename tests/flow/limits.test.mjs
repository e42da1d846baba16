// RFC 9725 4.1 and its twin for WHEP: offers, fragments and ends are limited for each address, and it says when to come again.
import assert from 'node:assert/strict';
import { offer, fragment } from './lib/sdp.mjs';
import { Stack } from './lib/stack.mjs';
import { after, before, test } from './lib/test.mjs';

const BURST = 100;
let stack;
before(async () => {
    stack = await Stack.start({ args: ['--relay', 'none', '--limit-loopback', '--requests-burst', BURST, '--requests-per-second', 1] });
});
after(() => stack?.stop());

/** Sends the same until it is refused; a request or two may be given back while it lasts. */
async function untilLimited(send) {
    for (let sent = 1; sent <= 3 * BURST; sent++) {
        const reply = await send();
        if (reply.status !== 429) continue;
        assert.ok(Number(reply.headers['retry-after']) >= 1, reply.headers['retry-after']);
        assert.match(reply.headers['content-type'], /^application\/problem\+json/);
        return sent;
    }
    throw new Error(`${3 * BURST} times, and never refused`);
}

test('offers to publish and to watch: 429 with Retry-After after the burst, which is smaller than that of other requests', async () => {
    const sdp = { text: offer('recvonly'), type: 'application/sdp' };
    const sent = await untilLimited(() => stack.client().send('POST', `/whep/${stack.demo.stall}`, sdp));
    assert.ok(sent < BURST, `${sent} offers`);
    const publish = { ...sdp, text: offer('sendonly') };
    assert.equal((await stack.client('farmer').send('POST', `/whip/${stack.demo.stall}`, publish)).status, 429);
    assert.equal((await stack.client().get('/healthz')).status, 200, 'other requests still pass');
});

test('PATCH and DELETE: 429 with Retry-After', async () => {
    const session = `/whep/${stack.demo.stall}/${'0'.repeat(32)}`;
    const text = fragment({ ufrag: 'abcd', pwd: 'abcdefghijklmnopqrstuvwx' });
    await untilLimited(() => stack.client().send('PATCH', session, { text, type: 'application/trickle-ice-sdpfrag', headers: { 'if-match': '"x"' } }));
    await untilLimited(() => stack.client().del(session));
});
