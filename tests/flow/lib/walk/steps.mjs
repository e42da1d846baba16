// steps.mjs: what people do in the walk, good and bad, each a function of the walk; the numbers are how often.
import { ok } from '../api.mjs';
import { holdEnds } from '../database.mjs';
import { bankSteps, cash, grant, transfer } from './bank.mjs';
import { doorSteps, driveSteps } from './drive.mjs';

const get = async (w, who, path) => (await w.ask(who, 'GET', path)).body;
const note = (w) => w.chance.pick(['', 'Ít cay', '<script>alert(1)</script>', '1\' OR 1=1 --', 'ớt 🌶 nhé', '=HYPERLINK("x")']);

/** An order that somebody may have an interest in, as it is now; mostly one of late, and in that state. */
async function anOrder(w, state) {
    const of = w.focus ? [w.focus] : w.chance.maybe(0.8) ? w.orders.slice(-20) : w.orders;
    for (let tries = 1; ; tries++) {
        const known = w.chance.pick(of), { order } = await get(w, w.office[0], `orders/${known.code}`);
        if (!state || order.state === state || tries === 4) return [known, order];
    }
}

const seller = (w, known) => w.chance.weighed([[8, w.farmerOf(known.stall)], [3, w.chance.pick(w.office)], [1, w.chance.pick(w.people)]]);
const side = (w, known) => w.chance.weighed([[8, w.people.find((p) => p.name === known.buyer)], [2, w.chance.pick(w.office)], [1, w.chance.pick(w.people)]]);

/** What a buyer would send, seen on the stall's page a moment ago (or long ago). */
async function basket(w, who, stall) {
    const page = await get(w, who, `stalls/${stall}`);
    const lots = page.lots.filter((l) => l.state === 'open' || w.chance.maybe(0.1));
    const lines = w.chance.some(lots, w.chance.between(1, 3)).map((lot) => {
        const most = lot.unit === 'kg' ? w.chance.pick([1, 250, 333, 500, 1000, 1999]) : w.chance.between(1, 9);
        const price = lot.flash && w.chance.maybe(0.7) ? lot.flash.price : w.chance.maybe(0.05) ? lot.price + 1 : lot.price;
        return { lot: lot.id, quantity: most, price, ...(w.chance.maybe(0.2) ? { min: w.chance.between(1, most) } : {}) };
    });
    if (lines.length && w.chance.maybe(0.1)) lines.push({ ...lines[0] });
    const zone = w.chance.maybe(0.4) && w.chance.pick(w.zones);
    return { stall, lines, name: 'Chị Hoa', phone: who.phone ?? '+84900009999', place: 'Mường Xén', note: note(w),
        ...(zone ? { delivery: { zone, fee: 0 } } : {}), ...(w.chance.maybe(0.3) ? { at: w.clock() } : {}), ...(w.chance.maybe(0.1) ? { credit: w.chance.pick([1, 5000, 499_999_999]) } : {}) };
}

/** Says yes to the fee or price it is told, once, as a page would. */
async function withFee(w, who, path, body, put) {
    const reply = await w.tell(who, 'POST', path, body);
    return reply.body?.code === 'price-changed' && reply.body.fee !== undefined ? w.tell(who, 'POST', path, put(reply.body.fee)) : reply;
}

function keepOrder(w, who, order, stall) {
    if (!w.orders.some((o) => o.code === order.code)) w.orders.push({ code: order.code, id: order.id, stall, buyer: who.name, phone: order.phone, couriers: new Set() });
}

async function order(w, who = w.chance.maybe(0.95) ? w.chance.pick(w.buyers) : w.chance.pick(w.is((p) => p.name !== 'stranger')), stall = w.chance.pick(w.stalls).slug) {
    const body = await basket(w, who, stall);
    const reply = await withFee(w, who, 'orders', body, (fee) => ({ ...body, delivery: { ...body.delivery, fee } }));
    if (reply.status === 201) keepOrder(w, who, reply.body.order, body.stall);
}

async function confirm(w) {
    const [known] = await anOrder(w, 'placed');
    await w.tell(seller(w, known), 'POST', `orders/${known.code}/confirm`, { at: w.clock() });
}

const WHYS = ['changed-mind', 'mistake', 'too-slow', 'declined', 'no-goods', 'bad-goods', 'no-answer', 'weather', 'no-drive', 'other', 'expired', 'merged', 'spoiled'];
async function cancel(w) {
    const [known] = await anOrder(w);
    const who = w.chance.maybe(0.5) ? side(w, known) : seller(w, known);
    await w.tell(who, 'POST', `orders/${known.code}/cancel`, w.chance.maybe(0.8) ? { why: w.chance.pick(WHYS), reason: note(w), at: w.clock() } : {});
}

async function weigh(w) {
    const [known, now] = await anOrder(w, 'confirmed');
    const line = w.chance.pick(now.lines);
    const weighed = w.chance.pick([0, 1, line.quantity, line.quantity - 1, Math.ceil(line.quantity * 1.05), line.quantity * 2, Math.floor(line.quantity / 2)]);
    await w.tell(seller(w, known), 'POST', `orders/${known.code}/weigh`, { lot: line.lot, weighed: Math.max(weighed, 0), at: w.clock() });
}

async function extra(w) {
    const [known, now] = await anOrder(w);
    const line = now?.lines.find((l) => l.state === 'extra') ?? (w.chance.maybe(0.2) && now?.lines[0]);
    if (line) await w.tell(side(w, known), 'POST', `orders/${known.code}/extra`, { lot: line.lot, answer: w.chance.pick(['accept', 'decline']) });
}

async function close(w) {
    const [known] = await anOrder(w, 'confirmed');
    await w.tell(seller(w, known), 'POST', `orders/${known.code}/close`, { at: w.clock() });
}

async function payWay(w) {
    const [known] = await anOrder(w);
    await w.tell(side(w, known), 'POST', `orders/${known.code}/pay-way`, { way: w.chance.pick(['bank', 'cash']) });
}

/** Who has something good with the market pays an order with it: all of it, a part, or more than there is. */
async function credit(w) {
    const [known] = await anOrder(w);
    const who = side(w, known), said = (await get(w, who, `orders/${known.code}/payment`)).credit;
    const amount = w.chance.pick([undefined, undefined, said?.use, Math.ceil((said?.use ?? 0) / 2), (said?.have ?? 0) + 1]);
    await w.tell(who, 'POST', `orders/${known.code}/credit`, amount ? { amount } : {});
}

/** Several small orders of one buyer, as they come in during a stream; sometimes somebody else's is among them. */
async function merge(w) {
    const who = w.chance.pick(w.buyers), from = w.orders.length, stall = w.chance.pick(w.stalls).slug;
    for (let i = 0; i < 3; i++) await order(w, who, stall);
    const fit = w.chance.maybe(0.1) ? w.orders.slice(-6) : w.orders.slice(from).filter((o) => o.buyer === who.name && o.stall === stall);
    const by = w.chance.maybe(0.8) ? who : w.chance.pick(w.people), orders = fit.map((o) => o.code);
    const reply = await withFee(w, by, 'orders/merge', { orders }, (fee) => ({ orders, fee }));
    if (reply.status === 200) keepOrder(w, w.people.find((p) => p.name === fit[0].buyer), reply.body.order, fit[0].stall);
}

async function wait(w) {
    const who = w.chance.pick(w.buyers), lot = w.chance.pick(w.lots), quantity = lot.unit === 'kg' ? w.chance.between(100, 4000) : w.chance.between(1, 30);
    const reply = await w.tell(who, 'POST', 'waits', { stall: lot.stall, lot: lot.id, quantity, name: 'Anh Ba', phone: who.phone, place: '',
        ...(w.chance.maybe(0.5) ? { min: w.chance.between(1, quantity) } : {}) });
    if (reply.status === 201) w.waits.push({ id: reply.body.wait.id, who: who.name, phone: who.phone, stall: lot.stall });
}

/** What the line offered is an order of the one who waited: yes, no, or a place given up. */
async function answerOffer(w) {
    const who = w.chance.pick(w.buyers), body = await get(w, who, 'waits');
    for (const place of body.waits ?? []) {
        if (!place.order) {
            if (w.chance.maybe(0.2)) await w.tell(w.chance.maybe(0.8) ? who : w.chance.pick(w.people), 'POST', `waits/${place.id}/leave`);
            continue;
        }
        keepOrder(w, who, { ...(await get(w, who, `orders/${place.order}`)).order }, place.stall);
        if (w.chance.maybe(0.3)) await w.tell(who, 'POST', `orders/${place.order}/cancel`, { why: 'declined' });
        else {
            const zone = w.chance.maybe(0.3) && w.chance.pick(w.zones);
            await withFee(w, w.chance.maybe(0.9) ? who : w.chance.pick(w.people), `orders/${place.order}/take`, zone ? { delivery: { zone, fee: 0 } } : {}, (fee) => ({ delivery: { zone, fee } }));
        }
    }
}

async function lot(w) {
    const of = w.chance.pick(w.lots), who = seller(w, of), at = `lots/${of.id}`;
    await w.chance.weighed([
        [6, () => w.tell(who, 'PATCH', at, { add: w.chance.between(-2000, 6000) })],
        [2, () => w.tell(who, 'PATCH', at, { price: w.chance.pick([1, 7, 33333, 20000, 19999]) })],
        [2, () => w.tell(who, 'PATCH', at, { limit: w.chance.pick([0, 0, 500, 3000]) })],
        [2, () => w.tell(who, 'PATCH', at, { state: w.chance.pick(['open', 'open', 'closed']) })],
        [3, () => w.tell(who, 'POST', `${at}/flash`, { price: w.chance.pick([1, 5, 9999]), amount: w.chance.between(1, 2000), minutes: 5, ...(w.chance.maybe(0.5) ? { limit: 700 } : {}) })],
        [2, () => w.tell(who, 'POST', `${at}/flash/end`)],
        [2, () => w.tell(who, 'POST', `${at}/writeoffs`, { amount: w.chance.between(1, 300), reason: w.chance.pick(['spoiled', 'pests', 'returned', 'expired']), at: w.clock() })],
        [3, async () => {
            const known = w.chance.pick(w.orders);
            if (known) await w.tell(who, 'POST', `${at}/writeoffs`, { amount: w.chance.between(1, 300), reason: 'returned', order: known.code });
        }],
        [1, () => w.tell(who, 'POST', `${at}/origin`, { plot: note(w) || 'Nương', picked_at: w.clock() })],
        [1, () => w.tell(who, 'POST', `${at}/picked`, { amount: w.chance.between(0, 9000), at: w.clock() })],
        [1, async () => {
            if (w.lots.length > 12) return;
            const soon = Date.now() + 3_600_000;
            const reply = await w.tell(who, 'POST', `stalls/${of.stall}/lots`, { name: 'Mận', unit: 'kg', price: 25000, amount: 3000, ...(w.chance.maybe(0.5) ? { pick_at: soon, order_until: soon } : {}) });
            if (reply.status === 201) w.lots.push({ id: reply.body.lot.id, stall: of.stall, unit: 'kg' });
        }],
    ])();
}

async function stall(w) {
    const { slug } = w.chance.pick(w.stalls);
    const change = w.chance.weighed([[2, { state: 'closed' }], [5, { hold_minutes: w.chance.pick([0, 1, 10]) }], [1, { about: note(w) || 'x' }]]);
    await w.tell(seller(w, { stall: slug }), 'PATCH', `stalls/${slug}`, change);
    if (change.state) await w.tell(w.farmerOf(slug), 'PATCH', `stalls/${slug}`, { state: 'open' });
}

/** The time of a hold is over, whoever was about to pay. */
async function timePasses(w) {
    const known = w.chance.pick(w.orders);
    if (known) holdEnds(w.stack.database, known.code);
}

async function settings(w) {
    const office = w.chance.pick(w.office), admin = w.chance.maybe(0.8) ? w.chance.pick(w.admins) : office;
    await w.chance.weighed([
        [3, async () => {
            const id = w.zones.length > 2 && w.chance.pick(w.zones);
            const reply = await w.tell(office, 'POST', 'zones', { ...(id ? { id } : {}), name: `Vùng ${id || w.number}`, base: w.chance.pick([0, 9999, 10000]), included: 1000, per_kg: w.chance.pick([0, 777, 2000]),
                courier_points: w.chance.pick([0, 3333, 10000]), state: w.chance.maybe(0.9) ? 'open' : 'closed' });
            if (reply.status === 200 && !id) w.zones.push(reply.body.zone.id);
        }],
        [2, () => w.tell(admin, 'POST', 'cash-bounds', { refusals: w.chance.between(1, 9), days: 90, owed_max: w.chance.pick([0, 30000, 5_000_000, 100_000_000]) })],
        [1, () => w.tell(admin, 'POST', 'tax-rates', { from: '2099-01-01', goods_vat: 100, goods_income: w.chance.below(100), transport_vat: 300, transport_income: 150, services_vat: 500, services_income: 200 })],
        [2, () => w.accounts.length && w.tell(office, 'POST', `stalls/${w.chance.pick(w.stalls).slug}/payee`, { account: w.chance.pick(w.accounts).id, fee_points: w.chance.pick([0, 333, 5000]) })],
    ])();
}

/** Looks at everything, mostly what is none of one's business. */
async function look(w) {
    const who = w.chance.pick(w.people), { slug } = w.chance.pick(w.stalls), known = w.chance.pick(w.orders), person = w.chance.pick(w.hands).id;
    const paths = ['orders', `orders?stall=${slug}`, `stalls/${slug}`, 'stalls', 'me', 'me/cash', 'me/sessions', 'waits', `waits?stall=${slug}`, 'people', 'refunds', 'payment-tasks', 'handovers', 'cash', 'cash/expected', 'cash/takers',
        'bank-accounts', 'carriers', 'zones', 'trips', 'trips/waiting', 'tax-rates', 'cash-bounds', `stalls/${slug}/payee`, `stalls/${slug}/writeoffs`, `stalls/${slug}/tokens`, `people/${person}/settlement`, `labels?lot=${w.chance.pick(w.lots).id}`, 'lives',
        ...(known ? [`orders/${known.code}`, `orders/${known.code}/payment`, `orders/${known.code}/delivery`, `labels?order=${known.code}`, `orders/${known.code.slice(0, -1)}X`] : []),
        ...w.chance.some(w.trips, 2).map((t) => `trips/${t.id}`), ...w.chance.some(w.stops, 2).map((s) => `stops/${s}/proofs`), ...w.chance.some(w.carriers, 1).map((c) => `carriers/${c}`)];
    for (const path of w.chance.some(paths, 4)) await w.ask(who, 'GET', path);
    const odd = w.chance.pick(['limit=-1', 'limit=1e9', 'before=0', 'from=x', 'from=9223372036854775808', 'to=-1', 'person=2', 'state=%ff', 'stall=', 'stall=..', 'kind=%27', 'id=1', 'x'.repeat(300), 'a=1&a=2']);
    await w.ask(who, 'GET', `${w.chance.pick(paths).split('?')[0]}?${odd}`);
}

/** Steps that may be done beside one another: what they are told does not depend on who was first. */
const together = [[18, order], [12, confirm], [4, cancel], [8, weigh], [3, extra], [3, close], [2, payWay], [5, credit], [3, merge], [5, wait], [3, answerOffer], [5, lot], [2, stall], [2, settings], [5, look]];

async function crowd(w) {
    await Promise.all(Array.from({ length: w.chance.between(2, 5) }, () => w.chance.weighed(together)(w)));
}

/** All want something of one order in the same moment, each with a key of its own. */
async function clash(w) {
    w.focus = w.chance.pick(w.orders.slice(-10));
    const acts = [[3, confirm], [2, cancel], [4, weigh], [1, extra], [2, close], [1, payWay], [2, cash], [2, credit]];
    await Promise.all(Array.from({ length: w.chance.between(2, 4) }, () => w.chance.weighed(acts)(w)));
    w.focus = undefined;
}

/** Goods of an order that nobody wants back on sale. */
async function spoil(w) {
    const [known, now] = await anOrder(w, 'confirmed'), line = w.chance.pick(now.lines);
    await w.tell(seller(w, known), 'POST', `lots/${line.lot}/writeoffs`, { amount: w.chance.pick([1, line.quantity || 1, Math.ceil(line.quantity / 2) || 1]), reason: w.chance.pick(['spoiled', 'returned']), order: known.code, at: w.clock() });
}

/** All that may become of one order, in any sequence: paid thrice, weighed after the door, handed on, given back, refunded, written off. */
async function life(w) {
    const from = w.orders.length;
    await order(w);
    w.focus = w.orders.length > from ? w.orders.at(-1) : w.chance.pick(w.orders.slice(-10));
    if (w.chance.maybe(0.8)) await w.tell(w.farmerOf(w.focus.stall), 'POST', `orders/${w.focus.code}/confirm`);
    const acts = [[2, weigh], [1, extra], [1, payWay], [2, cash], [2, credit], [2, transfer], [2, spoil], [2, grant], [1, cancel], [1, close], ...doorSteps];
    for (let n = w.chance.between(4, 14); n > 0; n--) await w.chance.weighed(acts)(w);
    w.focus = undefined;
}

const all = [...together, ...bankSteps, ...driveSteps, [1, timePasses], [6, life], [5, crowd], [4, clash]];

/** The ground the walk stands on: an account, zones, a delivery company. */
export async function prepare(w) {
    const [admin, cadre] = w.office;
    for (const [i, owner] of [undefined, w.stalls[1].farmer].entries()) {
        const number = `36002051234${50 + i}`;
        const { id } = ok(await w.tell(cadre, 'POST', 'bank-accounts', { bin: '970405', number, holder: 'HTX', ...(owner ? { owner } : {}) }), 201);
        w.accounts.push({ id, number });
        ok(await w.tell(admin, 'POST', `stalls/${w.stalls[i].slug}/payee`, { account: id, fee_points: 500 }));
    }
    for (const [name, base] of [['Mường Xén', 10000], ['Bản', 0]]) w.zones.push(ok(await w.tell(cadre, 'POST', 'zones', { name, base, included: 1000, per_kg: 1500, courier_points: 7000 })).zone.id);
    for (const who of w.buyers) {        // two first orders at once would be two people, of whom the phone remembers one
        const [{ id, stall }] = w.lots, { price } = (await get(w, who, `stalls/${stall}`)).lots.find((l) => l.id === id);
        keepOrder(w, who, ok(await w.tell(who, 'POST', 'orders', { stall, lines: [{ lot: id, quantity: 1, price }], name: 'Chị Hoa', phone: who.phone }), 201).order, stall);
    }
    w.carriers.push(...ok(await w.tell(cadre, 'POST', 'carriers', { name: 'Giao Nhanh' })).carriers.map((c) => c.id));
}

export async function step(w) {
    w.number++;
    const run = w.chance.weighed(all);
    w.step = run.name;
    await run(w);
}
