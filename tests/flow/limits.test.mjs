// What one address may do. RFC 9725 4.1 and its twin for WHEP: offers, fragments and ends are limited, and it says when to come again.
import assert from 'node:assert/strict';
import { offer, fragment } from './lib/sdp.mjs';
import { connect } from 'node:tls';
import WebSocket from 'ws';
import { raw } from './lib/raw.mjs';
import { Stack } from './lib/stack.mjs';
import { after, before, describe, test } from './lib/test.mjs';
import { until } from './lib/until.mjs';

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
    assert.ok(await untilLimited(() => stack.client('farmer').send('POST', `/whip/${stack.demo.stall}`, publish)) < BURST);
    assert.equal((await stack.client().get('/healthz')).status, 200, 'other requests still pass');
});

test('PATCH and DELETE: 429 with Retry-After', async () => {
    const session = `/whep/${stack.demo.stall}/${'0'.repeat(32)}`;
    const text = fragment({ ufrag: 'abcd', pwd: 'abcdefghijklmnopqrstuvwx' });
    await untilLimited(() => stack.client().send('PATCH', session, { text, type: 'application/trickle-ice-sdpfrag', headers: { 'if-match': '"x"' } }));
    await untilLimited(() => stack.client().del(session));
});

describe('one address', () => {
    const PLACES = 12, PER_S = 20;
    let narrow;
    before(async () => {
        narrow = await Stack.start({ args: ['--relay', 'none', '--limit-loopback', '--connections-per-address', PLACES, '--requests-burst', 60, '--requests-per-second', PER_S] });
    });
    after(() => narrow?.stop());
    const health = () => raw(narrow.port, `GET /healthz HTTP/1.1\r\nHost: localhost:${narrow.port}\r\n\r\n`);
    const refusedAtTheDoor = async () => {
        const { status, closed } = await health().catch(() => ({ status: 0, closed: true }));
        return status === 0 && closed;
    };

    test('has so many connections and no more; who goes makes room', async () => {
        const held = [];
        const hold = () => new Promise((resolve) => {
            const socket = connect({ port: narrow.port, host: '127.0.0.1', servername: 'localhost', rejectUnauthorized: false }, () => resolve(true));
            socket.on('error', () => resolve(false)).on('close', () => resolve(false));
            held.push(socket);
        });
        for (let i = 0; i < PLACES; i++) assert.equal(await hold(), true, `connection ${i + 1}`);
        assert.equal(await refusedAtTheDoor(), true);
        held.pop().destroy();
        await until('a place', async () => (await health()).status === 200);
        for (const socket of held) socket.destroy();
        await until('all places', async () => (await health()).status === 200);
    });

    test('sends so many requests: 429 as a problem with Retry-After, and after that time it is served again', async () => {
        const client = narrow.client();
        const reply = await until('the limit', async () => {
            const r = await client.get('/healthz');
            return r.status === 429 && r;
        }, { every: 0 });
        assert.equal(reply.body.code, 'too-many-requests');
        assert.match(reply.headers['content-type'], /^application\/problem\+json/);
        assert.ok(Number(reply.headers['retry-after']) >= 1);
        await until('to be served again', async () => (await client.get('/healthz')).status === 200);
    });

    test('sends so many messages on a socket: closed as against the rules', async () => {
        const socket = await until('a socket', () => new Promise((resolve) => {     // it counts as a request, too
            const tried = new WebSocket(`wss://localhost:${narrow.port}/live`, { ca: narrow.ca, origin: narrow.origin });
            tried.on('error', () => resolve(null)).once('open', () => resolve(tried));
        }));
        let answered = 0;
        socket.on('message', () => answered++);
        const closed = new Promise((resolve) => socket.once('close', resolve));
        for (let i = 0; i < 60; i++) socket.send(JSON.stringify({ t: 'call', id: `${i}`, name: 'no.such', params: {} }));
        assert.equal(await closed, 1008);
        assert.ok(answered <= 31, `${answered} answers`);
    });
});
