// ICE-TCP (RFC 6544, RFC 4571): a buyer whose network lets no UDP through watches over TCP on the same port number, and
// strangers' bytes on that port cost nobody anything.
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { randomBytes } from 'node:crypto';
import { Browser, pictureMoves, received } from './lib/browser.mjs';
import { offer, sections } from './lib/sdp.mjs';
import { Stack } from './lib/stack.mjs';
import { after, before, test } from './lib/test.mjs';
import { until } from './lib/until.mjs';

let stack, browser, page;
before(async () => {
    stack = await Stack.start();
    browser = await Browser.start();
    await stack.phone();
    await until('the demo stall to be live', async () => (await room()).state === 'live', { ms: 60000 });
});
after(async () => {
    await browser?.stop();
    await stack?.stop();
});
const room = async () => (await stack.client().get(`/api/v1/stalls/${stack.demo.stall}`)).body.room;

/** A TCP connection to the media port: {socket, over: a promise of its end}. */
async function dial() {
    const socket = connect(stack.udpPort, '127.0.0.1').on('error', () => {});
    const over = new Promise((done) => socket.on('close', done));
    await new Promise((done) => socket.on('connect', done));
    socket.resume();
    return { socket, over };
}
const frame = (bytes) => Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 255]), bytes]);

test('the answer to a viewer has passive TCP candidates after those of UDP, on the same port', async () => {
    const reply = await stack.client().send('POST', `/whep/${stack.demo.stall}`, { text: offer('recvonly'), type: 'application/sdp' });
    assert.equal(reply.status, 201);
    for (const section of sections(reply.text)) {
        const candidates = [...section.matchAll(/^a=candidate:(\d+) 1 (udp|tcp) (\d+) (\S+) (\d+) typ host(?: tcptype (\w+))?\r?$/gm)];
        const kinds = candidates.map(([, , kind]) => kind);
        assert.deepEqual(kinds, [...kinds].sort().reverse());
        assert.equal(kinds.filter((k) => k === 'tcp').length, kinds.length / 2);
        assert.equal(new Set(candidates.map(([, foundation]) => foundation)).size, candidates.length);
        for (const [, , kind, priority, , port, type] of candidates) {
            assert.equal(Number(port), stack.udpPort);
            assert.equal(type, kind === 'tcp' ? 'passive' : undefined);
            assert.ok(kind === 'udp' || Number(priority) < 126 * 2 ** 24);
        }
    }
});

test('a buyer without UDP watches, and the picture is carried by TCP', async () => {
    page = await browser.person(stack);
    await page.addInitScript(() => {
        const Real = window.RTCPeerConnection;
        window.RTCPeerConnection = class extends Real {
            setRemoteDescription({ type, sdp }) {
                return super.setRemoteDescription({ type, sdp: sdp.replace(/^a=candidate:\S+ 1 udp .*\r\n/gm, '') });
            }
        };
    });
    await page.goto(`/s/${stack.demo.stall}`);
    const seen = await pictureMoves(page, 'the picture over TCP');
    assert.equal(seen.connections, 1);
    await until('the sound over TCP', async () => (await received(page)).audio > 0);
    const protocol = await page.evaluate(async () => {
        const stats = await window.connections.at(-1).getStats();
        return stats.get(window.takenPath(stats).localCandidateId).protocol;
    });
    assert.equal(protocol, 'tcp');
});

test('bytes of strangers on the port: closed or passed over, and the buyer sees nothing of it', async () => {
    const before = await received(page);
    const tooLong = await dial();
    tooLong.socket.write(Buffer.from([0xff, 0xff]));
    const nothing = await dial();
    nothing.socket.write(Buffer.from([0, 0]));
    await Promise.all([tooLong.over, nothing.over]);
    const rubbish = await dial(), torn = await dial(), http = await dial();
    for (let i = 0; i < 200; i++) rubbish.socket.write(frame(randomBytes(1 + (i * 7) % 1400)));
    for (const byte of frame(Buffer.concat([Buffer.from([0, 1, 0, 8, 0x21, 0x12, 0xa4, 0x42]), randomBytes(20)]))) torn.socket.write(Buffer.from([byte]));
    http.socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await Promise.all([http.over, pictureMoves(page, 'the picture during the rubbish')]);
    const crowd = await Promise.all(Array.from({ length: 100 }, dial));
    await pictureMoves(page, 'the picture beside a crowd');
    await Promise.all([rubbish, torn, ...crowd].map((c) => c.over));   // none of them ever proved itself: closed by the relay
    const now = await pictureMoves(page, 'the picture afterwards');
    assert.equal(now.connections, before.connections);
});

test('a page that is opened again has a connection of its own', async () => {
    await page.goto('about:blank');
    await until('the viewer to be gone', async () => (await room()).viewers === 0);
    await page.goto(`/s/${stack.demo.stall}`);
    await pictureMoves(page, 'the picture over a new connection');
});
