// The REST doors as clients nobody vouches for use them: every order counted once, every wrong body refused in words.
import assert from 'node:assert/strict';
import { Stack } from './lib/stack.mjs';
import { after, before, describe, figure, test } from './lib/test.mjs';
import { newKey, ok } from './lib/api.mjs';
import { approvedLive, available, makeStall, orderBody, placeOrder, publishToken } from './lib/commune.mjs';
import { rows } from './lib/database.mjs';
import { until } from './lib/until.mjs';
import { offer } from './lib/sdp.mjs';

let stack;
before(async () => { stack = await Stack.start(); });
after(() => stack?.stop());

function refused(reply, status, code) {
    assert.equal(reply.status, status, reply.text);
    assert.match(reply.headers['content-type'], /^application\/problem\+json/);
    assert.equal(reply.body.status, status);
    assert.equal(reply.body.code, code, reply.text);
    assert.ok(reply.body.title.length > 0);
    return reply.body;
}

describe('orders', () => {
    test('an order is in the database before it is answered, with its sum and its stock', async () => {
        const stall = await makeStall(stack);
        const { order } = ok(await placeOrder(stack.client(), stall, 1500), 201);
        assert.match(order.code, /^CX[0-9A-HJKMNP-TV-Z]{8}$/);
        assert.equal(order.total, 30000);
        assert.equal(order.state, 'placed');
        assert.equal(order.lines[0].amount, 30000);
        assert.equal(rows(stack.database, `SELECT code FROM orders WHERE code = '${order.code}'`).length, 1);
        assert.equal(await available(stack, stall), 8500);
    });

    test('half a đồng rounds up', async () => {
        const stall = await makeStall(stack, { lots: [{ name: 'Gừng', unit: 'kg', price: 33333, amount: 5000 }] });
        const { order } = ok(await placeOrder(stack.client(), stall, 500), 201); // 16666.5
        assert.equal(order.total, 16667);
    });

    test('two buyers race for the last kilogram: one wins, one is told what is left', async () => {
        for (let round = 0; round < 5; round++) {
            const stall = await makeStall(stack, { lots: [{ name: 'Mướp', unit: 'kg', price: 15000, amount: 1000 }] });
            const replies = await Promise.all([0, 1].map(() => placeOrder(stack.client(), stall, 1000)));
            assert.deepEqual(replies.map((r) => r.status).sort(), [201, 409]);
            const body = refused(replies.find((r) => r.status === 409), 409, 'sold-out');
            assert.equal(body.lot, stall.lot.id);
            assert.equal(body.available, 0);
            assert.equal(await available(stack, stall), 0);
        }
    });

    test('forty buyers race for ten kilograms: exactly ten are sold', async () => {
        const stall = await makeStall(stack, { lots: [{ name: 'Bí', unit: 'kg', price: 12000, amount: 10000 }] });
        const replies = await Promise.all(Array.from({ length: 40 }, () => placeOrder(stack.client(), stall, 1000)));
        assert.equal(replies.filter((r) => r.status === 201).length, 10);
        assert.equal(replies.filter((r) => r.status === 409 && r.body.code === 'sold-out').length, 30);
        assert.equal(await available(stack, stall), 0);
    });

    test('the same key gives the same answer, byte for byte, and one order', async () => {
        const stall = await makeStall(stack);
        const buyer = stack.client();
        const body = orderBody(stall, 2000);
        const first = await buyer.post('/api/v1/orders', body);
        const again = await buyer.post('/api/v1/orders', body);
        assert.equal(first.status, 201);
        assert.equal(again.status, 201);
        assert.equal(again.text, first.text);
        assert.equal(await available(stack, stall), 8000);
    });

    test('the same key twenty times at once is one order', async () => {
        const stall = await makeStall(stack);
        const buyer = stack.client();
        ok(await buyer.post('/api/v1/orders', orderBody(stall, 1000)), 201); // has a session now
        const body = orderBody(stall, 500);
        const replies = await Promise.all(Array.from({ length: 20 }, () => buyer.post('/api/v1/orders', body)));
        assert.deepEqual([...new Set(replies.map((r) => r.text))].length, 1);
        assert.equal(await available(stack, stall), 8500);
    });

    test('the same key with other content is refused', async () => {
        const stall = await makeStall(stack);
        const buyer = stack.client();
        const body = orderBody(stall, 1000);
        ok(await buyer.post('/api/v1/orders', body), 201);
        const other = { ...body, lines: [{ ...body.lines[0], quantity: 2000 }] };
        refused(await buyer.post('/api/v1/orders', other), 422, 'key-reused');
        assert.equal(await available(stack, stall), 9000);
    });

    test('lines of one lot are summed before the stock is asked', async () => {
        const stall = await makeStall(stack, { lots: [{ name: 'Bầu', unit: 'kg', price: 10000, amount: 1000 }] });
        const line = { lot: stall.lot.id, quantity: 600, price: 10000 };
        const reply = await placeOrder(stack.client(), stall, 1, { lines: [line, line] });
        assert.ok([400, 409].includes(reply.status), reply.text);
        assert.equal(await available(stack, stall), 1000);
    });

    test('of several lines all are taken or none', async () => {
        const stall = await makeStall(stack, { lots: [
            { name: 'Cà', unit: 'kg', price: 10000, amount: 5000 }, { name: 'Ớt', unit: 'bunch', price: 5000, amount: 1 }] });
        const lines = [{ lot: stall.lots[0].id, quantity: 1000, price: 10000 }, { lot: stall.lots[1].id, quantity: 2, price: 5000 }];
        const body = refused(await placeOrder(stack.client(), stall, 1, { lines }), 409, 'sold-out');
        assert.equal(body.lot, stall.lots[1].id);
        assert.equal(await available(stack, stall), 5000);
    });

    for (const [what, quantity] of [['0', 0], ['-1', -1], ['1e9 kg', 1e12], ['half a gram', 0.5], ['words', '500'], ['null', null],
        ['true', true], ['2^53', 2 ** 53], ['just above the limit', 1000001]]) {
        test(`an order of ${what} is refused and takes nothing`, async () => {
            const stall = await makeStall(stack);
            refused(await placeOrder(stack.client(), stall, quantity), 400, 'bad-field');
            assert.equal(await available(stack, stall), 10000);
        });
    }

    test('2^63 and 1e400 as text of the number are refused', async () => {
        const stall = await makeStall(stack);
        for (const number of ['9223372036854775808', '1e400', '-9223372036854775809', '1.0e3', '0x10', '+5']) {
            const text = JSON.stringify(orderBody(stall, 777)).replace('"quantity":777', `"quantity":${number}`);
            const reply = await stack.client().send('POST', '/api/v1/orders', { text });
            assert.equal(reply.status, 400, `${number}: ${reply.text}`);
        }
        assert.equal(await available(stack, stall), 10000);
    });

    test('more lines than twenty are refused', async () => {
        const stall = await makeStall(stack);
        const lines = Array.from({ length: 21 }, () => ({ lot: stall.lot.id, quantity: 1, price: 20000 }));
        refused(await placeOrder(stack.client(), stall, 1, { lines }), 400, 'bad-field');
        refused(await placeOrder(stack.client(), stall, 1, { lines: [] }), 400, 'bad-field');
    });

    test('a price that has changed is told, not charged', async () => {
        const stall = await makeStall(stack);
        ok(await stall.farmer.patch(`/api/v1/lots/${stall.lot.id}`, { price: 25000, key: newKey() }));
        const body = refused(await placeOrder(stack.client(), stall, 1000), 409, 'price-changed');
        assert.equal(body.price, 25000);
        assert.equal(await available(stack, stall), 10000);
    });

    test('a closed stall takes no order', async () => {
        const stall = await makeStall(stack);
        ok(await stall.farmer.patch(`/api/v1/stalls/${stall.slug}`, { state: 'closed', key: newKey() }));
        refused(await placeOrder(stack.client(), stall, 1000), 409, 'stall-closed');
    });

    test("another stall's lot cannot be ordered here", async () => {
        const [a, b] = [await makeStall(stack), await makeStall(stack)];
        const reply = await placeOrder(stack.client(), a, 1, { lines: [{ lot: b.lot.id, quantity: 500, price: 20000 }] });
        assert.ok([400, 404].includes(reply.status), reply.text);
        assert.equal(await available(stack, b), 10000);
    });

    test('cancelling gives the stock back once', async () => {
        const stall = await makeStall(stack);
        const buyer = stack.client();
        const { order } = ok(await placeOrder(buyer, stall, 3000), 201);
        ok(await buyer.post(`/api/v1/orders/${order.code}/cancel`, { reason: 'đổi ý', key: newKey() }));
        refused(await buyer.post(`/api/v1/orders/${order.code}/cancel`, { reason: 'đổi ý', key: newKey() }), 409, 'wrong-moment');
        assert.equal(await available(stack, stall), 10000);
    });

    test('a confirmed order can no longer be cancelled by its buyer', async () => {
        const stall = await makeStall(stack);
        const buyer = stack.client();
        const { order } = ok(await placeOrder(buyer, stall, 1000), 201);
        assert.equal(ok(await stall.farmer.post(`/api/v1/orders/${order.code}/confirm`, { key: newKey() })).order.state, 'confirmed');
        const reply = await buyer.post(`/api/v1/orders/${order.code}/cancel`, { reason: 'muộn', key: newKey() });
        assert.ok([403, 409].includes(reply.status), reply.text);
        assert.equal(await available(stack, stall), 9000);
    });

    test('an order is shown to its buyer, its farmer and cadres, to nobody else', async () => {
        const [stall, other] = [await makeStall(stack), await makeStall(stack)];
        const buyer = stack.client();
        const { order } = ok(await placeOrder(buyer, stall, 1000), 201);
        const path = `/api/v1/orders/${order.code}`;
        assert.equal(ok(await buyer.get(path)).order.phone, '+84912345678');
        ok(await stall.farmer.get(path));
        ok(await stall.cadre.get(path));
        for (const stranger of [stack.client(), other.farmer, stack.client('buyer')]) {
            const reply = await stranger.get(path);
            assert.ok([401, 403, 404].includes(reply.status), reply.text);
            assert.ok(!reply.text.includes('912345678'));
        }
    });
});

describe('bodies', () => {
    test('a body of 1 MB is refused', async () => {
        const stall = await makeStall(stack);
        const body = orderBody(stall, 1000, { note: 'a'.repeat(1 << 20) });
        refused(await stack.client().post('/api/v1/orders', body), 413, 'too-big');
        assert.equal(await available(stack, stall), 10000);
    });

    test('a field nobody knows is refused', async () => {
        const stall = await makeStall(stack);
        const body = refused(await placeOrder(stack.client(), stall, 1000, { total: 1 }), 400, 'bad-field');
        assert.equal(body.field, 'total');
    });

    test('what is not JSON is refused: text, a list, half an object, a doubled name, bad UTF-8', async () => {
        const buyer = stack.client();
        for (const text of ['hello', '[]', '{"key":', '{"key":"a","key":"b"}', '"x"', 'null', '']) {
            const reply = await buyer.send('POST', '/api/v1/orders', { text });
            assert.equal(reply.status, 400, `${text}: ${reply.text}`);
        }
    });

    test('odd JSON is refused whole: doubled names, numbers and letters that are none, depth without end', async () => {
        const stall = await makeStall(stack), buyer = stack.client();
        const order = (more) => JSON.stringify(orderBody(stall, 1000)).replace(/}$/, `,${more}}`), line = (quantity) => order('"note":""').replace(/"quantity":1000/, `"quantity":${quantity}`);
        const deep = (depth) => `${'['.repeat(depth)}${']'.repeat(depth)}`;
        const odd = [order('"note":"a","note":"b"'), order('"note":"\\ud800"'), order('"note":"\\udc00\\ud800"'), order('"note":"\\u0000"'), order('"n\\u0000te":""'), order('"note":"a\nb"'),
            ...['1e3', '1000.0', '1E0', '01000', '+1000', '0x10', 'NaN', 'Infinity', '9223372036854775808', '-9223372036854775809', '1e400', '9'.repeat(5000), '-0.0', '"1000"'].map(line),
            ...[10, 2000, 2047, 2049, 20000].map((depth) => order(`"note":${deep(depth)}`)), deep(30000), `\ufeff${order('"note":""')}`, `${order('"note":""')}{}`];
        for (const text of odd) {
            const reply = await buyer.send('POST', '/api/v1/orders', { text });
            assert.ok(reply.status === 400 && ['bad-json', 'bad-field'].includes(reply.body.code), `${text.slice(0, 400)}: ${reply.text}`);
        }
        const broken = Buffer.from(order('"note":"ớt"'), 'utf8');
        for (const bytes of [[0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xff]])
            refused(await buyer.send('POST', '/api/v1/orders', { text: Buffer.concat([broken.subarray(0, -3), Buffer.from(bytes), broken.subarray(-2)]) }), 400, 'bad-json');
        assert.equal(await available(stack, stall), 10000);
    });

    test('what does not call itself JSON is refused', async () => {
        for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x']) {
            refused(await stack.client().send('POST', '/api/v1/orders', { text: '{}', type }), 415, 'bad-content-type');
        }
    });

    test('texts have limits', async () => {
        const stall = await makeStall(stack);
        for (const more of [{ name: '' }, { name: 'a'.repeat(81) }, { phone: '12' }, { phone: 'a' }, { place: 'a'.repeat(201) },
            { note: 'a'.repeat(301) }, { key: 'short' }, { key: 'a b c d e f g h i j' }, { name: 'a\u0000b' }]) {
            const reply = await placeOrder(stack.client(), stall, 1000, more);
            assert.equal(reply.status, 400, `${JSON.stringify(more)}: ${reply.text}`);
        }
        assert.equal(await available(stack, stall), 10000);
    });

    test('a picture of a lot is a path of ours: nothing from elsewhere gets into the page', async () => {
        const stall = await makeStall(stack), at = `/api/v1/stalls/${stall.slug}/lots`;
        const lot = (picture) => stall.farmer.post(at, { key: newKey(), name: 'Bí', unit: 'piece', price: 9000, amount: 3, picture });
        const { lot: { id, picture } } = ok(await lot('/assets/icon-192.png'), 201);
        assert.equal(picture, '/assets/icon-192.png');
        assert.equal(ok(await stack.client().get(`/api/v1/stalls/${stall.slug}`)).lots.find((l) => l.id === id).picture, picture);
        for (const bad of ['https://evil.example/x.png', '//evil.example/x.png', '/\\evil.example/x.png', 'x.png', '/../x.png', 'javascript:alert(1)', 5])
            refused(await lot(bad), 400, 'bad-field');
    });

    test('the words of a problem are in the language asked for', async () => {
        const titles = [];
        for (const lang of ['vi', 'en', 'fr']) {
            titles.push((await stack.client(undefined, { lang }).get('/api/v1/stalls/no-such-stall')).body.title);
        }
        assert.equal(new Set(titles).size, 3, titles.join(' | '));
    });
});

describe('who may', () => {
    test('a stranger may not do what a farmer or cadre does', async () => {
        const stall = await makeStall(stack);
        const stranger = stack.client();
        const tries = [
            ['POST', '/api/v1/stalls', { slug: 'x', name: 'x', village: 'x', farmer: 1, key: newKey() }],
            ['POST', `/api/v1/stalls/${stall.slug}/lots`, { name: 'x', unit: 'kg', price: 1, amount: 1, key: newKey() }],
            ['PATCH', `/api/v1/lots/${stall.lot.id}`, { price: 1, key: newKey() }],
            ['PATCH', `/api/v1/stalls/${stall.slug}`, { state: 'closed', key: newKey() }],
            ['POST', `/api/v1/stalls/${stall.slug}/lives`, { key: newKey() }],
            ['POST', `/api/v1/stalls/${stall.slug}/tokens`, { kind: 'publish', key: newKey() }],
            ['GET', '/api/v1/people'], ['GET', '/api/v1/lives'],
            ['POST', '/api/v1/people', { name: 'x', phone: '0900000000', place: 'x', roles: ['farmer'], key: newKey() }],
        ];
        for (const [method, path, body] of tries) {
            const reply = await stranger.send(method, path, { body });
            assert.ok([401, 403].includes(reply.status), `${method} ${path}: ${reply.status} ${reply.text}`);
        }
    });

    test("a farmer may not touch another's stall", async () => {
        const [mine, theirs] = [await makeStall(stack), await makeStall(stack)];
        for (const [method, path, body] of [
            ['PATCH', `/api/v1/lots/${theirs.lot.id}`, { price: 1, key: newKey() }],
            ['PATCH', `/api/v1/stalls/${theirs.slug}`, { state: 'closed', key: newKey() }],
            ['POST', `/api/v1/stalls/${theirs.slug}/lots`, { name: 'x', unit: 'kg', price: 1, amount: 1, key: newKey() }],
            ['POST', `/api/v1/stalls/${theirs.slug}/tokens`, { kind: 'publish', key: newKey() }],
            ['GET', `/api/v1/orders?stall=${theirs.slug}`],
        ]) {
            const reply = await mine.farmer.send(method, path, { body });
            assert.ok([403, 404].includes(reply.status), `${method} ${path}: ${reply.status} ${reply.text}`);
        }
    });

    test('only an admin makes cadres', async () => {
        const body = () => ({ name: 'Cán bộ', phone: `09${Math.floor(1e7 + Math.random() * 9e7)}`, place: 'x', roles: ['cadre'], key: newKey() });
        refused(await stack.client('cadre').post('/api/v1/people', body()), 403, 'forbidden');
        ok(await stack.client('admin').post('/api/v1/people', body()), 201);
    });

    test('a farmer cannot approve her own live session', async () => {
        const stall = await makeStall(stack);
        const { live } = ok(await stall.farmer.post(`/api/v1/stalls/${stall.slug}/lives`, { key: newKey() }), 201);
        assert.equal((await stall.farmer.post(`/api/v1/lives/${live.id}/approve`, { key: newKey() })).status, 403);
    });

    test('publishing: no token, a wrong token, a watch token, a revoked token, another stall, no approval', async () => {
        const [stall, other] = [await makeStall(stack), await makeStall(stack)];
        const send = (token, slug = stall.slug) => stack.client().send('POST', `/whip/${slug}`, {
            text: offer('sendonly'), type: 'application/sdp', headers: token ? { authorization: `Bearer ${token}` } : {} });
        const token = await publishToken(stall);
        assert.equal((await send(token)).body.code, 'not-approved');
        await approvedLive(stall);
        await approvedLive(other);
        assert.equal((await send()).status, 401);
        assert.equal((await send('x'.repeat(43))).status, 401);
        const watch = ok(await stall.farmer.post(`/api/v1/stalls/${stall.slug}/tokens`, { kind: 'watch', key: newKey() }), 201);
        assert.ok([401, 403].includes((await send(watch.token)).status));
        assert.ok([401, 403].includes((await send(token, other.slug)).status));
        assert.equal((await send(token)).status, 201);
        const made = ok(await stall.farmer.post(`/api/v1/stalls/${stall.slug}/tokens`, { kind: 'publish', key: newKey() }), 201);
        assert.equal((await stall.farmer.del(`/api/v1/stalls/${stall.slug}/tokens/${made.id}`)).status, 204);
        assert.equal((await send(made.token)).status, 401);
    });

    test('a revoked token ends what is published with it: room for another phone, none for the lost one', async () => {
        const stall = await makeStall(stack), at = `/api/v1/stalls/${stall.slug}`;
        await approvedLive(stall);
        const [lost, other] = [ok(await stall.farmer.post(`${at}/tokens`, { kind: 'publish', key: newKey() }), 201), await publishToken(stall)];
        const phone = await stack.phone({ stall: stall.slug, token: lost.token });
        const state = async () => ok(await stack.client().get(at)).room.state;
        const rights = ok(await stall.farmer.post(`${at}/tokens`, { kind: 'publish', key: newKey() }), 201);
        await until('the stall to be live', async () => await state() === 'live', { ms: 60000 });
        assert.equal((await stall.farmer.del(`${at}/tokens/${rights.id}`)).status, 204);
        await until('the phone to be live: another token is no business of its', async () => await state() === 'live');
        assert.equal((await stall.farmer.del(`${at}/tokens/${lost.id}`)).status, 204);
        await until('the stream to end', async () => ['stalled', 'paused'].includes(await state()));
        await stack.stopPhone(phone);
        const again = await stack.phone({ stall: stall.slug, token: other });
        await until('the other phone to be on air', async () => await state() === 'live', { ms: 60000 });
        await stack.stopPhone(again);
    }, { ms: 180000 });

    test('a closed stall can neither be published to nor watched', async () => {
        const stall = await makeStall(stack);
        await approvedLive(stall);
        const token = await publishToken(stall);
        ok(await stall.farmer.patch(`/api/v1/stalls/${stall.slug}`, { state: 'closed', key: newKey() }));
        for (const [door, direction] of [['whip', 'sendonly'], ['whep', 'recvonly']]) {
            const reply = await stack.client(undefined, { bearer: door === 'whip' ? token : undefined })
                .send('POST', `/${door}/${stall.slug}`, { text: offer(direction), type: 'application/sdp' });
            refused(reply, 409, 'stall-closed');
        }
    });
});

describe('logging in', () => {
    test('a wrong password and an unknown number get the same answer', async () => {
        const { phone } = stack.demo.people.farmer;
        const [wrong, unknown] = [await stack.client().post('/api/v1/login', { phone, password: 'not-this-one' }),
            await stack.client().post('/api/v1/login', { phone: '0999999998', password: 'not-this-one' })];
        refused(wrong, 401, 'bad-login');
        assert.equal(unknown.status, 401);
        assert.equal(unknown.text, wrong.text);
        const took = async (number) => {
            const began = performance.now();
            await stack.client().post('/api/v1/login', { phone: number, password: 'not-this-one' });
            return Math.round(performance.now() - began);
        };
        figure('a refused log-in, ms: number known, unknown', [await took(phone), await took('0999999997')]);
    });

    test('the session cookie is __Host-, Secure, HttpOnly, SameSite, and only its hash is stored', async () => {
        const client = stack.client();
        const reply = await client.post('/api/v1/login', stack.demo.people.cadre);
        ok(reply);
        const line = reply.headers['set-cookie'].find((c) => c.startsWith('__Host-'));
        for (const flag of [/; *Secure/i, /; *HttpOnly/i, /; *SameSite=(Lax|Strict)/i, /; *Path=\/(;|$)/i]) assert.match(line, flag);
        assert.doesNotMatch(line, /Domain=/i);
        const secret = line.split(/[=;]/)[1];
        assert.ok(secret.length >= 22);
        assert.ok(!reply.text.includes(secret));
        for (const { name } of rows(stack.database, "SELECT name FROM sqlite_master WHERE type = 'table'")) {
            assert.ok(!JSON.stringify(rows(stack.database, `SELECT * FROM "${name}"`)).includes(secret), `secret found in ${name}`);
        }
        assert.equal(ok(await client.get('/api/v1/me')).person.roles.includes('cadre'), true);
        assert.equal((await client.post('/api/v1/logout')).status, 204);
        assert.equal(ok(await stack.client(undefined, {}).get('/api/v1/me')).person, null);
    });

    test('logging out ends the session at the server, not only in the browser', async () => {
        const client = await stack.login('farmer');
        const cookie = [...client.cookies].map(([n, v]) => `${n}=${v}`).join('; ');
        await client.post('/api/v1/logout');
        assert.equal(ok(await stack.client().get('/api/v1/me', { headers: { cookie } })).person, null);
    });

    test('a one-time link logs in once', async () => {
        const stall = await makeStall(stack);
        const link = ok(await stall.cadre.post(`/api/v1/people/${stall.person.id}/links`, { key: newKey() }), 201);
        assert.match(link.svg, /^<svg|^<\?xml/);
        const code = new URL(link.url, stack.origin).pathname.split('/').at(-1);
        const phone = stack.client();
        assert.equal((await phone.get(`/l/${code}`)).status, 200); // a preview bot changes nothing
        const entered = ok(await phone.post('/api/v1/login/link', { code }));
        assert.equal(entered.person.id, stall.person.id);
        assert.equal(ok(await phone.get('/api/v1/me')).person.id, stall.person.id);
        refused(await stack.client().post('/api/v1/login/link', { code }), 410, 'link-used');
    });

    test('passwords are proved beside the loop: who asks for something else is answered before eight of them are', async () => {
        let proved = 0;
        const guesses = Array.from({ length: 8 }, (_, i) => stack.client().post('/api/v1/login', { phone: `098765430${i}`, password: 'not-this-one' }).then((reply) => {
            proved++;
            return reply.status;
        }));
        await until('the first to be proved', () => proved > 0, { every: 1 });
        const client = stack.client();
        ok(await client.get('/healthz'));
        ok(await client.get(`/api/v1/stalls/${stack.demo.stall}`));
        assert.ok(proved < 8, 'the loop waited for all of them');
        assert.deepEqual(await Promise.all(guesses), Array(8).fill(401));
    });

    test('guessing passwords is slowed down, and does not lock the owner out of a running session', async () => {
        const stall = await makeStall(stack);
        const statuses = [];
        for (let i = 0; i < 30 && !statuses.includes(429); i++) {
            statuses.push((await stack.client().post('/api/v1/login', { phone: stall.phone, password: `guess-${i}-guess` })).status);
        }
        assert.ok(statuses.includes(429), statuses.join(' '));
        assert.equal(ok(await stall.farmer.get('/api/v1/me')).person.id, stall.person.id);
    }, { ms: 180000 });
});
