// drive.mjs: trips, doors and delivery companies of the walk, on good lines and bad, with clocks that are off.
const proof = (w) => w.chance.weighed([[6, { kind: 'signature', body: 'M1 1L2 2' }], [2, { kind: 'code', body: String(w.chance.between(1000, 9999)) }], [1, undefined]]);

async function plan(w) {
    if (w.trips.filter((t) => t.state !== 'closed').length > 2 && w.chance.maybe(0.9)) return;
    const who = w.chance.weighed([[6, w.chance.pick(w.couriers)], [2, w.chance.pick(w.office)], [1, w.chance.pick(w.people)]]);
    const courier = who.office ? w.chance.pick(w.couriers) : who;
    const reply = await w.tell(who, 'POST', 'trips', { title: 'Chiều', ...(who.office ? { courier: courier.id } : {}), ...(w.chance.maybe(0.3) ? { planned_at: w.clock() } : {}) });
    if (reply.status === 201) w.trips.push({ id: reply.body.trip.id, courier, state: 'planned' });
}

/** Whose trip it is, mostly. */
const driver = (w, trip) => w.chance.weighed([[8, trip.courier], [2, w.chance.pick(w.office)], [1, w.chance.pick(w.people)]]);
const aTrip = (w, ...states) => w.chance.pick(w.chance.maybe(0.05) ? w.trips : w.trips.filter((t) => states.includes(t.state)));

async function arrange(w) {
    const trip = aTrip(w, 'planned', 'loaded', 'moving');
    if (!trip) return;
    const who = driver(w, trip);
    const { body } = await w.ask(w.office[0], 'GET', 'trips/waiting');
    const { body: now } = await w.ask(w.office[0], 'GET', `trips/${trip.id}`);
    const waiting = w.chance.some(body.orders, 6).map((o) => o.code), kept = now.trip.stops.map((s) => s.order);
    const orders = [...(w.chance.maybe(0.8) ? kept : []), ...waiting, ...(w.focus ? [w.focus.code] : []), ...(w.chance.maybe(0.1) && w.orders.length ? [w.chance.pick(w.orders).code] : [])];
    const reply = await w.tell(who, 'POST', `trips/${trip.id}/stops`, { orders });
    if (reply.status !== 200) return;
    for (const stop of reply.body.trip.stops) if (!w.stops.includes(stop.id)) w.stops.push(stop.id);
}

async function move(w) {
    const trip = aTrip(w, 'planned', 'loaded', 'moving');
    if (!trip) return;
    const { body: { trip: now } } = await w.ask(w.office[0], 'GET', `trips/${trip.id}`);
    const on = { planned: 'loaded', loaded: 'moving', moving: 'closed', closed: 'planned' }[now.state];
    await w.tell(driver(w, trip), 'POST', `trips/${trip.id}/move`, { to: w.chance.maybe(0.9) ? on : w.chance.pick(['planned', 'loaded', 'moving', 'closed']), at: w.clock(), ...(w.chance.maybe(0.5) ? { note: 'thiếu tiền mặt' } : {}) });
}

async function spot(w) {
    const trip = aTrip(w, 'moving');
    if (!trip) return;
    const reply = await w.ask(driver(w, trip), 'POST', `trips/${trip.id}/spot`, { lat: w.chance.between(-90e6, 90e6), lon: 104150000 });
    if (reply.status !== 204 && reply.status < 400) w.fault('a place was answered oddly.');
}

/** The one that has the order on board, when one order is all that matters. */
async function aStop(w) {
    if (w.focus) {
        for (const trip of w.trips.filter((t) => t.state === 'moving')) {
            const { body } = await w.ask(w.office[0], 'GET', `trips/${trip.id}`), stop = body.trip.stops.find((s) => s.order === w.focus.code);
            if (stop) return [trip, stop];
        }
        return [];
    }
    const trip = aTrip(w, 'moving');
    if (!trip) return [];
    const { body } = await w.ask(w.office[0], 'GET', `trips/${trip.id}`);
    return [trip, w.chance.pick(body.trip.stops)];
}

const REASONS = ['not-home', 'refused', 'wrong-place', 'no-answer', 'quality', 'missing', 'damaged', 'spoiled', 'vehicle', 'road', 'weather'];
async function mark(w) {
    const [trip, stop] = await aStop(w);
    if (!stop) return;
    const to = w.chance.pick(['arrived', 'delivered', 'delivered', 'partial', 'partial', 'failed']), handed = to === 'delivered' || to === 'partial';
    const lines = w.chance.some(stop.lines, 2).map((l) => ({ lot: l.lot, quantity: w.chance.pick([0, Math.floor(l.quantity / 2), l.quantity]) }));
    const who = w.chance.maybe(0.9) ? trip.courier : w.chance.pick(w.people);
    const collected = handed ? w.chance.pick([0, stop.due, stop.due, stop.due + 500]) : 0;
    const reply = await w.tell(who, 'POST', `stops/${stop.id}/mark`, { to, at: w.clock(), ...(handed || w.chance.maybe(0.1) ? { proof: proof(w) } : {}), ...(collected ? { collected } : {}),
        ...(to === 'partial' || to === 'failed' ? { reason: w.chance.pick(REASONS) } : {}), ...(to === 'partial' && lines.length ? { lines } : {}) });
    if (reply.status === 200 && !reply.body.refused) w.addToPocket(who.id, collected);
}

async function undo(w) {
    const [trip, stop] = await aStop(w);
    if (!stop) return;
    const reply = await w.tell(w.chance.maybe(0.9) ? trip.courier : w.chance.pick(w.people), 'POST', `stops/${stop.id}/undo`, { at: w.clock() });
    if (reply.status === 200) w.addToPocket(trip.courier.id, -stop.collected);
}

async function hand(w) {
    const known = w.focus ?? w.chance.pick(w.orders.slice(-30)), carrier = w.chance.pick(w.carriers);
    if (!known) return;
    const tracking = `GN${w.seed % 1000}-${String(w.chance.below(400)).padStart(4, '0')}`;
    const reply = await w.tell(w.chance.maybe(0.9) ? w.chance.pick(w.office) : w.chance.pick(w.people), 'POST', `carriers/${carrier}/parcels`, { order: known.code, tracking });
    if (reply.status === 201) w.parcels.push({ carrier, tracking, order: known.code });
}

async function back(w) {
    const parcel = w.chance.pick(w.focus ? w.parcels.filter((p) => p.order === w.focus.code) : w.parcels);
    if (parcel) await w.tell(w.chance.pick(w.office), 'POST', `carriers/${parcel.carrier}/returns`, { tracking: parcel.tracking.toLowerCase() });
}

async function list(w) {
    const carrier = w.chance.pick(w.carriers), rows = w.chance.some(w.parcels.filter((p) => p.carrier === carrier && (!w.focus || p.order === w.focus.code)), 6);
    const lines = [...rows.map((p) => `${p.tracking},${w.chance.pick([0, 5000, 20000, 40000])},${w.chance.pick([0, 3000])}`), ...(w.chance.maybe(0.3) ? [`GN${w.seed % 1000}-${String(w.chance.below(400)).padStart(4, '0')},12345,0`] : [])];
    if (lines.length) await w.tell(w.chance.pick(w.office), 'POST', `carriers/${carrier}/lists`, { file: Buffer.from(`tracking,cod,fee\n${lines.join('\n')}\n`).toString('base64') });
}

async function difference(w) {
    await w.tell(w.chance.maybe(0.8) ? w.chance.pick(w.admins) : w.chance.pick(w.people), 'POST', `carriers/${w.chance.pick(w.carriers)}/differences`, { amount: w.chance.between(-5000, 5000) || 1, reason: 'lệch' });
}

/** Onto whatever trip there is, and off. */
async function drive(w) {
    if (!w.trips.some((t) => t.state !== 'closed')) await plan(w);
    await arrange(w);
    for (let i = 0; i < 2; i++) if (w.trips.some((t) => t.state === 'planned' || t.state === 'loaded')) await move(w);
}

export const doorSteps = [[4, drive], [6, mark], [3, undo], [3, hand], [2, back], [2, list]];
export const driveSteps = [[2, plan], [9, arrange], [9, move], [1, spot], [20, mark], [6, undo], [3, hand], [1, back], [2, list], [1, difference]];
