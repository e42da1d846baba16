// The link to the relay (streamer/link.h) with somebody else at its far end: a relay of another version, one that talks nonsense, one
// that never answers. Pages and orders must not notice, and whoever waits is told in time.
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { join } from 'node:path';
import { placeOrder } from './lib/commune.mjs';
import { offer } from './lib/sdp.mjs';
import { Stack } from './lib/stack.mjs';
import { after, before, figure, test } from './lib/test.mjs';
import { until } from './lib/until.mjs';

let stack;
before(async () => { stack = await Stack.start({ args: ['--relay', 'none'] }); });
after(() => stack?.stop());

/** Whoever dials the market's socket: says frames, hears frames. */
class Dialler {
    constructor() {
        this.heard = [];
        this.closed = false;
        let bytes = Buffer.alloc(0);
        this.socket = connect(join(stack.dir, 'relay.sock')).on('error', () => {}).on('close', () => (this.closed = true)).on('data', (part) => {
            for (bytes = Buffer.concat([bytes, part]); bytes.length >= 4 && bytes.length >= 4 + bytes.readUInt32BE(0); bytes = bytes.subarray(4 + bytes.readUInt32BE(0))) {
                this.heard.push(JSON.parse(bytes.subarray(4, 4 + bytes.readUInt32BE(0)).toString()));
            }
        });
    }
    frame(text) {
        const head = Buffer.alloc(4);
        head.writeUInt32BE(Buffer.byteLength(text));
        this.socket.write(Buffer.concat([head, Buffer.from(text)]));
    }
    say(message) { this.frame(JSON.stringify(message)); }
    hello(v = 1) { this.say({ t: 'hello', v, relay: 'somebody', pid: process.pid, started: Date.now(), udp_port: stack.udpPort }); }
    asked(type) { return until(`to be asked "${type}"`, () => this.heard.find((m) => m.t === type), { every: 10 }); }
    gone() { return until('the market to hang up', () => this.closed); }
}
const ready = async () => (await stack.client().get('/readyz')).body;
const publish = () => stack.client('farmer').send('POST', `/whip/${stack.demo.stall}`, { text: offer('sendonly'), type: 'application/sdp' });
const pagesGoOn = async () => assert.equal((await stack.client().get(`/s/${stack.demo.stall}`)).status, 200);

test('no relay: readyz says so, who wants to publish is told to come again', async () => {
    assert.ok((await ready()).reasons.includes('relay'));
    const reply = await publish();
    assert.equal(reply.status, 503);
    assert.ok(Number(reply.headers['retry-after']) >= 1);
    await pagesGoOn();
});

test('a relay of another version is turned away, and is none', async () => {
    for (const version of [0, 2, '1', null]) {
        const other = new Dialler();
        other.hello(version);
        await other.gone();
        assert.deepEqual(other.heard, [], `answered version ${version}`);
    }
    assert.ok((await ready()).reasons.includes('relay'));
});

test('no JSON, a frame without end, talk before the hello: closed', async () => {
    const rubbish = new Dialler();
    rubbish.frame('no JSON');
    await rubbish.gone();
    const endless = new Dialler();
    endless.socket.write(Buffer.from([0x7f, 0xff, 0xff, 0xff, 0x7b]));
    await endless.gone();
    const early = new Dialler();
    early.say({ t: 'room', room: stack.demo.stall, state: 'live', viewers: 5, uplink: {}, video: 'H264' });
    await until('it to be judged', async () => early.closed || (await stack.client().get(`/api/v1/stalls/${stack.demo.stall}`)).body.room.state !== 'live');
    early.socket.destroy();
    await pagesGoOn();
});

test('a new relay is told of every room there should be; one that does not answer costs its asker 504 and nobody else anything', async () => {
    const deaf = new Dialler();
    deaf.hello();
    assert.equal((await deaf.asked('hello')).v, 1);
    assert.equal((await deaf.asked('room')).room, stack.demo.stall);
    await deaf.asked('restored');
    assert.ok(deaf.heard.findIndex((m) => m.t === 'room') < deaf.heard.findIndex((m) => m.t === 'restored'));
    const began = Date.now();
    const reply = publish();
    const question = await deaf.asked('publish');
    await pagesGoOn();
    assert.equal((await reply).status, 504);
    figure('given up on a deaf relay after ms', Date.now() - began);
    deaf.say({ t: 'answer', q: question.q, ok: true, sdp: 'v=0', etag: 'late' });      // and too late
    deaf.say({ t: 'no-such-type' });
    await pagesGoOn();
    const asked = publish();
    await until('another question', () => deaf.heard.filter((m) => m.t === 'publish').length === 2, { every: 10 });
    deaf.socket.destroy();
    assert.ok([502, 503, 504].includes((await asked).status), 'the link broke while it waited');
    await until('the relay to be missed', async () => (await ready()).reasons?.includes('relay'));
});

test('a relay that dies at once is started again, later each time; pages and orders do not notice', async () => {
    const other = await Stack.start({ args: ['--relay', '/bin/false'] });
    try {
        const waits = () => other.log.split('\n').filter((line) => line.includes('"relay.died"')).map((line) => JSON.parse(line).wait_ms);
        await until('five deaths', () => waits().length >= 5, { ms: 60000 });
        assert.deepEqual(waits().slice(0, 5), [200, 400, 800, 1600, 3200]);
        const { lots: [lot] } = (await other.client().get(`/api/v1/stalls/${other.demo.stall}`)).body;
        assert.equal((await placeOrder(other.client(), { slug: other.demo.stall, lot }, 1000)).status, 201);
        const reply = await other.client().send('POST', `/whep/${other.demo.stall}`, { text: offer('recvonly'), type: 'application/sdp' });
        assert.ok([409, 503].includes(reply.status) && Number(reply.headers['retry-after']) >= 1, `${reply.status}`);
    } finally {
        await other.stop();
    }
});
