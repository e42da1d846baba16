// The WebSocket under a crowd: several answers and news leave in one go, and still each comes once, whole and in its order.
import assert from 'node:assert/strict';
import { Stack } from './lib/stack.mjs';
import { after, before, describe, figure, test } from './lib/test.mjs';
import { makeStall, orderBody } from './lib/commune.mjs';
import { ok } from './lib/api.mjs';
import { Live } from './lib/live.mjs';
import { until } from './lib/until.mjs';

describe('many messages at once', () => {
    let stack, stall;
    before(async () => {
        stack = await Stack.start({ args: ['--relay', 'none'] });
        stall = await makeStall(stack, { lots: [{ name: 'Rau cải', unit: 'kg', price: 20000, amount: 1000000 }] });
    });
    after(() => stack?.stop());

    test('eight calls under way on a socket: each is answered once, and the rows of all come in the journal\'s order', async () => {
        const buyer = stack.client();
        ok(await buyer.post('/api/v1/orders', orderBody(stall, 100)), 201); // makes the session
        const live = await Live.join(buyer, stall.slug);
        for (let round = 0; round < 3; round++) {
            for (let i = 0; i < 8; i++) live.send({ t: 'call', id: `${round}-${i}`, name: 'order.place', params: orderBody(stall, 100) });
            await until('eight answers', () => live.messages.filter((m) => m.t === 'reply').length === 8 * (round + 1));
        }
        const replies = live.messages.filter((m) => m.t === 'reply');
        assert.deepEqual(replies.map((m) => m.status), Array(24).fill(201));
        assert.equal(new Set(replies.map((m) => m.id)).size, 24);
        assert.equal(new Set(replies.map((m) => m.body.order.code)).size, 24);
        const placed = () => live.rows.filter((m) => m.kind === 'order.placed');
        await until('the rows', () => placed().length === 24);
        const ids = live.rows.map((m) => m.id);
        assert.deepEqual(ids, [...new Set(ids)].sort((a, b) => a - b));
        await live.close();
    });

    test('a phone that did not read for a while finds everything it missed, in order, once it reads', async () => {
        const watcher = await Live.join(stack.client(), stall.slug), buyer = stack.client();
        const from = watcher.state.mark;
        watcher.socket.pause();
        for (let i = 0; i < 120; i++) ok(await buyer.post('/api/v1/orders', orderBody(stall, 100)), 201);
        watcher.socket.resume();
        await until('120 rows', () => watcher.rows.filter((m) => m.kind === 'order.placed').length === 120);
        const back = await Live.join(stack.client(), stall.slug, { mark: from });
        await until('120 rows again', () => back.rows.filter((m) => m.kind === 'order.placed').length === 120);
        assert.deepEqual(back.rows.map((m) => m.id), watcher.rows.map((m) => m.id));
        assert.deepEqual(back.rows.map((m) => m.body), watcher.rows.map((m) => m.body));
        await watcher.close();
        await back.close();
    });

    test('a phone that loses its line again and again, with its last mark each time: nothing missed, nothing twice', async () => {
        const buyers = Array.from({ length: 4 }, () => stack.client());
        const first = await Live.join(stack.client(), stall.slug), from = first.state.mark;
        let mark = from, going = true, cuts = 0;
        const seen = [];
        const keep = (live) => {
            for (const { id } of live.rows) if (id > mark) { seen.push(id); mark = id; }
        };
        first.cut();
        const orders = Promise.all(buyers.map(async (buyer) => {
            for (let i = 0; i < 40; i++) ok(await buyer.post('/api/v1/orders', orderBody(stall, 100)), 201);
        })).then(() => (going = false));
        const doubled = [];
        while (going || cuts < 5) {
            const live = await Live.join(stack.client(), stall.slug, { mark });
            await until('some rows, or the end', () => live.rows.length >= 7 || !going, { every: 5 });
            const ids = live.rows.map((m) => m.id);
            doubled.push(...ids.filter((id, i) => id <= mark || ids.indexOf(id) !== i));
            live.cut();             // no goodbye; what was on its way is lost
            keep(live);
            cuts++;
        }
        await orders;
        const last = await Live.join(stack.client(), stall.slug, { mark });
        const whole = await Live.join(stack.client(), stall.slug, { mark: from });
        await until('all of it', () => whole.rows.filter((m) => m.kind === 'order.placed').length === 160);
        await until('the rest', () => last.rows.at(-1)?.id === whole.rows.at(-1).id || mark === whole.rows.at(-1).id);
        keep(last);
        figure('lines lost during 160 orders', cuts);
        assert.deepEqual(doubled, []);
        assert.deepEqual(seen, whole.rows.map((m) => m.id));
        await last.close();
        await whole.close();
    });
});
