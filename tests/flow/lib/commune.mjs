// commune.mjs: people, stalls and lots made over the API, so that each test has its own and none disturbs another.
import { randomInt } from 'node:crypto';
import { newKey, ok } from './api.mjs';

let count = 0;
const unique = () => `${process.pid % 10000}-${++count}`;

/** A farmer with a log-in and an open stall. `lots`: what is for sale, {name, unit, price, amount}. */
export async function makeStall(stack, { lots = [{ name: 'Rau cải', unit: 'kg', price: 20000, amount: 10000 }] } = {}) {
    const cadre = stack.client('cadre');
    const phone = `09${randomInt(10000000, 99999999)}`;
    const password = `sương-${newKey()}`;
    const { person } = ok(await cadre.post('/api/v1/people',
        { name: `Người bán ${unique()}`, phone, place: 'Khe Nhinh', roles: ['farmer'], password, key: newKey() }), 201);
    const slug = `stall-${unique()}`;
    const { stall } = ok(await cadre.post('/api/v1/stalls',
        { slug, name: `Quầy ${slug}`, village: 'Khe Nhinh', about: 'Rau nương', farmer: person.id, key: newKey() }), 201);
    const farmer = stack.client();
    ok(await farmer.post('/api/v1/login', { phone, password }));
    const made = [];
    for (const lot of lots) made.push(ok(await farmer.post(`/api/v1/stalls/${slug}/lots`, { key: newKey(), ...lot }), 201).lot);
    return { slug, stall, person, farmer, cadre, phone, password, lots: made, lot: made[0] };
}

/** A live session that the cadre has approved: from now on the farmer may publish. */
export async function approvedLive({ slug, farmer, cadre }) {
    const { live } = ok(await farmer.post(`/api/v1/stalls/${slug}/lives`, { title: 'Hái rau sáng nay', key: newKey() }), 201);
    return ok(await cadre.post(`/api/v1/lives/${live.id}/approve`, { key: newKey() })).live;
}

/** A publish token of the stall, as an app on the farmer's phone would hold it. */
export async function publishToken({ slug, farmer }) {
    return ok(await farmer.post(`/api/v1/stalls/${slug}/tokens`, { kind: 'publish', name: 'phone', key: newKey() }), 201).token;
}

export const orderBody = ({ slug, lot }, quantity, more = {}) => ({
    key: newKey(), stall: slug, lines: [{ lot: lot.id, quantity, price: lot.price }],
    name: 'Chị Hoa', phone: '0912345678', place: 'Mường Xén', ...more,
});

export const placeOrder = (buyer, stall, quantity, more) => buyer.post('/api/v1/orders', orderBody(stall, quantity, more));

/** Confirms the orders and puts them on a trip of the courier that has set off. */
export async function driveOut({ cadre }, courier, codes) {
    for (const code of codes) ok(await cadre.post(`/api/v1/orders/${code}/confirm`, { key: newKey() }));
    const { trip } = ok(await courier.post('/api/v1/trips', { key: newKey(), title: 'Chiều' }), 201);
    ok(await courier.post(`/api/v1/trips/${trip.id}/stops`, { key: newKey(), orders: codes }));
    for (const to of ['loaded', 'moving']) ok(await courier.post(`/api/v1/trips/${trip.id}/move`, { key: newKey(), to }));
    return trip;
}

export async function available(stack, { slug, lot }) {
    const snapshot = ok(await stack.client().get(`/api/v1/stalls/${slug}`));
    return snapshot.lots.find((l) => l.id === lot.id).available;
}
