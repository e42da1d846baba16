// HTTP as the strict rules want it: one framing, one origin, one protocol version. Bytes are written by hand where
// no client library would send them.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import WebSocket from 'ws';
import { build, Stack, web } from './lib/stack.mjs';
import { after, before, describe, figure, test } from './lib/test.mjs';
import { newKey, ok } from './lib/api.mjs';
import { headersOf, raw } from './lib/raw.mjs';

let stack;
before(async () => { stack = await Stack.start(); });
after(() => stack?.stop());

const send = (lines, options) => raw(stack.port, lines.join('\r\n'), options);
const host = () => `Host: localhost:${stack.port}`;
const alive = async () => assert.equal((await stack.client().get('/healthz')).status, 200);

/** Refused: an error status, or the connection closed without a word. Never a 2xx, never a hang. */
function refused({ answer, status, closed }) {
    assert.ok((status >= 400 && status < 600) || (closed && status === 0), `not refused: ${answer.slice(0, 300)}`);
}

describe('requests nobody should send', () => {
    const post = (...headers) => ['POST /api/v1/login HTTP/1.1', host(), 'Content-Type: application/json', ...headers, '', '{}xx'];
    const table = {
        'two Content-Lengths that differ': () => post('Content-Length: 2', 'Content-Length: 4'),
        'two Content-Lengths that agree': () => post('Content-Length: 2', 'Content-Length: 2'),
        'a Content-Length of -1': () => post('Content-Length: -1'),
        'a Content-Length with a sign': () => post('Content-Length: +2'),
        'a Content-Length in hex': () => post('Content-Length: 0x2'),
        'a Content-Length of two numbers': () => post('Content-Length: 2, 2'),
        'a Content-Length beyond 2^63': () => post('Content-Length: 9223372036854775809'),
        'Content-Length and Transfer-Encoding': () => post('Content-Length: 2', 'Transfer-Encoding: chunked'),
        'Transfer-Encoding alone': () => ['POST /api/v1/login HTTP/1.1', host(), 'Content-Type: application/json',
            'Transfer-Encoding: chunked', '', '2', '{}', '0', '', ''],
        'no Host': () => ['GET /healthz HTTP/1.1', '', ''],
        'two Hosts': () => ['GET /healthz HTTP/1.1', host(), 'Host: elsewhere.example', '', ''],
        'a foreign Host': () => ['GET /healthz HTTP/1.1', 'Host: elsewhere.example', '', ''],
        'h2c': () => ['GET /healthz HTTP/1.1', host(), 'Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c',
            'HTTP2-Settings: AAMAAABkAAQAAP__', '', ''],
        'the HTTP/2 preface': () => ['PRI * HTTP/2.0', '', 'SM', '', ''],
        'an unknown Upgrade': () => ['GET /live HTTP/1.1', host(), 'Connection: Upgrade', 'Upgrade: foo', '', ''],
        'TRACE': () => ['TRACE /healthz HTTP/1.1', host(), '', ''],
        'CONNECT': () => ['CONNECT elsewhere.example:443 HTTP/1.1', host(), '', ''],
        'a method of our own': () => ['FROB /healthz HTTP/1.1', host(), '', ''],
        'PUT where nothing is put': () => ['PUT /api/v1/me HTTP/1.1', host(), 'Content-Length: 0', '', ''],
        'a header of 100 kB': () => ['GET /healthz HTTP/1.1', host(), `X-Long: ${'a'.repeat(100000)}`, '', ''],
        'a path of 20 kB': () => [`GET /${'a'.repeat(20000)} HTTP/1.1`, host(), '', ''],
        'traversal': () => ['GET /assets/../../../../etc/passwd HTTP/1.1', host(), '', ''],
        'traversal, encoded': () => ['GET /assets/%2e%2e/%2e%2e/%2e%2e/etc/passwd HTTP/1.1', host(), '', ''],
        'traversal, encoded slashes': () => ['GET /assets/..%2f..%2f..%2fetc%2fpasswd HTTP/1.1', host(), '', ''],
        'traversal, encoded twice': () => ['GET /assets/%252e%252e%252fetc%252fpasswd HTTP/1.1', host(), '', ''],
        'traversal in media': () => ['GET /media/khe-nhinh/..%2f..%2fmarket.db HTTP/1.1', host(), '', ''],
        'traversal, backslashes': () => ['GET /assets/..\\..\\market.db HTTP/1.1', host(), '', ''],
        'a NUL in the path': () => ['GET /assets/a%00.js HTTP/1.1', host(), '', ''],
        // libwebsockets closes the connection at these, and asks nobody before
        'a %00 in the query': () => ['GET /login?to=%00 HTTP/1.1', host(), '', ''],
        'a %00 in a name of the query': () => ['GET /api/v1/stalls?li%00mit=1 HTTP/1.1', host(), '', ''],
        'a %00 in the path of a page': () => ['GET /login%00 HTTP/1.1', host(), '', ''],
        'a zero in the path': () => ['GET /lo\0gin HTTP/1.1', host(), '', ''],
        'a hundred arguments': () => [`GET /login?${Array.from({ length: 100 }, (_, i) => `a${i}=1`).join('&')} HTTP/1.1`, host(), '', ''],
        'the database itself': () => ['GET /market.db HTTP/1.1', host(), '', ''],
        'a dot-file': () => ['GET /.git/config HTTP/1.1', host(), '', ''],
    };
    for (const [name, lines] of Object.entries(table)) {
        test(`refused: ${name}`, async () => {
            const reply = await send(lines(), { ms: 30000 }); // what is never complete is cut off by the server
            refused(reply);
            assert.ok(!/root:.*:0:0:|SQLite format/.test(reply.answer));
            assert.ok(!/^HTTP\/1\.1 101/.test(reply.answer));
            await alive();
        });
    }

    // What libwebsockets hands over though it is no text, or no request anybody should answer: a problem document says so.
    const odd = {
        'a zero in Host': [['GET /login HTTP/1.1', () => `Host: localhost\0.elsewhere.example:${stack.port}`], 'headers'],
        'a zero in a cookie': [['GET /login HTTP/1.1', host, 'Cookie: lang=en\0; a=b'], 'headers'],
        'a control character in a cookie': [['GET /login HTTP/1.1', host, 'Cookie: a=\x01b'], 'headers'],
        'a control character in the query': [['GET /login?to=%01 HTTP/1.1', host], 'headers'],
        'two Hosts that agree': [['GET /login HTTP/1.1', host, host], 'Host'],
        'a line feed in the query': [['GET /login?to=a%0ab HTTP/1.1', host], 'Host'],      // it ends the line, and with it the request's head
        'bytes that are no UTF-8 in the query': [['GET /api/v1/stalls?limit=%ff HTTP/1.1', host], 'query'],
    };
    for (const [name, [lines, field]] of Object.entries(odd)) {
        test(`answered: ${name}`, async () => {
            const { answer, status } = await send([...lines.map((line) => (typeof line === 'function' ? line() : line)), '', ''], { ms: 30000 });
            assert.equal(status, 400, answer);
            assert.match(headersOf(answer)['content-type'], /^application\/problem\+json/);
            assert.equal(headersOf(answer)['x-content-type-options'], 'nosniff');
            const { code, field: about } = JSON.parse(Buffer.from(answer.slice(answer.indexOf('\r\n\r\n') + 4), 'latin1').toString('utf8'));
            assert.deepEqual([code, about], ['bad-field', field]);
        });
    }
    test('a bad escape is refused, once', async () => {
        for (const path of ['/login%zz', '/login?to=%', '/login?to=%4']) {
            const { answer, status } = await send([`GET ${path} HTTP/1.1`, host(), '', ''], { enough: () => false, ms: 30000 });       // until it is closed
            assert.equal(status, 403, answer);
            assert.equal(answer.match(/HTTP\/1\.[01] \d/g)?.length, 1, answer);
            assert.equal(headersOf(answer)['x-content-type-options'], 'nosniff');
        }
    });
    test('a connection that is closed between two requests, or in the middle of one, is told nothing it did not ask for', async () => {
        const { answer } = await raw(stack.port, `GET /healthz HTTP/1.1\r\n${host()}\r\nConnection: close\r\n\r\n`, { enough: () => false, ms: 1500 });
        assert.equal(answer.match(/HTTP\/1\.[01] \d/g)?.length, 1, answer);
        const quiet = await raw(stack.port, '', { ms: 1000 });
        assert.equal(quiet.answer, '');
    });

    test('a bad request does not leave a second one behind it answered (smuggling)', async () => {
        const text = ['POST /api/v1/login HTTP/1.1', host(), 'Content-Type: application/json', 'Content-Length: 2', 'Content-Length: 40', '',
            '{}GET /healthz HTTP/1.1', host(), '', ''].join('\r\n');
        const { answer } = await raw(stack.port, text, { enough: () => false, ms: 3000 });
        assert.ok(!/HTTP\/1\.1 200/.test(answer), answer.slice(0, 400));
    });

    test('every answer says what time it is', async () => {
        const client = stack.client(), before = Math.floor(Date.now() / 1000) * 1000;
        for (const path of ['/', '/api/v1/stalls', '/api/v1/me/factor', '/no/such/thing']) {
            const { date } = (await client.get(path)).headers;
            assert.equal(new Date(date).toUTCString(), date);
            assert.ok(Date.parse(date) >= before && Date.parse(date) <= Date.now(), date);
        }
    });

    test('the method is told apart from the path: 404 and 405 with Allow', async () => {
        const client = stack.client();
        assert.equal((await client.get('/no/such/thing')).headers['content-type'], 'application/problem+json; charset=utf-8');
        const reply = await client.send('DELETE', '/api/v1/me');
        assert.equal(reply.status, 405);
        assert.match(reply.headers.allow, /GET/);
    });

    test('HTTP/2 is not offered', async () => {
        const { alpn } = await send(['GET /healthz HTTP/1.1', host(), '', ''], { alpn: ['h2', 'http/1.1'] });
        assert.equal(alpn, 'http/1.1');
    });

    test('a request that trickles in and a silent connection do not hold up others', async () => {
        const slow = Array.from({ length: 40 }, () => raw(stack.port, `GET /healthz HTTP/1.1\r\n${host()}\r\nX-S`, { ms: 4000 }));
        const started = Date.now();
        await alive();
        figure('an answer beside forty slow ones, ms', Date.now() - started);
        await Promise.all(slow);
    });
});

describe('limits are where they are said to be', () => {
    test('a body: 64 kB are read, one byte more is 413', async () => {
        const body = (bytes) => JSON.stringify({ phone: '0912345678', password: 'x'.repeat(bytes) });
        const frame = body(0).length;
        const login = (bytes) => stack.client().send('POST', '/api/v1/login', { text: body(bytes - frame) });
        assert.equal((await login(65536)).body.code, 'bad-field');
        const over = await login(65537);
        assert.deepEqual([over.status, over.body.code], [413, 'too-big']);
        assert.equal((await login(3 << 20)).status, 413, 'refused before it is read');
    });

    test('headers: 7 kB are read, 9 kB are refused in words, 13 kB close the connection', async () => {
        const ask = (name, bytes) => send(['GET /healthz HTTP/1.1', host(), `${name}: ${'a'.repeat(bytes)}`, '', ''], { ms: 30000 });
        for (const name of ['Cookie', 'X-Long']) {
            assert.equal((await ask(name, 7000)).status, 200);
            refused(await ask(name, 13000));
        }
        const big = await ask('Cookie', 9000);
        assert.equal(big.status, 431);
        assert.match(big.answer, /"code":"headers-too-big"/);
        await alive();
    });

    test('an offer: 16 kB are read, more is 413', async () => {
        const offer = (bytes) => stack.client().send('POST', `/whep/${stack.demo.stall}`, { text: `v=0\r\n${'a'.repeat(bytes - 5)}`, type: 'application/sdp' });
        assert.notEqual((await offer(16384)).status, 413);
        assert.equal((await offer(16385)).status, 413);
    });

    test('a message: 64 kB are answered, one byte more closes the socket', async () => {
        const message = (bytes) => {
            const frame = JSON.stringify({ t: 'call', id: 'a', name: 'order.place', params: { x: '' } }).length;
            return JSON.stringify({ t: 'call', id: 'a', name: 'order.place', params: { x: 'x'.repeat(bytes - frame) } });
        };
        const said = (bytes) => new Promise((resolve) => {
            const socket = new WebSocket(`wss://localhost:${stack.port}/live`, { ca: stack.ca, origin: stack.origin, perMessageDeflate: false });
            socket.on('open', () => socket.send(message(bytes)));
            socket.on('message', (text) => { socket.terminate(); resolve(JSON.parse(text).t); });
            socket.on('close', (code) => resolve(code));
            socket.on('error', () => {});
        });
        assert.equal(await said(65536), 'reply');
        assert.equal(await said(65537), 1009);
    });
});

describe('headers of answers', () => {
    test('pages carry the security headers', async () => {
        for (const path of ['/', '/login', '/golive', '/sessions', '/money', '/statement', `/s/${stack.demo.stall}`]) {
            const { status, headers } = await stack.client().get(path);
            assert.equal(status, 200, path);
            assert.match(headers['strict-transport-security'], /max-age=(\d{8,})/);
            assert.equal(headers['x-content-type-options'], 'nosniff');
            assert.ok(headers['referrer-policy']);
            const csp = headers['content-security-policy'];
            for (const part of ["default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "base-uri 'none'"]) {
                assert.ok(csp.includes(part), `${path}: ${csp}`);
            }
            assert.ok(!/unsafe-/.test(csp));
            assert.match(headers['content-type'], /^text\/html; *charset=utf-8/i);
        }
    });

    test('every other answer carries them too, whoever it is for', async () => {
        const [stranger, cadre] = [stack.client(), stack.client('cadre')];
        const script = /src="(\/assets\/[^"]+\.js)"/.exec((await stranger.get('/')).text)[1];
        const offered = { text: 'v=0', type: 'application/sdp' };
        for (const reply of [
            await stranger.get('/api/v1/stalls'), await cadre.get('/api/v1/people'), await stranger.get('/api/v1/people'), await stranger.get('/no/such/thing'),
            await stranger.get(script), await stranger.get(script, { headers: { 'accept-encoding': 'gzip' } }), await stranger.get('/healthz'),
            await stranger.send('DELETE', '/api/v1/me'), await stranger.send('POST', `/whep/${stack.demo.stall}`, offered), await stranger.get('/live'),
            await stranger.post('/api/v1/orders', { x: 'x'.repeat(70000) }), await stranger.get(`/media/${stack.demo.stall}/none.jpg`),
        ]) {
            const where = `${reply.status} ${reply.headers['content-type']}`;
            assert.match(reply.headers['strict-transport-security'], /max-age=\d{8}/, where);
            assert.equal(reply.headers['x-content-type-options'], 'nosniff', where);
            assert.equal(reply.headers['x-frame-options'], 'DENY', where);
            assert.ok(reply.headers['referrer-policy'], where);
            assert.match(reply.headers['content-security-policy'], /default-src 'none'.*frame-ancestors 'none'/, where);
            assert.match(reply.headers['cross-origin-resource-policy'], /^(same|cross)-origin$/, where);
            if (reply.bytes.length > 0) assert.match(reply.headers['content-type'], /charset=utf-8/, where);
        }
        const { answer } = await send([`GET /healthz HTTP/1.1`, `Host: localhost:${stack.port}`, 'Content-Length: -1', '', '']);
        assert.match(answer, /x-content-type-options: nosniff/i);
    });

    test('personal answers are not stored by anybody', async () => {
        const client = await stack.login('cadre');
        for (const path of ['/api/v1/me', '/api/v1/orders']) {
            assert.match((await client.get(path)).headers['cache-control'], /no-store/);
        }
    });

    test('HEAD is GET without the body', async () => {
        const { answer, status } = await raw(stack.port, `HEAD /login HTTP/1.1\r\n${host()}\r\n\r\n`, { enough: (a) => a.includes('\r\n\r\n') });
        assert.equal(status, 200);
        assert.equal(answer.slice(answer.indexOf('\r\n\r\n') + 4), '');
        assert.ok(Number(headersOf(answer)['content-length']) > 0);
    });

    test('two requests at once on one connection are answered in order; libwebsockets 4.3 closes instead, and harms nobody', async () => {
        const one = `GET /healthz HTTP/1.1\r\n${host()}\r\n\r\n`, answers = (a) => (a.match(/HTTP\/1\.1 200/g) ?? []).length;
        const { answer, closed } = await raw(stack.port, one + one, { enough: (a) => answers(a) === 2 });
        const old = execFileSync('ldd', [join(build, 'bin/market')], { encoding: 'utf8' }).includes('libwebsockets.so.17');
        assert.deepEqual([answers(answer), closed], old ? [2, false] : [0, true]);
        await alive();
    });
});

describe('static files', () => {
    const assetPath = async () => {
        const html = (await stack.client().get('/')).text;
        return /(?:src|href)="(\/assets\/[^"]+\.js)"/.exec(html)[1];
    };

    test('assets are immutable and compressed', async () => {
        const path = await assetPath();
        const plain = await stack.client().get(path, { headers: { 'accept-encoding': 'identity' } });
        const packed = await stack.client().get(path, { headers: { 'accept-encoding': 'gzip' } });
        assert.match(plain.headers['cache-control'], /immutable/);
        assert.equal(packed.headers['content-encoding'], 'gzip');
        assert.ok(packed.bytes.length < plain.bytes.length);
        assert.match(packed.headers.vary ?? '', /accept-encoding/i);
    });

    test('a file unchanged is 304', async () => {
        const path = await assetPath();
        const first = await stack.client().get(path);
        assert.ok(first.headers.etag);
        const again = await stack.client().get(path, { headers: { 'if-none-match': first.headers.etag } });
        assert.equal(again.status, 304);
        assert.equal(again.bytes.length, 0);
    });

    test('an asset that is not there is 404', async () => {
        assert.equal((await stack.client().get('/assets/nothing-00000000.js')).status, 404);
    });
});

describe('media files and Range', () => {
    const room = () => join(stack.dir, 'media', stack.demo.stall);
    const bytes = Buffer.from(Array.from({ length: 100000 }, (_, i) => (i * 7) % 251));
    const path = () => `/media/${stack.demo.stall}/poster-0000000000001.jpg`;
    before(() => {
        mkdirSync(room(), { recursive: true });
        writeFileSync(join(room(), 'poster-0000000000001.jpg'), bytes);
        writeFileSync(join(room(), 'recording-0000000000001.mp4'), bytes);
    });
    const ranges = (range) => stack.client().get(path(), { headers: { range } });

    for (const [range, from, to] of [['bytes=0-99', 0, 99], ['bytes=99990-', 99990, 99999], ['bytes=-10', 99990, 99999],
        ['bytes=50-200000', 50, 99999]]) {
        test(`206: ${range}`, async () => {
            const reply = await ranges(range);
            assert.equal(reply.status, 206);
            assert.equal(reply.headers['content-range'], `bytes ${from}-${to}/100000`);
            assert.deepEqual(reply.bytes, bytes.subarray(from, to + 1));
        });
    }

    test('416: a range beyond the end', async () => {
        const reply = await ranges('bytes=100000-');
        assert.equal(reply.status, 416);
        assert.equal(reply.headers['content-range'], 'bytes */100000');
    });

    test('a range we do not understand is the whole file', async () => {
        for (const range of ['bytes=9-1', 'lines=1-2', 'bytes=a-b']) {
            const reply = await ranges(range);
            assert.ok([200, 416].includes(reply.status), `${range}: ${reply.status}`);
            if (reply.status === 200) assert.equal(reply.bytes.length, bytes.length);
        }
    });

    test('a poster is anybody\'s, with 304', async () => {
        const reply = await stack.client().get(path());
        assert.equal(reply.status, 200);
        assert.equal(reply.headers['accept-ranges'], 'bytes');
        assert.equal(reply.headers['content-type'], 'image/jpeg');
        assert.equal((await stack.client().get(path(), { headers: { 'if-none-match': reply.headers.etag } })).status, 304);
    });

    test('a recording is the farmer\'s and the cadres\' only', async () => {
        const recording = `/media/${stack.demo.stall}/recording-0000000000001.mp4`;
        assert.ok([401, 403, 404].includes((await stack.client().get(recording)).status));
        assert.ok([401, 403, 404].includes((await (await stack.login('buyer')).get(recording)).status));
        assert.equal((await (await stack.login('farmer')).get(recording, { headers: { range: 'bytes=0-0' } })).status, 206);
        assert.equal((await (await stack.login('cadre')).get(recording)).status, 200);
    });
});

describe('other origins', () => {
    const open = (options) => new Promise((resolve) => {
        const socket = new WebSocket(`wss://localhost:${stack.port}/live`, { ca: stack.ca, ...options });
        socket.on('open', () => { socket.terminate(); resolve(101); });
        socket.on('unexpected-response', (_, res) => { resolve(res.statusCode); socket.terminate(); });
        socket.on('error', () => resolve(0));
    });

    test('a WebSocket from our pages opens', async () => assert.equal(await open({ origin: stack.origin }), 101));
    test('a WebSocket from another site is refused', async () => assert.notEqual(await open({ origin: 'https://evil.example' }), 101));
    test('a WebSocket from another port is refused', async () => assert.notEqual(await open({ origin: 'https://localhost:1' }), 101));
    test('a WebSocket from "null" is refused', async () => assert.notEqual(await open({ origin: 'null' }), 101));

    test('a WebSocket whose headers have a zero in them is refused', async () => {
        const opened = async (end) => (await raw(stack.port, ['GET /live HTTP/1.1', `${host()}${end}`, `Origin: ${stack.origin}${end}`, 'Connection: Upgrade', 'Upgrade: websocket',
            'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==', '', ''].join('\r\n'))).status;
        assert.equal(await opened(''), 101);
        assert.notEqual(await opened('\0.elsewhere.example'), 101);
    });

    test('a WebSocket without an Origin is refused, unless a token says who it is; a wrong token is refused', async () => {
        const bearer = (token) => ({ headers: { authorization: `Bearer ${token}` } });
        assert.notEqual(await open({}), 101);
        assert.equal(await open(bearer(stack.demo.tokens.cadre)), 101);
        assert.notEqual(await open(bearer('x'.repeat(43))), 101);
        assert.notEqual(await open({ ...bearer(stack.demo.tokens.cadre), origin: 'https://evil.example' }), 101);
    });

    test('only /live is a WebSocket, and to others it says so', async () => {
        const upgrade = (path) => [`GET ${path} HTTP/1.1`, host(), 'Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13',
            'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==', `Origin: ${stack.origin}`, '', ''];
        assert.match((await send(upgrade('/live'), { ms: 5000 })).answer, /^HTTP\/1\.1 101/);
        for (const path of ['/', '/api/v1/me', '/live2', '/healthz']) assert.doesNotMatch((await send(upgrade(path), { ms: 5000 })).answer, /^HTTP\/1\.1 101/);
        const plain = await stack.client().get('/live');
        assert.equal(plain.status, 426);
        assert.equal(plain.headers.upgrade, 'websocket');
    });

    test('a write with our cookie from another site is refused', async () => {
        const client = await stack.login('farmer');
        const body = { name: 'x', unit: 'kg', price: 1, amount: 1, key: newKey() };
        const before = ok(await stack.client().get(`/api/v1/stalls/${stack.demo.stall}`)).lots.length;
        for (const headers of [{ origin: 'https://evil.example' }, { origin: 'null' }, { origin: stack.origin, 'sec-fetch-site': 'cross-site' }]) {
            const reply = await client.post(`/api/v1/stalls/${stack.demo.stall}/lots`, body, { headers });
            assert.equal(reply.status, 403, JSON.stringify(headers));
            assert.equal(reply.body.code, 'bad-origin');
        }
        assert.equal(ok(await stack.client().get(`/api/v1/stalls/${stack.demo.stall}`)).lots.length, before);
    });
});

describe('WebSocket frames nobody should send', () => {
    const handshake = () => ['GET /live HTTP/1.1', host(), 'Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13',
        'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==', `Origin: ${stack.origin}`, '', ''].join('\r\n');
    const frames = {
        'an unmasked text': Buffer.from([0x81, 2, 0x7b, 0x7d]),
        'a reserved bit': Buffer.from([0xc1, 0x82, 0, 0, 0, 0, 0x7b, 0x7d]),
        'an unknown opcode': Buffer.from([0x83, 0x80, 0, 0, 0, 0]),
        'a fragmented ping': Buffer.from([0x09, 0x80, 0, 0, 0, 0]),
        'a stray continuation': Buffer.from([0x80, 0x80, 0, 0, 0, 0]),
        'a length of 2^40': Buffer.from([0x81, 0xff, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
        'bad UTF-8': Buffer.from([0x81, 0x82, 0, 0, 0, 0, 0xff, 0xfe]),
        'a binary message': Buffer.from([0x82, 0x82, 0, 0, 0, 0, 1, 2]),
    };
    for (const [name, frame] of Object.entries(frames)) {
        test(`closed: ${name}`, async () => {
            const { answer, closed } = await raw(stack.port, Buffer.concat([Buffer.from(handshake()), frame]), { enough: () => false, ms: 20000 });
            assert.match(answer, /^HTTP\/1\.1 101/);
            assert.ok(closed, `still open after ${name}`);
            await alive();
        });
    }

    test('a message of 1 MB closes the socket', async () => {
        const socket = new WebSocket(`wss://localhost:${stack.port}/live`, { ca: stack.ca, origin: stack.origin });
        await new Promise((resolve) => socket.once('open', resolve));
        const closed = new Promise((resolve) => socket.once('close', resolve));
        socket.on('error', () => {});
        socket.send(JSON.stringify({ t: 'join', stall: 'x'.repeat(1 << 20) }));
        await closed;
        await alive();
    });
});

describe('health', () => {
    test('healthz and readyz say yes', async () => {
        assert.equal((await stack.client().get('/healthz')).status, 200);
        const ready = await stack.client().get('/readyz');
        assert.equal(ready.status, 200, ready.text);
    });
    test('the built pages are the ones served', () => assert.ok(readdirSync(web).length > 0));
});
