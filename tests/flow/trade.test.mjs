// What hostile and clumsy clients found in the trade engine, one test each: beside the walk that finds more (trade_walk).
import assert from 'node:assert/strict';
import { Stack } from './lib/stack.mjs';
import { after, before, describe, test } from './lib/test.mjs';
import { newKey, ok } from './lib/api.mjs';
import { available, driveOut, makeStall, placeOrder } from './lib/commune.mjs';
import { rows } from './lib/database.mjs';
import { BrowserKeys } from './lib/push_service.mjs';

let stack, cadre, admin, courier;

before(async () => {
    stack = await Stack.start({ args: ['--relay', 'none'] });
    [cadre, admin, courier] = ['cadre', 'admin', 'courier'].map((role) => stack.client(role));
});
after(() => stack?.stop());

const proof = { kind: 'signature', body: 'M1 1L2 2' };
const act = (client, path, body = {}) => client.post(`/api/v1/${path}`, { key: newKey(), ...body });
const balance = (kind, subject) => rows(stack.database, `SELECT balance FROM account WHERE kind = '${kind}' AND subject = ${subject}`)[0]?.balance ?? 0;
const stopOf = async (trip) => ok(await courier.get(`/api/v1/trips/${trip.id}`)).trip.stops[0];

let accounts = 0;
async function account(owner) {
    const number = `36002051${String(++accounts).padStart(5, '0')}`;
    return ok(await act(cadre, 'bank-accounts', { bin: '970405', number, holder: 'HTX', ...(owner ? { owner } : {}) }), 201).id;
}

describe('the scale', () => {
    test('read a hundred times, the order is cancelled whole: nobody owes or is owed anything for it', async () => {
        const stall = await makeStall(stack);
        const { order } = ok(await placeOrder(stack.client(), stall, 2000), 201);
        ok(await act(stall.farmer, `orders/${order.code}/confirm`));
        for (let i = 0; i < 100; i++) ok(await act(stall.farmer, `orders/${order.code}/weigh`, { lot: stall.lot.id, weighed: 1500 + i }));
        ok(await act(stall.farmer, `orders/${order.code}/cancel`, { why: 'no-goods' }));
        assert.deepEqual([balance('order', order.id), balance('farmer', stall.person.id)], [0, 0]);
    });

    test('the co-op\'s part of an order stays the one it was charged at, whatever the rate is by then', async () => {
        const stall = await makeStall(stack), id = await account();
        ok(await act(cadre, `stalls/${stall.slug}/payee`, { account: id, fee_points: 1000 }));
        const { order } = ok(await placeOrder(stack.client(), stall, 2000), 201);
        const fees = balance('fees', 0);
        ok(await act(stall.farmer, `orders/${order.code}/confirm`));
        assert.equal(balance('fees', 0) - fees, -4000);
        ok(await act(cadre, `stalls/${stall.slug}/payee`, { account: id, fee_points: 0 }));
        ok(await act(stall.farmer, `orders/${order.code}/weigh`, { lot: stall.lot.id, weighed: 1000 }));
        assert.deepEqual([balance('fees', 0) - fees, balance('farmer', stall.person.id)], [-2000, -18000]);
        ok(await act(stall.farmer, `orders/${order.code}/weigh`, { lot: stall.lot.id, weighed: 0 }));
        assert.deepEqual([balance('fees', 0) - fees, balance('farmer', stall.person.id)], [0, 0], 'nothing sold, nothing owed');
    });

    test('a gram at a time, the co-op\'s part is the one of the whole', async () => {
        const stall = await makeStall(stack, { lots: [{ name: 'Ớt', unit: 'piece', price: 7, amount: 1000, tolerance: 0 }] }), id = await account();
        ok(await act(cadre, `stalls/${stall.slug}/payee`, { account: id, fee_points: 500 }));
        const { order } = ok(await placeOrder(stack.client(), stall, 20), 201);
        const fees = balance('fees', 0);
        ok(await act(stall.farmer, `orders/${order.code}/confirm`));
        for (let weighed = 19; weighed >= 10; weighed--) ok(await act(stall.farmer, `orders/${order.code}/weigh`, { lot: stall.lot.id, weighed }));
        assert.equal(fees - balance('fees', 0), 4);         // 5 % of 70, the half rounded up
        assert.equal(balance('farmer', stall.person.id), -66);
    });
});

describe('a door', () => {
    test('taken back: the extra that the buyer had agreed to is the order\'s again, and bad goods are not on sale', async () => {
        const stall = await makeStall(stack), buyer = stack.client();
        const { order } = ok(await placeOrder(buyer, stall, 1000), 201), { code } = order;
        const trip = await driveOut(stall, courier, [code]);
        ok(await act(stall.farmer, `orders/${code}/weigh`, { lot: stall.lot.id, weighed: 2000 }));
        ok(await act(buyer, `orders/${code}/extra`, { lot: stall.lot.id, answer: 'accept' }));
        const left = await available(stack, stall);
        for (const reason of ['quality', 'missing']) {
            const stop = await stopOf(trip);
            ok(await act(courier, `stops/${stop.id}/mark`, { to: 'partial', reason, proof, lines: [{ lot: stall.lot.id, quantity: 500 }] }));
            assert.equal(ok(await buyer.get(`/api/v1/orders/${code}`)).order.total, 10000);
            ok(await act(courier, `stops/${stop.id}/undo`));
            const { order: now } = ok(await buyer.get(`/api/v1/orders/${code}`));
            assert.deepEqual([now.total, now.lines[0].state, now.lines[0].weighed], [40000, 'accepted', 2000]);
            assert.equal(await available(stack, stall), left);
        }
    });

    test('at which the goods were handed over: the order cannot be cancelled any more and its goods sold again', async () => {
        const stall = await makeStall(stack), buyer = stack.client();
        const { order: { code, total } } = ok(await placeOrder(buyer, stall, 1000), 201);
        const trip = await driveOut(stall, courier, [code]);
        const left = await available(stack, stall), stop = await stopOf(trip);
        ok(await act(courier, `stops/${stop.id}/mark`, { to: 'delivered', proof, collected: total }));
        for (const who of [stall.farmer, cadre]) {
            const reply = await act(who, `orders/${code}/cancel`, { why: 'other' });
            assert.deepEqual([reply.status, reply.body.reason], [409, 'delivered']);
        }
        assert.equal(await available(stack, stall), left);
        ok(await act(courier, `stops/${stop.id}/undo`));
        ok(await act(stall.farmer, `orders/${code}/cancel`, { why: 'other' }));
        assert.equal(await available(stack, stall), left + 1000);
    });

    test('that failed is not taken back once its order goes another way', async () => {
        const stall = await makeStall(stack);
        const { order: { code } } = ok(await placeOrder(stack.client(), stall, 1000), 201);
        const first = await stopOf(await driveOut(stall, courier, [code]));
        const undone = async () => { const { status, body } = await act(courier, `stops/${first.id}/undo`); return [status, body.reason]; };
        ok(await act(courier, `stops/${first.id}/mark`, { to: 'failed', reason: 'vehicle' }));
        const { trip } = ok(await act(courier, 'trips', { title: 'Tối' }), 201);
        ok(await act(courier, `trips/${trip.id}/stops`, { orders: [code] }));
        assert.deepEqual(await undone(), [409, 'on-a-trip']);
        ok(await act(courier, `trips/${trip.id}/stops`, { orders: [] }));
        const { carriers: [carrier] } = ok(await act(cadre, 'carriers', { name: 'Giao Nhanh' }));
        ok(await act(cadre, `carriers/${carrier.id}/parcels`, { order: code, tracking: 'GN-7001' }), 201);
        assert.deepEqual(await undone(), [409, 'with-carrier']);
        ok(await act(cadre, `carriers/${carrier.id}/returns`, { tracking: 'GN-7001' }));
        assert.deepEqual(await undone(), [200, undefined]);
    });

    test('is not taken back once its order was closed: neither its cash nor that it was there', async () => {
        const stall = await makeStall(stack), id = await account(), closed = [];
        ok(await act(cadre, `stalls/${stall.slug}/payee`, { account: id }));
        for (const collect of [true, false]) {
            const { order } = ok(await placeOrder(stack.client(), stall, 1000), 201);
            const stop = await stopOf(await driveOut(stall, courier, [order.code]));
            if (!collect) ok(await act(cadre, `orders/${order.code}/cash`, { amount: order.total }));
            ok(await act(courier, `stops/${stop.id}/mark`, { to: 'delivered', proof, collected: collect ? order.total : 0 }));
            ok(await act(stall.farmer, `orders/${order.code}/close`));
            const reply = await act(courier, `stops/${stop.id}/undo`);
            closed.push([reply.status, reply.body.reason, balance('order', order.id)]);
        }
        assert.deepEqual(closed, [[409, 'order-closed', 0], [409, 'order-closed', 0]]);
    });

    test('that did not take all: whoever waits in line has the rest before anybody else can ask', async () => {
        const stall = await makeStall(stack, { lots: [{ name: 'Măng', unit: 'kg', price: 20000, amount: 1000 }] });
        const { order: { code } } = ok(await placeOrder(stack.client(), stall, 1000), 201);
        const waiting = stack.client();
        ok(await act(waiting, 'waits', { stall: stall.slug, lot: stall.lot.id, quantity: 600, name: 'Anh Ba', phone: '0912345699' }), 201);
        const trip = await driveOut(stall, courier, [code]);
        const stop = await stopOf(trip);
        const [marked, late] = await Promise.all([
            act(courier, `stops/${stop.id}/mark`, { to: 'partial', reason: 'missing', proof, lines: [{ lot: stall.lot.id, quantity: 400 }] }),
            ...Array.from({ length: 8 }, () => placeOrder(stack.client(), stall, 600)),
        ]);
        ok(marked);
        assert.equal(late.status, 409);
        const { waits: [wait] } = ok(await waiting.get('/api/v1/waits'));
        assert.deepEqual([wait.state, await available(stack, stall)], ['offered', 0]);
    });
});

describe('an order that is paid', () => {
    const refused = async (who, path, body) => { const reply = await act(who, path, body); return [reply.status, reply.body.reason]; };
    /** Confirmed and paid at the stall. */
    const paid = async (stall) => {
        const { order } = ok(await placeOrder(stack.client(), stall, 1000), 201);
        ok(await act(stall.farmer, `orders/${order.code}/confirm`));
        ok(await act(stall.farmer, `orders/${order.code}/cash`, { amount: order.total }));
        return order.code;
    };

    test('is closed when its door is done, not while it is planned, loaded, driven or stood at', async () => {
        const stall = await makeStall(stack), code = await paid(stall), close = () => refused(stall.farmer, `orders/${code}/close`);
        const { trip } = ok(await act(courier, 'trips', { title: 'Chiều' }), 201);
        ok(await act(courier, `trips/${trip.id}/stops`, { orders: [code] }));
        assert.deepEqual(await close(), [409, 'on-a-trip']);
        for (const to of ['loaded', 'moving']) {
            ok(await act(courier, `trips/${trip.id}/move`, { to }));
            assert.deepEqual(await close(), [409, 'on-a-trip'], to);
        }
        const stop = await stopOf(trip);
        ok(await act(courier, `stops/${stop.id}/mark`, { to: 'arrived' }));
        assert.deepEqual(await refused(cadre, `orders/${code}/close`), [409, 'on-a-trip']);
        ok(await act(courier, `stops/${stop.id}/mark`, { to: 'delivered', proof, collected: 0 }));
        ok(await act(stall.farmer, `orders/${code}/close`));
    });

    test('is closed when it came off its trip, and goes on none after that, nor to a delivery company', async () => {
        const stall = await makeStall(stack), code = await paid(stall);
        const { trip } = ok(await act(courier, 'trips', { title: 'Chiều' }), 201);
        ok(await act(courier, `trips/${trip.id}/stops`, { orders: [code] }));
        ok(await act(courier, `trips/${trip.id}/stops`, { orders: [] }));
        ok(await act(stall.farmer, `orders/${code}/close`));
        const { trip: other } = ok(await act(courier, 'trips', { title: 'Tối' }), 201);
        assert.deepEqual(await refused(courier, `trips/${other.id}/stops`, { orders: [code] }), [409, 'order-closed']);
        const { carriers: [carrier] } = ok(await act(cadre, 'carriers', { name: 'Giao Chốt' }));
        assert.deepEqual(await refused(cadre, `carriers/${carrier.id}/parcels`, { order: code, tracking: 'GC-7001' }), [409, 'order-closed']);
    });

    test('while a delivery company was to collect for it is not closed before that one has said what became of it', async () => {
        const stall = await makeStall(stack), { carriers } = ok(await act(cadre, 'carriers', { name: 'Giao Thu Hộ' }));
        const carrier = carriers.find((c) => c.name === 'Giao Thu Hộ').id;
        const { order: { code, total } } = ok(await placeOrder(stack.client(), stall, 1000), 201);
        ok(await act(stall.farmer, `orders/${code}/confirm`));
        ok(await act(cadre, `carriers/${carrier}/parcels`, { order: code, tracking: 'GT-7101' }), 201);
        ok(await act(cadre, `orders/${code}/cash`, { amount: total }));       // meanwhile, at the stall
        assert.deepEqual(await refused(stall.farmer, `orders/${code}/close`), [409, 'with-carrier']);
        ok(await act(cadre, `carriers/${carrier}/returns`, { tracking: 'GT-7101' }));
        ok(await act(stall.farmer, `orders/${code}/close`));
        const before = await paid(stall);                                     // nothing to collect: nobody will ever say
        ok(await act(cadre, `carriers/${carrier}/parcels`, { order: before, tracking: 'GT-7102' }), 201);
        ok(await act(stall.farmer, `orders/${before}/close`));
    });
});

describe('cash at the door', () => {
    test('is bounded for whoever refused doors, whatever number the next order is under', async () => {
        const stall = await makeStall(stack), [buyer, other] = [stack.client(), stack.client()];
        ok(await act(admin, 'cash-bounds', { refusals: 1, days: 90, owed_max: 5_000_000 }), 201);
        const ordered = async (who, phone) => ok(await placeOrder(who, stall, 500, { phone }), 201).order.code;
        const payFirst = async (who, code) => ok(await who.get(`/api/v1/orders/${code}/payment`)).cash.pay_first;
        const code = await ordered(buyer, '0912000111');
        const stop = await stopOf(await driveOut(stall, courier, [code]));
        ok(await act(courier, `stops/${stop.id}/mark`, { to: 'failed', reason: 'refused' }));
        assert.equal(await payFirst(buyer, await ordered(buyer, '0912000222')), 'cod-refusals');
        assert.equal(await payFirst(other, await ordered(other, '0912000333')), null);
        ok(await act(admin, 'cash-bounds', { refusals: 3, days: 90, owed_max: 5_000_000 }), 201);
    });
});

describe('a refund', () => {
    test('of a part leaves the rest waiting for a person', async () => {
        const stall = await makeStall(stack);
        const { order } = ok(await placeOrder(stack.client(), stall, 1000), 201);
        ok(await act(stall.farmer, `orders/${order.code}/confirm`));
        ok(await act(cadre, `orders/${order.code}/cash`, { amount: order.total + 5000 }));
        const open = async () => ok(await cadre.get('/api/v1/payment-tasks')).tasks.filter((t) => t.order === order.code).map((t) => [t.kind, t.amount]);
        assert.deepEqual(await open(), [['over', 5000]]);
        ok(await act(cadre, `orders/${order.code}/refunds`, { amount: 1000, reason: 'đưa thừa' }), 201);
        assert.deepEqual(await open(), [['refund-due', 4000]]);
        ok(await act(cadre, `orders/${order.code}/refunds`, { amount: 4000, reason: 'đưa thừa' }), 201);
        assert.deepEqual(await open(), []);
    });
});

describe('orders made one', () => {
    test('have no end to their hold when one of them had none', async () => {
        const stall = await makeStall(stack), buyer = stack.client(), id = await account();
        const first = ok(await placeOrder(buyer, stall, 1000), 201).order;         // no account yet: kept until the farmer says
        ok(await act(cadre, `stalls/${stall.slug}/payee`, { account: id }));
        const second = ok(await placeOrder(buyer, stall, 1000), 201).order;
        assert.deepEqual([first.expires_at, second.expires_at > 0], [null, true]);
        const { order } = ok(await act(buyer, 'orders/merge', { orders: [first.code, second.code] }));
        assert.equal(order.expires_at, null);
    });
});

describe('how orders that are made one are to be paid', () => {
    const ordered = async (buyer, stall, way, by = buyer, more = {}) => {
        const { code } = ok(await placeOrder(buyer, stall, 500, more), 201).order;
        if (way) ok(await act(by, `orders/${code}/pay-way`, { way }));
        return code;
    };
    /** What the one says: its way, and whether the others said otherwise. */
    const one = async (buyer, codes) => {
        const { order, way_differed } = ok(await act(buyer, 'orders/merge', { orders: codes }));
        const said = ok(await buyer.get(`/api/v1/orders/${order.code}/payment`));
        assert.deepEqual([said.way, said.way_differed], [order.pay_way, way_differed]);
        return [order.pay_way, way_differed, order.code];
    };

    test('is what they said; of two ways the newest, and that they differed is told until somebody says it anew', async () => {
        const stall = await makeStall(stack), cases = [[['cash', 'cash'], ['cash', false]], [['bank', null, null], ['bank', false]], [['cash', 'bank', null], ['bank', true]], [['bank', 'cash'], ['cash', true]], [[null, null], [null, false]]];
        for (const [ways, wanted] of cases) {
            const buyer = stack.client(), codes = [];
            for (const way of ways) codes.push(await ordered(buyer, stall, way));
            const [way, differed, code] = await one(buyer, codes.reverse());
            assert.deepEqual([way, differed], wanted, ways.join());
            ok(await act(buyer, `orders/${code}/pay-way`, { way: 'cash' }));
            assert.equal(ok(await buyer.get(`/api/v1/orders/${code}/payment`)).way_differed, false);
        }
    });

    test('in cash that the office let go: only when it let each of them go', async () => {
        const stall = await makeStall(stack);
        ok(await act(admin, 'cash-bounds', { refusals: 3, days: 90, owed_max: 15000 }), 201);
        for (const [lets, wanted] of [[[true, true], null], [[true, false], 'cod-cap']]) {
            const buyer = stack.client(), codes = [];
            for (const let_go of lets) codes.push(await ordered(buyer, stall, 'cash', let_go ? cadre : buyer, { phone: '0912777001' }));
            const [way, , code] = await one(buyer, codes);
            assert.deepEqual([way, ok(await buyer.get(`/api/v1/orders/${code}/payment`)).cash.pay_first], ['cash', wanted]);
            ok(await act(buyer, `orders/${code}/cancel`));
        }
        ok(await act(admin, 'cash-bounds', { refusals: 3, days: 90, owed_max: 5_000_000 }), 201);
    });
});

describe('orders of two flash prices', () => {
    test('of the same amount are made one, and the one is cancelled like any other', async () => {
        const stall = await makeStall(stack), buyer = stack.client(), codes = [];
        for (const amount of [1000, 800]) {
            ok(await act(stall.farmer, `lots/${stall.lot.id}/flash`, { price: 15000, amount, minutes: 30 }));
            codes.push(ok(await placeOrder(buyer, stall, 500, { lines: [{ lot: stall.lot.id, quantity: 500, price: 15000 }] }), 201).order.code);
            if (amount === 1000) ok(await act(stall.farmer, `lots/${stall.lot.id}/flash/end`));
        }
        const { order } = ok(await act(buyer, 'orders/merge', { orders: codes }));
        assert.equal(order.total, 15000);
        ok(await act(buyer, `orders/${order.code}/cancel`));
        const left = rows(stack.database, `SELECT taken FROM flash WHERE lot = ${stall.lot.id} ORDER BY id`).map((f) => f.taken);
        assert.deepEqual([left, await available(stack, stall)], [[0, 0], 10000]);
    });
});

describe('a phone that is told of two orders', () => {
    test('is told of the one they become, once, and not that they were cancelled', async () => {
        const stall = await makeStall(stack), buyer = stack.client(), keys = new BrowserKeys();
        const codes = [ok(await placeOrder(buyer, stall, 1000), 201).order.code, ok(await placeOrder(buyer, stall, 500), 201).order.code];
        for (const code of codes) ok(await act(buyer, `orders/${code}/push`, { endpoint: 'https://push.invalid/9', p256dh: keys.p256dh, auth: keys.auth, lang: 'vi' }), 201);
        const { order } = ok(await act(buyer, 'orders/merge', { orders: codes }));
        assert.deepEqual(rows(stack.database, "SELECT order_id AS id, told FROM push_sub WHERE endpoint = 'https://push.invalid/9'"), [{ id: order.id, told: 'placed' }]);
    });
});

describe('into which account buyers pay', () => {
    test('another one waits its day, also when it is named twice; naming the old one again calls it off', async () => {
        const stall = await makeStall(stack), [a, b] = [await account(), await account(stall.person.id)];
        const set = async (to, more) => ok(await act(cadre, `stalls/${stall.slug}/payee`, { account: to, ...more })).payee;
        await set(a);
        const { next } = await set(b);
        assert.equal(next.id, b);
        const again = await set(b, { fee_points: 100 });
        assert.deepEqual([again.now.id, again.next.id, again.next.fee_points], [a, b, 100]);
        assert.ok(again.next.starts_at >= next.starts_at);
        const off = await set(a);
        assert.deepEqual([off.now.id, off.next], [a, null]);
        const day = rows(stack.database, `SELECT account FROM payee WHERE stall = (SELECT id FROM stall WHERE slug = '${stall.slug}') ORDER BY id DESC LIMIT 1`);
        assert.equal(day[0].account, a);
    });
});
