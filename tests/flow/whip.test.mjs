// WHIP (RFC 9725) and WHEP (draft-ietf-wish-whep-03): each MUST and SHOULD of the HTTP side is a test by its own name.
// The media side is watched in real browsers by market_day.test.mjs.
import assert from 'node:assert/strict';
import { Stack } from './lib/stack.mjs';
import { after, before, describe, test } from './lib/test.mjs';
import { approvedLive, makeStall, publishToken } from './lib/commune.mjs';
import { attribute, fragment, offer, sections } from './lib/sdp.mjs';
import { until } from './lib/until.mjs';

let stack, stall, bearer;
before(async () => {
    stack = await Stack.start();
    stall = await makeStall(stack);
    await approvedLive(stall);
    bearer = await publishToken(stall);
    const phone = await stack.phone();
    await until('the demo stall to be live', async () =>
        (await stack.client().get(`/api/v1/stalls/${stack.demo.stall}`)).body.room.state === 'live', { ms: 60000 });
    assert.ok(!phone.over);
});
after(() => stack?.stop());

const doors = {
    WHIP: { direction: 'sendonly', answer: 'recvonly', client: () => stack.client(undefined, { bearer }), path: () => `/whip/${stall.slug}` },
    WHEP: { direction: 'recvonly', answer: 'sendonly', client: () => stack.client(), path: () => `/whep/${stack.demo.stall}` },
};
const sdp = { type: 'application/sdp' };
const trickle = { type: 'application/trickle-ice-sdpfrag' };

for (const [name, door] of Object.entries(doors)) {
    const post = (text = offer(door.direction), options = sdp) => door.client().send('POST', door.path(), { text, ...options });
    const session = async () => {
        const reply = await post();
        assert.equal(reply.status, 201, reply.text);
        return { url: reply.headers.location, etag: reply.headers.etag, reply };
    };

    describe(`${name}: POST`, () => {
        test('201 with the answer, its type, and the session in Location', async () => {
            const { reply, url } = await session();
            assert.match(reply.headers['content-type'], /^application\/sdp/);
            assert.match(new URL(url, stack.origin).pathname, new RegExp(`^${door.path()}/[0-9a-f]{32}$`));
            assert.match(reply.text, /^v=0\r\n/);
        });

        test(`every m-line of the answer is ${door.answer}`, async () => {
            const { reply } = await session();
            assert.equal(sections(reply.text).length, 2);
            for (const section of sections(reply.text)) assert.match(section, new RegExp(`^a=${door.answer}\\r?$`, 'm'));
        });

        test('the answer holds all candidates and says there are no more', async () => {
            const { reply } = await session();
            assert.match(reply.text, new RegExp(`^a=candidate:.* ${stack.udpPort} typ host`, 'm'));
            assert.match(reply.text, /^a=end-of-candidates/m);
        });

        test('the answer is bundled, rtcp-mux and only that, ICE-lite, passive, with a sha-256 fingerprint', async () => {
            const { text } = (await session()).reply;
            assert.match(text, /^a=group:BUNDLE 0 1/m);
            assert.match(text, /^a=ice-lite/m);
            assert.match(attribute(text, 'fingerprint'), /^sha-256 ([0-9A-F]{2}:){31}[0-9A-F]{2}$/);
            for (const section of sections(text)) {
                assert.match(section, /^a=rtcp-mux\r?$/m);
                assert.match(section, /^a=rtcp-mux-only\r?$/m);
                assert.match(section, /^a=setup:passive/m);
            }
        });

        test('ICE credentials are long enough and differ from session to session', async () => {
            const [a, b] = [(await session()).reply.text, (await session()).reply.text];
            assert.ok(attribute(a, 'ice-pwd').length >= 22);
            assert.ok(attribute(a, 'ice-ufrag').length >= 8);
            assert.notEqual(attribute(a, 'ice-pwd'), attribute(b, 'ice-pwd'));
        });

        test('m-lines, mids and BUNDLE keep the order of the offer', async () => {
            const { text } = (await session()).reply;
            assert.deepEqual(sections(text).map((s) => /^m=(\w+)/.exec(s)[1]), ['audio', 'video']);
            assert.deepEqual(sections(text).map((s) => attribute(s, 'mid')), ['0', '1']);
        });

        test('a strong entity-tag that no other session has', async () => {
            const [a, b] = [await session(), await session()];
            assert.match(a.etag, /^"[^"*]+"$/);
            assert.notEqual(a.etag, b.etag);
        });

        test('another content type is 415', async () => {
            for (const type of ['application/json', 'text/plain', 'application/sdp-not']) {
                assert.equal((await post(offer(door.direction), { type })).status, 415, type);
            }
        });

        test('application/sdp with a parameter is the same type', async () => {
            assert.equal((await post(undefined, { type: 'application/sdp; charset=utf-8' })).status, 201);
        });

        test('what is no SDP is 400, whatever it is', async () => {
            for (const text of ['', 'hello', 'v=0\r\n', '{"sdp":"v=0"}', 'v=0\r\n'.repeat(100), '\0\0\0\0', offer(door.direction).slice(0, 200)]) {
                const reply = await post(text);
                assert.ok([400, 422].includes(reply.status), `${JSON.stringify(text.slice(0, 20))}: ${reply.status}`);
            }
        });

        test('half an SDP is refused at every place it may be cut', async () => {
            const whole = offer(door.direction);
            for (const cut of [100, 300, 500, 700]) {
                const reply = await post(whole.slice(0, cut));
                assert.ok([400, 422].includes(reply.status), `cut at ${cut}: ${reply.status}`);
            }
        });

        test('the wrong direction is refused', async () => {
            for (const direction of ['inactive', door.direction === 'sendonly' ? 'recvonly' : 'sendonly']) {
                const reply = await post(offer(direction));
                assert.ok([400, 422].includes(reply.status), `${direction}: ${reply.status}`);
            }
        });

        test('sendrecv is taken and answered in our direction', async () => {
            const reply = await post(offer('sendrecv'));
            assert.equal(reply.status, 201, reply.text);
            for (const section of sections(reply.text)) assert.match(section, new RegExp(`^a=${door.answer}\\r?$`, 'm'));
        });

        test('setup:active is taken: the relay is passive', async () => {
            const reply = await post(offer(door.direction, { edit: (lines) => lines.map((l) => l.replace('a=setup:actpass', 'a=setup:active')) }));
            assert.equal(reply.status, 201, reply.text);
            for (const section of sections(reply.text)) assert.match(section, /^a=setup:passive/m);
        });

        test('all of the answer belongs to one MediaStream', async () => {
            const names = [...(await session()).reply.text.matchAll(/^a=msid:(\S+)/gm)].map(([, name]) => name);
            assert.equal(names.length, name === 'WHEP' ? 2 : 0);
            assert.ok(new Set(names).size <= 1, names.join());
        });

        test('sound and picture named as two MediaStreams are taken as one, for GStreamer names them so', async () => {
            const two = (lines) => lines.map((l) => l.replace(/^a=msid:stream (\w+)/, 'a=msid:$1 $1').replace(/ msid:stream (\w+)/, ' msid:$1 $1'));
            assert.equal((await post(offer(door.direction, { edit: two }))).status, 201);
        });

        test('more than one audio or video is 422 or 400', async () => {
            for (const more of [{ videos: 2 }, { audios: 2 }, { videos: 30 }]) { // thirty are also more than an SDP may weigh
                const reply = await post(offer(door.direction, more));
                assert.ok([400, 422, ...(more.videos > 2 ? [413] : [])].includes(reply.status), JSON.stringify(more));
            }
        });

        test('no BUNDLE, no rtcp-mux, no fingerprint, a foreign digest, no ICE credentials: refused whole', async () => {
            const edits = {
                bundle: (lines) => lines.filter((l) => !l.startsWith('a=group:BUNDLE')),
                mux: (lines) => lines.filter((l) => !l.startsWith('a=rtcp-mux')),
                fingerprint: (lines) => lines.filter((l) => !l.startsWith('a=fingerprint')),
                digest: (lines) => lines.map((l) => l.replace(/^a=fingerprint:sha-256 .*/, 'a=fingerprint:md5 00:11')),
                ufrag: (lines) => lines.filter((l) => !l.startsWith('a=ice-ufrag')),
                passive: (lines) => lines.map((l) => l.replace('a=setup:actpass', 'a=setup:passive')),
            };
            for (const [what, edit] of Object.entries(edits)) {
                const reply = await post(offer(door.direction, { edit }));
                assert.ok([400, 422].includes(reply.status), `${what}: ${reply.status}`);
            }
        });

        test('codecs we do not have: 422, not half an answer', async () => {
            const reply = await post(offer(door.direction, { video: [{ pt: 45, map: 'AV1/90000' }] }));
            assert.ok([400, 422].includes(reply.status), reply.text);
        });

        test('an SDP of 1 MB is refused', async () => {
            const reply = await post(offer(door.direction) + 'a=x:y\r\n'.repeat(150000));
            assert.ok([400, 413].includes(reply.status), String(reply.status));
        });

        test('an SDP with 100,000 lines of 3 bytes or a line of 60 kB is refused', async () => {
            for (const more of ['a=x\r\n'.repeat(3000), `a=x:${'y'.repeat(12000)}\r\n`]) {
                const reply = await post(offer(door.direction) + more);
                assert.ok([400, 413, 422].includes(reply.status), String(reply.status));
            }
        });

        test('a stall that does not exist is 404', async () => {
            const reply = await door.client().send('POST', door.path().replace(/[^/]+$/, 'no-such-stall'), { text: offer(door.direction), ...sdp });
            assert.ok([401, 403, 404].includes(reply.status), reply.text);
        });

        test('problems are problem documents', async () => {
            const reply = await post('hello');
            assert.match(reply.headers['content-type'], /^application\/problem\+json/);
            assert.equal(reply.body.status, reply.status);
        });

        test('a candidate that points at others is ignored, not asked', async () => {
            const evil = ['127.0.0.1', '169.254.169.254', '10.0.0.1'].map((a, i) => `a=candidate:${i} 1 udp 2122260223 ${a} 53 typ host`);
            assert.equal((await post(offer(door.direction, { edit: (lines) => [...lines, ...evil] }))).status, 201);
        });
    });

    describe(`${name}: OPTIONS and GET`, () => {
        test('OPTIONS says Accept-Post: application/sdp and allows other origins', async () => {
            const reply = await stack.client().send('OPTIONS', door.path(), { headers: {
                origin: 'https://elsewhere.example', 'access-control-request-method': 'POST',
                'access-control-request-headers': 'authorization,content-type' } });
            assert.equal(reply.status, 200);
            assert.match(reply.headers['accept-post'], /application\/sdp/);
            assert.ok(reply.headers['access-control-allow-origin']);
            assert.match(reply.headers['access-control-allow-methods'], /POST/);
            assert.match(reply.headers['access-control-allow-headers'], /authorization/i);
            assert.equal(reply.headers.link, undefined);
        });

        test('OPTIONS on a session allows PATCH and DELETE with If-Match', async () => {
            const { url } = await session();
            const reply = await stack.client().send('OPTIONS', url, { headers: {
                origin: 'https://elsewhere.example', 'access-control-request-method': 'PATCH' } });
            assert.ok([200, 204].includes(reply.status));
            assert.match(reply.headers['access-control-allow-methods'], /PATCH/);
            assert.match(reply.headers['access-control-allow-methods'], /DELETE/);
            assert.match(reply.headers['access-control-allow-headers'], /if-match/i);
        });

        test('other origins may read Location, ETag and Link of the 201', async () => {
            const reply = await door.client().send('POST', door.path(), { text: offer(door.direction), ...sdp, headers: { origin: 'https://elsewhere.example' } });
            assert.equal(reply.status, 201, reply.text);
            assert.match(reply.headers['access-control-expose-headers'], /location/i);
            assert.match(reply.headers['access-control-expose-headers'], /etag/i);
            await door.client().del(reply.headers.location);
        });

        test('GET on the endpoint and on a session is 2xx and empty', async () => {
            const { url } = await session();
            for (const path of [door.path(), url]) {
                const reply = await door.client().get(path);
                assert.ok(reply.status >= 200 && reply.status < 300, `${path}: ${reply.status}`);
                assert.equal(reply.bytes.length, 0);
            }
        });

        test('no 301 or 302 anywhere', async () => {
            for (const method of ['GET', 'OPTIONS', 'POST', 'DELETE', 'PATCH']) {
                const reply = await door.client().send(method, `${door.path()}/`);
                assert.ok(![301, 302].includes(reply.status));
            }
        });
    });

    describe(`${name}: PATCH`, () => {
        const patch = (url, text, headers, options = trickle) => door.client().send('PATCH', url, { text, headers, ...options });
        const client = { ufrag: 'abcd', pwd: 'abcdefghijklmnopqrstuvwx' };

        test('trickle: 204, no body, no ETag', async () => {
            const { url, etag } = await session();
            const reply = await patch(url, fragment(client), { 'if-match': etag });
            assert.equal(reply.status, 204, reply.text);
            assert.equal(reply.bytes.length, 0);
            assert.equal(reply.headers.etag, undefined);
        });

        test('candidates nobody knows or can resolve are dropped without a word', async () => {
            const { url, etag } = await session();
            for (const odd of ['a=candidate:1 1 udp 1 no-such-host.local 9 typ host', 'a=candidate:2 1 quic 1 192.0.2.1 9 typ host', 'a=candidate:3 1 udp 1 ::1 0 typ relay',
                'a=candidate:what?', 'a=end-of-candidates']) {
                const reply = await patch(url, fragment({ ...client, candidate: false }) + `${odd}\r\n`, { 'if-match': etag });
                assert.equal(reply.status, 204, `${odd}: ${reply.text}`);
            }
        });

        test('trickle without If-Match: 428', async () => {
            const { url } = await session();
            assert.equal((await patch(url, fragment(client), {})).status, 428);
        });

        test('trickle with a stale tag: 412', async () => {
            const { url } = await session();
            assert.equal((await patch(url, fragment(client), { 'if-match': '"stale"' })).status, 412);
        });

        test('another content type: 415; what is no fragment: 400', async () => {
            const { url, etag } = await session();
            assert.equal((await patch(url, fragment(client), { 'if-match': etag }, { type: 'application/json' })).status, 415);
            assert.equal((await patch(url, 'hello', { 'if-match': etag })).status, 400);
        });

        test('restart: 200 with new credentials, candidates and a new ETag', async () => {
            const { url, etag, reply: first } = await session();
            const reply = await patch(url, fragment({ ufrag: 'wxyz', pwd: 'zyxwvutsrqponmlkjihgfedc' }), { 'if-match': '*' });
            assert.equal(reply.status, 200, reply.text);
            assert.match(reply.headers['content-type'], /^application\/trickle-ice-sdpfrag/);
            assert.match(reply.headers.etag, /^"[^"*]+"$/);
            assert.notEqual(reply.headers.etag, etag);
            assert.notEqual(attribute(reply.text, 'ice-pwd'), attribute(first.text, 'ice-pwd'));
            assert.match(reply.text, /^a=candidate:/m);
            assert.match(reply.text, /^a=ice-lite/m);
            for (const name of ['ice-options', 'ice-pacing']) assert.equal(attribute(reply.text, name), attribute(first.text, name));
            assert.equal((await patch(url, fragment(client), { 'if-match': etag })).status, 412);
        });

        test('a failed PATCH, a refused restart too, does not end the session', async () => {
            const { url, etag } = await session();
            await patch(url, 'hello', { 'if-match': etag });
            const refused = await patch(url, 'a=ice-ufrag:ab\r\na=end-of-candidates\r\n', { 'if-match': '*' });
            assert.ok([400, 422].includes(refused.status), refused.text);
            assert.equal((await patch(url, fragment(client), { 'if-match': etag })).status, 204);
        });
    });

    describe(`${name}: DELETE`, () => {
        test('200, and the session is gone', async () => {
            const { url } = await session();
            assert.equal((await door.client().del(url)).status, 200);
            assert.equal((await door.client().del(url)).status, 404);
        });

        test('If-Match is ignored', async () => {
            const { url } = await session();
            assert.equal((await door.client().del(url, { headers: { 'if-match': '"whatever"' } })).status, 200);
        });

        test('a session nobody has is 404', async () => {
            assert.equal((await door.client().del(`${door.path()}/${'0'.repeat(32)}`)).status, 404);
        });
    });
}

describe('WHIP: who', () => {
    test('no Authorization and no cookie is 401 with WWW-Authenticate: Bearer', async () => {
        const reply = await stack.client().send('POST', `/whip/${stall.slug}`, { text: offer('sendonly'), ...sdp });
        assert.equal(reply.status, 401);
        assert.match(reply.headers['www-authenticate'] ?? '', /^Bearer/);
    });

    test("another's token can neither PATCH nor DELETE a session", async () => {
        const first = await stack.client(undefined, { bearer }).send('POST', `/whip/${stall.slug}`, { text: offer('sendonly'), ...sdp });
        for (const client of [stack.client(), stack.client('buyer')]) {
            assert.ok([401, 403, 404].includes((await client.del(first.headers.location)).status));
        }
        assert.equal((await stack.client(undefined, { bearer }).del(first.headers.location)).status, 200);
    });

    test('the same token publishing again takes over at once instead of "busy"', async () => {
        const client = stack.client(undefined, { bearer });
        for (let i = 0; i < 3; i++) {
            assert.equal((await client.send('POST', `/whip/${stall.slug}`, { text: offer('sendonly'), ...sdp })).status, 201);
        }
    });
});

describe('WHEP: nobody there', () => {
    test('a stall that is not live is 409 with Retry-After', async () => {
        const quiet = await makeStall(stack);
        const reply = await stack.client().send('POST', `/whep/${quiet.slug}`, { text: offer('recvonly'), ...sdp });
        assert.equal(reply.status, 409, reply.text);
        assert.equal(reply.body.code, 'not-live');
        assert.ok(Number(reply.headers['retry-after']) > 0);
    });
});
