// Server-sent events of WHEP sessions, on the wire: who may choose and open, what is told when, and how streams end.
import assert from 'node:assert/strict';
import { newKey, ok } from './lib/api.mjs';
import { approvedLive, makeStall, publishToken } from './lib/commune.mjs';
import { offer } from './lib/sdp.mjs';
import { EventStream } from './lib/sse.mjs';
import { Stack } from './lib/stack.mjs';
import { after, before, test } from './lib/test.mjs';
import { until } from './lib/until.mjs';

let stack, stall, live, phone;
const streams = new Set();
before(async () => {
    stack = await Stack.start();
    stall = await makeStall(stack);
    live = await approvedLive(stall);
    phone = await stack.phone({ stall: stall.slug, token: await publishToken(stall) });
    await until('the stall to be live', async () => (await stack.client().get(`/api/v1/stalls/${stall.slug}`)).body.room.state === 'live', { ms: 60000 });
});
after(async () => {
    for (const stream of streams) stream.close();
    await stack?.stop();
});

/** A WHEP session that never gets as far as ICE: it lives 15 s. */
async function session(client = stack.client()) {
    const reply = await client.send('POST', `/whep/${stall.slug}`, { text: offer('recvonly'), type: 'application/sdp' });
    assert.equal(reply.status, 201, reply.text);
    const link = /<([^>]*)>; rel="urn:ietf:params:whep:ext:core:server-sent-events"; events="([^"]*)"/.exec(reply.headers.link);
    return { path: new URL(reply.headers.location).pathname, events: new URL(link[1]).pathname, names: link[2] };
}

async function open(path) {
    const stream = await EventStream.open(stack, path);
    streams.add(stream);
    return stream;
}
const told = (stream, name) => stream.told(name);

test('the 201 names the stream and its events, at an address of the session', async () => {
    const { path, events, names } = await session();
    assert.equal(events, `${path}/events`);
    assert.deepEqual(names.split(','), ['active', 'inactive', 'layers', 'viewercount']);
});

test('OPTIONS from another origin may POST JSON', async () => {
    const { events } = await session();
    const reply = await stack.client().send('OPTIONS', events, { headers: { origin: 'https://elsewhere.example', 'access-control-request-method': 'POST' } });
    assert.equal(reply.status, 200);
    assert.equal(reply.headers['access-control-allow-origin'], '*');
    assert.match(reply.headers['access-control-allow-methods'], /POST/);
    assert.match(reply.headers['access-control-allow-headers'], /Content-Type/i);
});

test('POST of names: 201 and the stream in Location; only those are told', async () => {
    const { events } = await session();
    const reply = await stack.client().post(events, ['viewercount', 'no-such-thing']);
    assert.equal(reply.status, 201);
    const stream = await open(new URL(reply.headers.location).pathname);
    await until('the number of viewers', () => told(stream, 'viewercount').length > 0);
    assert.deepEqual(told(stream, 'active'), []);
});

test('a stream opened without choosing begins with how things stand', async () => {
    const { events } = await session();
    const stream = await open(events);
    assert.equal(stream.status, 200);
    assert.match(stream.headers['content-type'], /^text\/event-stream/);
    assert.equal(stream.headers['access-control-allow-origin'], '*');
    assert.equal(stream.headers['cache-control'], 'no-store');
    await until('three events', () => stream.events.length >= 3);
    const [active, viewers, layers] = stream.events;
    assert.deepEqual([active, viewers], [['active', {}], ['viewercount', { viewercount: 0 }]]);
    assert.equal(layers[0], 'layers');
    assert.deepEqual(Object.keys(layers[1]), ['1'], 'the offer has sound first, then the picture');
    assert.deepEqual(layers[1]['1'].map(({ rid, sent }) => [rid, sent]), [['source', true], ['low', undefined]]);
    // the first second of a picture is not a whole one: a figure below what any picture needs is followed by a better one
    const [, low] = await until('the bitrate of the picture', () => told(stream, 'layers').map((data) => data['1']).find(([source]) => source.bitrate > 10000));
    assert.equal(low.bitrate, undefined, 'nobody watches the low one: it is not made');
});

test('the picture is named by its m-line, whatever the order; a player of sound alone is told of none', async () => {
    const turned = (lines) => {
        const at = lines.findIndex((line) => line.startsWith('m=audio')), video = lines.findIndex((line) => line.startsWith('m=video'));
        return [...lines.slice(0, at), ...lines.slice(video), ...lines.slice(at, video)].map((line) => line.replace('BUNDLE 0 1', 'BUNDLE 1 0'));
    };
    for (const [text, keys] of [[offer('recvonly', { edit: turned }), ['0']], [offer('recvonly', { videos: 0 }), []]]) {
        const reply = await stack.client().send('POST', `/whep/${stall.slug}`, { text, type: 'application/sdp' });
        assert.equal(reply.status, 201, reply.text);
        const stream = await open(`${new URL(reply.headers.location).pathname}/events`);
        const [data] = await until('the layers', () => told(stream, 'layers').length > 0 && told(stream, 'layers'));
        assert.deepEqual(Object.keys(data), keys);
    }
});

test('a layer is chosen by the rid of the event, or by the name older drafts had', async () => {
    const { path } = await session();
    for (const wish of [{ mediaId: '1', rid: 'low' }, { encodingId: 'audio' }, { rid: 'source' }, {}]) {
        assert.equal((await stack.client().post(`${path}/layer`, wish)).status, 200, JSON.stringify(wish));
    }
    for (const wish of [{ rid: 'best' }, { rid: 1 }, { encodingId: 'best' }]) {
        assert.equal((await stack.client().post(`${path}/layer`, wish)).status, 400, JSON.stringify(wish));
    }
});

test('a body that is no array of names is 400, another type 415', async () => {
    const { events } = await session();
    for (const text of ['{}', '[1]', '"active"', '[', '[["active"]]']) {
        assert.equal((await stack.client().send('POST', events, { text, type: 'application/json' })).status, 400, text);
    }
    assert.equal((await stack.client().send('POST', events, { text: '["active"]', type: 'text/plain' })).status, 415);
});

test('no such session, or that of another stall: 404', async () => {
    const { path } = await session();
    const other = path.replace(/\/whep\/[^/]+/, `/whep/${stack.demo.stall}`);
    for (const gone of [`/whep/${stall.slug}/${'0'.repeat(32)}/events`, `${other}/events`]) {
        for (const method of ['GET', 'POST', 'DELETE']) assert.equal((await stack.client().send(method, gone)).status, 404, `${method} ${gone}`);
    }
});

test("somebody else's session cannot be told what to send", async () => {
    const { events } = await session(stack.client('farmer'));
    assert.equal((await stack.client().post(events, ['active'])).status, 401);
    assert.equal((await stack.client('courier').del(events)).status, 403);
    assert.equal((await stack.client('farmer').post(events, ['active'])).status, 201);
});

test('the newer stream takes the place of the older one', async () => {
    const { events } = await session();
    const first = await open(events);
    const second = await open(events);
    await until('the first to be over', () => first.over);
    await until('the second to be told', () => second.events.length >= 3);
    assert.equal(second.over, false);
});

test('DELETE ends the stream, and so does the end of the session', async () => {
    const one = await session(), two = await session();
    const [a, b] = [await open(one.events), await open(two.events)];
    assert.equal((await stack.client().del(one.events)).status, 200);
    await until('the first to be over', () => a.over);
    assert.equal((await stack.client().del(two.path)).status, 200);
    await until('the second to be over', () => b.over);
    assert.equal((await open(two.events)).status, 404);
});

test('HEAD says that it is there and opens nothing', async () => {
    const { events } = await session();
    assert.equal((await stack.client().send('HEAD', events)).status, 204);
});

test('a pause by the cadre is "inactive", going on is "active"', async () => {
    const stream = await open((await session()).events);
    await until('the first events', () => stream.events.length >= 3);
    ok(await stall.cadre.post(`/api/v1/lives/${live.id}/pause`, { reason: 'thử', key: newKey() }));
    await until('inactive', () => told(stream, 'inactive').length === 1);
    ok(await stall.cadre.post(`/api/v1/lives/${live.id}/resume`, { key: newKey() }));
    await until('active again', () => told(stream, 'active').length === 2);
    assert.deepEqual(stream.events.map(([name]) => name).filter((name) => name === 'active' || name === 'inactive'), ['active', 'inactive', 'active']);
});

test('the end of the live session is told before the stream ends', async () => {
    const stream = await open((await session()).events);
    await until('the first events', () => stream.events.length >= 3);
    ok(await stall.cadre.post(`/api/v1/lives/${live.id}/stop`, { reason: 'hết giờ', key: newKey() }));
    await until('the stream to be over', () => stream.over);
    assert.equal(told(stream, 'inactive').length, 1);
    await stack.stopPhone(phone);
});

test('SIGTERM does not wait for open streams', async () => {
    const other = await makeStall(stack);
    await approvedLive(other);
    const sender = await stack.phone({ stall: other.slug, token: await publishToken(other) });
    const reply = await until('the other stall to be live', async () => {
        const answer = await stack.client().send('POST', `/whep/${other.slug}`, { text: offer('recvonly'), type: 'application/sdp' });
        return answer.status === 201 && answer;
    }, { ms: 60000, every: 500 });
    const stream = await open(`${new URL(reply.headers.location).pathname}/events`);
    await until('the first events', () => stream.events.length > 0);
    await stack.stopPhone(sender);
    await stack.stop();
    assert.ok(stream.over);
    const stop = stack.log.split('\n').filter((line) => line.includes('"edge.stop"')).map((line) => JSON.parse(line)).at(-1);
    assert.deepEqual([stop.exit, stop.cut], [0, 0], 'the stream was ended by the market, not cut off when the time for draining was up');
});
