// demands.mjs: what must hold whenever the walk stops to look: the books, the goods, what each page says, and that nobody gets at what
// is somebody else's.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { newKey } from '../api.mjs';
import { rows } from '../database.mjs';
import { build } from '../stack.mjs';
import { until } from '../until.mjs';
import { heard } from './listen.mjs';

const SAMPLE = 8;

function verified(w) {
    const { status, stdout, stderr } = spawnSync(join(build, 'bin/market'), ['verify', '--data', w.stack.dir], { encoding: 'utf8', env: { ...process.env, ASAN_OPTIONS: 'detect_leaks=0' } });
    if (status !== 0 || JSON.parse(stdout).ok !== true) w.fault('market verify.', `${stdout}${stderr}`);
}

/** Counted anew from the rows, apart from how the program counts. */
function books(w) {
    const all = (what, sql) => { for (const row of rows(w.stack.database, sql)) w.fault(what, JSON.stringify(row)); };
    all('goods below nothing.', 'SELECT * FROM lot WHERE available < 0 OR held < 0 OR sold < 0 OR available + held + sold <> total');
    all('a lot is not what its orders have of it.', `SELECT l.id, l.held + l.sold AS out, COALESCE(x.n, 0) AS ordered FROM lot l LEFT JOIN (SELECT i.lot, SUM(COALESCE(s.quantity, i.quantity)) AS n
        FROM order_line i JOIN orders o ON o.id = i.order_id LEFT JOIN line_state s ON s.order_id = i.order_id AND s.position = i.position WHERE o.state <> 'cancelled' GROUP BY i.lot) x ON x.lot = l.id
        WHERE l.held + l.sold <> COALESCE(x.n, 0)`);
    all('an order is not charged what it costs.', `SELECT o.code, o.state, o.total, COALESCE(x.n, 0) AS charged FROM orders o LEFT JOIN (SELECT a.subject, SUM(p.amount) AS n FROM account a JOIN posting p ON p.account = a.id
        JOIN entry e ON e.id = p.entry LEFT JOIN entry r ON r.id = e.reverses WHERE a.kind = 'order' AND COALESCE(r.kind, e.kind) IN ('charge', 'adjust') GROUP BY a.subject) x ON x.subject = o.id
        WHERE COALESCE(x.n, 0) <> CASE o.state WHEN 'confirmed' THEN o.total ELSE 0 END`);
    all('the co-op\'s part is not its rate of the goods.', `SELECT o.code, y.fee, y.goods, y.points FROM (SELECT e.order_id, COALESCE((SELECT SUM(-p.amount) FROM entry x JOIN posting p ON p.entry = x.id JOIN account a ON a.id = p.account
        WHERE x.order_id = e.order_id AND a.kind = 'fees'), 0) AS fee, CASE o.state WHEN 'confirmed' THEN o.total - COALESCE(f.amount, 0) ELSE 0 END AS goods,
        COALESCE((SELECT q.fee_points FROM payee q WHERE q.stall = o.stall AND q.starts_at <= e.at_ms ORDER BY q.id DESC LIMIT 1), 0) AS points
        FROM entry e JOIN orders o ON o.id = e.order_id LEFT JOIN order_fee f ON f.order_id = o.id WHERE e.kind = 'charge') y JOIN orders o ON o.id = y.order_id WHERE y.fee <> (y.goods * y.points + 5000) / 10000
        AND NOT EXISTS (SELECT 1 FROM payee q JOIN entry e ON e.at_ms = q.starts_at WHERE q.stall = o.stall AND e.order_id = o.id AND e.kind = 'charge')`);
    all('a closed order still owes or is owed.', 'SELECT o.code, a.balance FROM order_end e JOIN orders o ON o.id = e.order_id JOIN account a ON a.kind = \'order\' AND a.subject = o.id WHERE a.balance <> 0');
    all('a closed order is on its way.', "SELECT o.code, s.state FROM order_end e JOIN orders o ON o.id = e.order_id JOIN stop s ON s.order_id = o.id WHERE s.state IN ('waiting', 'arrived')");
    all('more waits to be given back than is good.', `SELECT * FROM (SELECT o.buyer, SUM(t.amount) AS waits, COALESCE((SELECT -a.balance FROM account a WHERE a.kind = 'credit' AND a.subject = o.buyer), 0) AS good
        FROM pay_task t JOIN orders o ON o.id = t.order_id WHERE t.closed_at IS NULL AND t.kind IN ('over', 'late', 'refund-due') GROUP BY o.buyer) x WHERE waits > good`);
    all('a movement at the bank has no end and waits for nobody.', `SELECT e.id FROM bank_event e LEFT JOIN disposition d ON d.event = e.id LEFT JOIN pay_task t ON t.event = e.id AND t.closed_at IS NULL WHERE d.event IS NULL AND t.id IS NULL`);
    all('a flash price gave more than it had.', 'SELECT * FROM flash WHERE taken < 0 OR taken > amount');
    all('bad goods are on sale.', 'SELECT lot FROM (SELECT lot, SUM(amount) AS n FROM writeoff w WHERE NOT EXISTS (SELECT 1 FROM writeoff_back b WHERE b.writeoff = w.id) GROUP BY lot) x WHERE n <> (SELECT -SUM(s.amount) FROM stock s WHERE s.lot = x.lot AND s.why IS NOT NULL)');
}

const balances = (w, kind) => new Map(rows(w.stack.database, `SELECT subject, balance FROM account WHERE kind = '${kind}'`).map((r) => [r.subject, r.balance]));

/** The walk's own books of hands and banks, against the market's and against what it says to those hands. */
async function ownBooks(w) {
    await until('the notices to be worked off', () => rows(w.stack.database, "SELECT 1 FROM bank_raw WHERE read = 'waiting'").length === 0);
    const pockets = balances(w, 'cash'), banks = balances(w, 'bank');
    for (const { id, name, client } of w.hands) {
        const should = w.pockets.get(id) ?? 0, { body } = await client.get('/api/v1/handovers');
        if (should !== (pockets.get(id) ?? 0) || should !== body.balance) w.fault(`${name}'s pocket.`, `${should}, in the book ${pockets.get(id)}, told ${body.balance}`);
    }
    for (const { id } of w.accounts) if ((w.bank.get(id) ?? 0) !== (banks.get(id) ?? 0)) w.fault('the bank.', `account ${id}: told ${w.bank.get(id)}, in the book ${banks.get(id)}`);
}

/** What the office and the farmers read: settlements, delivery companies, accounts, refunds that wait to be paid. */
async function statements(w) {
    const office = w.office[1], farmers = balances(w, 'farmer'), carriers = balances(w, 'carrier'), banks = balances(w, 'bank');
    for (const { farmer, slug } of w.stalls) {
        const { settlement: s } = (await w.ask(w.farmerOf(slug), 'GET', `people/${farmer}/settlement`)).body, owed = -(farmers.get(farmer) ?? 0);
        const sum = s.rows.reduce((n, row) => n + row.amount, s.opening);
        if (s.closing !== owed || sum !== owed || s.earned - s.taken_back - s.paid + s.opening !== owed || s.payable - s.clawback !== owed) w.fault('a settlement is not what the book says.', `${owed} ${JSON.stringify({ ...s, rows: sum })}`);
    }
    for (const c of (await w.ask(office, 'GET', 'carriers')).body.carriers) if (c.balance !== (carriers.get(c.id) ?? 0)) w.fault('a delivery company owes something else.', JSON.stringify(c));
    for (const a of (await w.ask(office, 'GET', 'bank-accounts')).body.accounts) if (a.balance !== (banks.get(a.id) ?? 0)) w.fault('an account has something else.', JSON.stringify(a));
    const granted = (await w.ask(office, 'GET', 'refunds?state=granted')).body.refunds.reduce((n, r) => n + r.amount, 0);
    if (granted !== -[...balances(w, 'refund').values()].reduce((n, b) => n + b, 0)) w.fault('refunds that wait are not what the book says.', granted);
}

/** What the buyer's page says: the same as the farmer's and the office's, and as the book's. */
async function pages(w, sample) {
    const due = balances(w, 'order'), good = balances(w, 'credit'), buyers = new Map(rows(w.stack.database, 'SELECT id, buyer FROM orders').map((r) => [r.id, r.buyer]));
    for (const { code, id, stall, buyer } of sample) {
        const three = [w.people.find((p) => p.name === buyer), w.farmerOf(stall), w.office[1]];
        const said = await Promise.all(three.map((p) => w.ask(p, 'GET', `orders/${code}`)));
        if (new Set(said.map((r) => r.text)).size !== 1) w.fault('an order is another for its buyer, its farmer and the office.', said.map((r) => r.text).join(' '));
        if (said.some((r) => r.status !== 200)) {
            w.fault('an order is not there for its buyer, its farmer or the office.', said.map((r) => r.text).join(' '));
            continue;
        }
        const { order } = said[0].body, { payment: p, qr, credit } = (await w.ask(three[0], 'GET', `orders/${code}/payment`)).body;
        const kept = p.received - p.returned, owed = order.state === 'cancelled' ? 0 : order.total;
        const balance = (due.get(id) ?? 0) + (order.state === 'placed' ? order.total : 0);
        if (p.total !== order.total || p.due !== Math.max(owed - kept, 0) || p.surplus !== Math.max(kept - owed, 0) || balance !== owed - kept) w.fault('a payment is not what the book says.', JSON.stringify({ order, p, balance }));
        if (credit.use > Math.min(credit.have, p.due) || credit.have !== -(good.get(buyers.get(id)) ?? 0)) w.fault('a buyer is told of another credit than there is.', JSON.stringify({ code, credit, p }));
        if (qr && qr.amount !== p.due) w.fault('a QR for something else than what is due.', code);
        const sum = order.lines.reduce((n, l) => n + l.amount, order.delivery?.amount ?? 0);
        if (sum !== order.total) w.fault('lines and fee are not the total.', JSON.stringify(order));
    }
}

/** Whoever waits first and could have what there is has been asked. */
async function line(w) {
    await until('the line to be served', () => rows(w.stack.database, `SELECT w.id FROM wait w JOIN lot l ON l.id = w.lot JOIN stall s ON s.id = l.stall
        WHERE w.state = 'waiting' AND l.state = 'open' AND s.state = 'open' AND l.available >= w.least`).length === 0).catch((e) => w.fault(e.message));
}


/** Every id as everybody whose it is not: it is not there, or not theirs to touch; and nothing has changed. */
async function strangers(w, sample) {
    const before = rows(w.stack.database, 'SELECT COUNT(*) AS n FROM answer')[0].n;
    const no = async (who, method, path, body) => {
        const reply = await w.ask(who, method, path, body && { ...body, key: newKey() });
        if (![401, 403, 404].includes(reply.status)) w.fault(`${who.name} got at what is somebody else's.`, `${method} ${path} → ${reply.status} ${reply.text.slice(0, 200)}`);
    };
    const tries = [];
    const forAll = (people, list) => { for (const who of people) for (const one of list) tries.push([who, ...one]); };
    for (const o of sample) {
        const lot = w.lots.find((l) => l.stall === o.stall).id, at = `orders/${o.code}`;
        const others = w.is((p) => !p.office && p.name !== o.buyer && p.stall !== o.stall && p.token !== o.stall);
        forAll(others, [['GET', at], ['GET', `${at}/payment`], ['GET', `${at}/delivery`], ['GET', `labels?order=${o.code}`], ['POST', `${at}/cancel`, {}], ['POST', `${at}/confirm`, {}], ['POST', `${at}/close`, {}], ['POST', `${at}/take`, {}],
            ['POST', `${at}/weigh`, { lot, weighed: 1 }], ['POST', `${at}/extra`, { lot, answer: 'accept' }], ['POST', `${at}/pay-way`, { way: 'cash' }], ['POST', `${at}/credit`, {}], ['POST', `${at}/refunds`, { amount: 1, reason: 'x' }],
            ['POST', `lots/${lot}/writeoffs`, { amount: 1, reason: 'spoiled', order: o.code }]]);
        forAll(others.filter((p) => !o.couriers.has(p.id)), [['POST', `${at}/cash`, { amount: 1 }]]);
        forAll([w.farmerOf(o.stall)].filter((p) => p.name !== o.buyer), [['POST', `${at}/credit`, {}], ['POST', `${at}/extra`, { lot, answer: 'accept' }], ['POST', `${at}/take`, {}]]);
    }
    for (const trip of w.chance.some(w.trips, 2)) {
        const at = `trips/${trip.id}`, others = w.is((p) => !p.office && p !== trip.courier);
        forAll(others, [['GET', at], ['POST', `${at}/stops`, { orders: [] }], ['POST', `${at}/move`, { to: 'closed' }]]);
        for (const { id } of (await w.ask(w.office[0], 'GET', at)).body.trip.stops.slice(0, 2)) {
            forAll(others, [['GET', `stops/${id}/proofs`]]);
            forAll(w.is((p) => p !== trip.courier), [['POST', `stops/${id}/mark`, { to: 'arrived' }], ['POST', `stops/${id}/undo`, {}]]);
        }
    }
    for (const wait of w.chance.some(w.waits, 3)) forAll(w.is((p) => p.name !== wait.who), [['POST', `waits/${wait.id}/leave`, {}]]);
    for (const h of w.chance.some(w.handovers, 3)) forAll(w.is((p) => p !== h.taker), [['POST', `handovers/${h.id}/take`, { counted: 0, reason: 'x' }]]);
    for (const who of w.hands.filter((p) => !p.office)) forAll([who], w.hands.filter((p) => p !== who).map((p) => ['GET', `people/${p.id}/settlement`]));
    for (const { slug } of w.stalls) {
        const others = w.is((p) => !p.office && p.stall !== slug && p.token !== slug), { id } = w.lots.find((l) => l.stall === slug), of = `stalls/${slug}`, at = `lots/${id}`;
        forAll(others, [['GET', `${of}/payee`], ['GET', `${of}/tokens`], ['GET', `${of}/writeoffs`], ['GET', `orders?stall=${slug}`], ['GET', `waits?stall=${slug}`], ['PATCH', of, { about: 'x' }], ['POST', `${of}/lots`, { name: 'x', unit: 'kg', price: 1, amount: 1 }],
            ['PATCH', at, { price: 1 }], ['POST', `${at}/flash`, { price: 1, amount: 1, minutes: 1 }], ['POST', `${at}/flash/end`, {}], ['POST', `${at}/picked`, { amount: 1 }], ['POST', `${at}/writeoffs`, { amount: 1, reason: 'spoiled' }], ['POST', `${at}/origin`, { plot: 'x' }]]);
    }
    const farmer = w.people.find((p) => p.stall);
    forAll([farmer], [['DELETE', `me/sessions/${rows(w.stack.database, `SELECT MAX(id) AS id FROM session WHERE person <> ${farmer.id}`)[0].id}`]]);
    const account = w.accounts[0].id, person = w.hands[0].id;
    forAll(w.is((p) => !p.office), [['GET', 'people'], ['GET', 'refunds'], ['GET', 'payment-tasks'], ['GET', 'bank-accounts'], ['GET', 'carriers'], ['GET', 'tax-rates'], ['GET', 'cash-bounds'], ['GET', `carriers/${w.carriers[0]}`], ['POST', 'zones', { name: 'x', base: 0, included: 0, per_kg: 0 }],
        ['POST', `stalls/${w.stalls[0].slug}/payee`, { account }], ['POST', 'people', { name: 'x', phone: '0912345678', roles: ['admin'] }], ['POST', `people/${person}/links`, {}], ['POST', 'refunds/1/pay', { way: 'cash' }], ['POST', 'payment-tasks/1', { outcome: 'seen', reason: 'x' }]]);
    forAll(w.is((p) => !p.admin), [['POST', 'cash-bounds', { refusals: 1, days: 1, owed_max: 0 }], ['POST', `people/${person}/payouts`, { way: 'cash', amount: 1, reference: 'x' }], ['POST', `carriers/${w.carriers[0]}/differences`, { amount: 1, reason: 'x' }]]);
    forAll(w.is((p) => p.buyer || p.stall || p.name === 'stranger' || p.token), [['GET', 'trips'], ['GET', 'trips/waiting'], ['POST', 'trips', { title: 'x' }]]);
    for (const [who, method, path, body] of w.chance.some(tries, 80)) await no(who, method, path, body);
    const after = rows(w.stack.database, 'SELECT COUNT(*) AS n FROM answer')[0].n;
    if (after !== before) w.fault('something was kept of what was refused.', `${after - before} answers`);
}

export async function demand(w) {
    w.step = 'looking';
    const sample = w.chance.some(w.orders, SAMPLE);
    await ownBooks(w);
    await statements(w);
    await pages(w, sample);
    await strangers(w, sample);
    await line(w);
    books(w);
    heard(w);
    verified(w);
}
