// The WebSocket: what happened is told once to each, in order, also to those who were away.
import assert from 'node:assert/strict';
import { Stack } from './lib/stack.mjs';
import { after, before, describe, test } from './lib/test.mjs';
import { newKey, ok } from './lib/api.mjs';
import { Live } from './lib/live.mjs';
import { approvedLive, makeStall, orderBody, placeOrder } from './lib/commune.mjs';
import { until } from './lib/until.mjs';

let stack;
before(async () => { stack = await Stack.start(); });
after(() => stack?.stop());

const ascending = (rows) => rows.every((row, i) => i === 0 || row.id > rows[i - 1].id);
const placed = (live) => live.rows.filter((r) => r.kind === 'order.placed');

describe('live push', () => {
    test('state on joining, then an order is told to all, in full only to the seller', async () => {
        const stall = await makeStall(stack);
        const [seller, watcher] = [await Live.join(stall.farmer, stall.slug), await Live.join(stack.client(), stall.slug)];
        assert.equal(seller.state.mine, true);
        assert.equal(watcher.state.mine, false);
        assert.equal(watcher.state.lots[0].available, 10000);
        const { order } = ok(await placeOrder(stack.client(), stall, 1500), 201);
        const [full, open] = await Promise.all([seller, watcher].map((l) => l.heard('the order', (m) => m.kind === 'order.placed')));
        assert.equal(full.body.order.code, order.code);
        assert.equal(full.body.order.phone, '+84912345678');
        assert.deepEqual(open.body.lots, [{ lot: stall.lot.id, available: 8500 }]);
        assert.ok(!JSON.stringify(open).includes('912345678'), 'a stranger heard the phone number');
        assert.ok(!JSON.stringify(open).includes(order.code), 'a stranger heard the order code');
        await Promise.all([seller.close(), watcher.close()]);
    });

    test('a buyer sees her own order in full and not the others\'', async () => {
        const stall = await makeStall(stack);
        const [me, other] = [stack.client(), stack.client()];
        const mine = ok(await placeOrder(me, stall, 500), 201).order;
        const live = await Live.join(me, stall.slug);
        const theirs = ok(await placeOrder(other, stall, 500, { phone: '0987654321' }), 201).order;
        const again = ok(await placeOrder(me, stall, 500), 201).order;
        await live.heard('my second order', (m) => m.kind === 'order.placed' && m.body.order?.code === again.code);
        assert.deepEqual(live.state.orders.map((o) => o.code), [mine.code]);
        assert.ok(!JSON.stringify(live.messages).includes(theirs.code));
        await live.close();
    });

    test('a client that reconnects with its mark under 100 orders misses nothing and hears nothing twice', async () => {
        const stall = await makeStall(stack, { lots: [{ name: 'Lạc', unit: 'kg', price: 30000, amount: 900000 }] });
        const steady = await Live.join(stall.farmer, stall.slug);
        const buyers = Array.from({ length: 10 }, () => stack.client());
        let sent = 0, joins = 0;
        const ordering = Promise.all(buyers.map(async (buyer) => {
            for (let i = 0; i < 10; i++) {
                await until('another cut', () => joins >= i / 2, { ms: 60000 }); // spread over the cuts
                ok(await placeOrder(buyer, stall, 1000), 201);
                sent++;
            }
        }));
        // The restless client is cut off again and again while the orders run.
        const heard = [];
        let mark = steady.state.mark;
        for (;;) {
            const live = await Live.join(stall.farmer, stall.slug, { mark });
            joins++;
            assert.ok(live.messages.some((m) => m.t === 'joined'), 'a client with a fresh mark is given rows, not a new state');
            await until('some rows', () => placed(live).length > 0 || sent === 100);
            heard.push(...live.rows);
            mark = heard.at(-1)?.id ?? mark;
            live.cut();
            await live.closed;
            if (sent === 100) break;
        }
        await ordering;
        const last = await Live.join(stall.farmer, stall.slug, { mark });
        await until('the rest', () => placed(last).length + placed({ rows: heard }).length >= 100);
        heard.push(...last.rows);
        await until('the steady client to have all', () => placed(steady).length === 100);
        assert.ok(joins >= 5, `only ${joins} joins`);
        assert.ok(ascending(heard), 'rows out of order or twice');
        assert.ok(ascending(steady.rows), 'rows out of order or twice');
        assert.deepEqual(heard.map((r) => [r.id, r.kind]), steady.rows.map((r) => [r.id, r.kind]));
        assert.equal(new Set(placed({ rows: heard }).map((r) => r.body.order.code)).size, 100);
        const left = placed(steady).at(-1).body.lots[0].available;
        assert.equal(left, 800000);
        await Promise.all([last.close(), steady.close()]);
    }, { ms: 180000 });

    test('a mark from the future or of another stall gets a state', async () => {
        const stall = await makeStall(stack);
        const live = await Live.join(stack.client(), stall.slug, { mark: 2 ** 40 });
        assert.ok(live.state, 'no state');
        await live.close();
    });

    test('an order by call is the same order as by REST, and its key too', async () => {
        const stall = await makeStall(stack);
        const buyer = stack.client();
        ok(await placeOrder(buyer, stall, 500), 201); // gives the buyer a session
        const live = await Live.join(buyer, stall.slug);
        const params = orderBody(stall, 1500);
        live.send({ t: 'call', id: 'a', name: 'order.place', params });
        const reply = await live.heard('the reply', (m) => m.t === 'reply' && m.id === 'a');
        assert.equal(reply.status, 201, JSON.stringify(reply));
        const again = ok(await buyer.post('/api/v1/orders', params), 201);
        assert.equal(again.order.code, reply.body.order.code);
        await live.close();
    });

    test('a call that may not be made is refused, and the socket lives on', async () => {
        const stall = await makeStall(stack);
        const live = await Live.join(stack.client(), stall.slug);
        live.send({ t: 'call', id: 'x', name: 'lot.change', params: { id: stall.lot.id, price: 1, key: newKey() } });
        assert.ok([401, 403].includes((await live.heard('the refusal', (m) => m.t === 'reply' && m.id === 'x')).status));
        live.send({ t: 'call', id: 'y', name: 'person.add', params: {} });
        assert.ok((await live.heard('the refusal', (m) => m.t === 'reply' && m.id === 'y')).status >= 400);
        await live.close();
    });

    test('a cadre may listen to all stalls; others may not', async () => {
        const stall = await makeStall(stack);
        const cadre = await Live.join(await stack.login('cadre'), '*');
        await approvedLive(stall);
        await cadre.heard('the approval', (m) => m.kind === 'live.approved' && m.stall === stall.slug);
        await cadre.close();
        await assert.rejects(Live.join(stack.client(), '*', { ms: 3000 }));
    });

    test('logging out closes the sockets of that session', async () => {
        const client = await stack.login('farmer');
        const live = await Live.join(client, stack.demo.stall);
        assert.equal((await client.post('/api/v1/logout')).status, 204);
        await until('the socket to close', () => live.socket.readyState === 3);
    });

    test('a cadre\'s stop is a row everybody hears', async () => {
        const stall = await makeStall(stack);
        const live = await approvedLive(stall);
        const watcher = await Live.join(stack.client(), stall.slug);
        ok(await stall.cadre.post(`/api/v1/lives/${live.id}/stop`, { reason: 'thử dừng', key: newKey() }));
        const row = await watcher.heard('the end', (m) => m.kind === 'live.ended');
        assert.equal(row.body.live.state, 'ended');
        await watcher.close();
    });
});
