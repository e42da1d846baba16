// bank.mjs: the money of the walk: what banks tell (late, twice, mangled, out of order), cash from hand to hand, refunds, payouts.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

const KEY = 'walk-key';
let told = 0;

/** The bank's messenger has a secret from now on. */
export function openHooks(stack) {
    writeFileSync(join(stack.dir, 'hooks.conf'), `[sepay]\nkey=${KEY}\n`, { mode: 0o600 });
}

const stamp = () => new Date(Date.now() + 7 * 3_600_000).toISOString().slice(0, 19).replace('T', ' ');

/** As banks bring codes back: lower case, inside their own words, cut in two, one letter off. */
function mangle(w, code) {
    return w.chance.weighed([[5, code], [4, code.toLowerCase()], [3, `MBVCB.45.067.${code} chuyen tien CT tu 0123`], [2, `${code.slice(0, 4)} ${code.slice(4)}`],
        [2, `IBFT ${code} GD 174242-090822`], [1, `${code.slice(0, -1)}?`], [1, 'tien rau'], [1, `${code} ${w.chance.pick(w.orders).code}`]]);
}

function newMovement(w, more) {
    const reference = `FT${w.seed % 1000}${String(++told).padStart(6, '0')}`;
    const movement = { id: 500_000 + told, account: w.chance.pick(w.accounts), reference, at: stamp(), out: false, counted: false, ...more };
    movement.memo = `${movement.memo} ${reference}`;
    w.movements.push(movement);
    return movement;
}

/** What the books must say of a bank: each movement once, however often it was told. */
function count(w, movement) {
    if (!movement.counted) w.bank.set(movement.account.id, (w.bank.get(movement.account.id) ?? 0) + (movement.out ? -1 : 1) * movement.amount);
    movement.counted = true;
}

async function notify(w, movement) {
    const body = { id: movement.id, gateway: 'Agribank', transactionDate: movement.at, accountNumber: movement.account.number, subAccount: null, code: null, content: movement.memo,
        transferType: movement.out ? 'out' : 'in', transferAmount: movement.amount, referenceCode: movement.reference, description: '' };
    const messenger = w.people.find((p) => p.name === 'stranger').client;
    const knock = (key) => messenger.send('POST', '/api/v1/hooks/sepay', { body, headers: { authorization: `Apikey ${key}` } });
    if (w.chance.maybe(0.1) && (await knock('other')).status !== 401) w.fault('a messenger without the secret was let in.');
    const replies = await Promise.all(Array.from({ length: w.chance.weighed([[6, 1], [2, 2], [1, 5]]) }, () => knock(KEY)));
    for (const reply of replies) if (reply.status !== 200) w.fault('a genuine notice was not taken.', `${reply.status} ${reply.text}`);
    count(w, movement);
}

export async function transfer(w) {
    const known = w.focus ?? w.chance.pick(w.orders.slice(-30));
    if (!known) return;
    const { body } = await w.ask(w.office[0], 'GET', `orders/${known.code}/payment`);
    const due = body.payment.due || w.chance.between(1, 50_000);
    const amount = w.chance.pick([due, due, due, Math.ceil(due / 2), due + 1, due * 2]);
    const movement = newMovement(w, { amount, memo: mangle(w, known.code) });
    if (w.chance.maybe(0.8)) await notify(w, movement);        // else the statement will tell
}

/** An old notice once more. */
async function lateNotice(w) {
    const movement = w.chance.pick(w.movements);
    if (movement) await notify(w, movement);
}

async function statement(w) {
    const account = w.chance.pick(w.accounts);
    const rows = w.chance.some(w.movements.filter((m) => m.account === account), 20);
    if (!rows.length) return;
    const line = (m) => `${m.at.slice(0, 10).split('-').reverse().join('/')} ${m.at.slice(11)},${m.reference},${m.out ? m.amount : ''},${m.out ? '' : m.amount},"${m.memo}"`;
    const file = Buffer.from(`Ngày giao dịch,Số tham chiếu,Ghi nợ,Ghi có,Mô tả\n${rows.map(line).join('\n')}\n`).toString('base64');
    const reply = await w.tell(w.chance.maybe(0.9) ? w.chance.pick(w.office) : w.chance.pick(w.people), 'POST', `bank-accounts/${account.id}/statements`, { file });
    if (reply.status !== 200) return;
    const { counts } = reply.body;
    if (counts.rows !== rows.length) w.fault('rows of a statement were left out.', JSON.stringify(counts));
    for (const movement of rows) count(w, movement);
}

export async function cash(w) {
    const known = w.focus ?? w.chance.pick(w.orders.slice(-30));
    if (!known) return;
    const who = w.chance.weighed([[4, w.farmerOf(known.stall)], [2, w.chance.pick(w.office)], [3, w.chance.pick(w.couriers)], [1, w.chance.pick(w.people)]]);
    const amount = w.chance.pick([1, 1000, 20_000, 499_999_999 * (w.chance.maybe(0.02) ? 1 : 0) || 33_333]);
    const reply = await w.tell(who, 'POST', `orders/${known.code}/cash`, { amount });
    if (reply.status === 200) w.addToPocket(who.id, amount);
}

async function give(w) {
    const giver = w.chance.pick(w.hands), taker = w.chance.pick(w.hands), has = w.pockets.get(giver.id) ?? 0;
    const amount = w.chance.pick([has, Math.ceil(has / 2), has + 1, 1000]) || 1;
    const reply = await w.tell(giver, 'POST', 'handovers', { to: taker.id, amount });
    if (reply.status === 201) w.handovers.push({ id: reply.body.handover.id, giver, taker, amount });
}

async function take(w) {
    const handover = w.chance.pick(w.handovers);
    if (!handover) return;
    const counted = w.chance.pick([handover.amount, handover.amount, handover.amount - 1, 0, handover.amount + 1]);
    const who = w.chance.maybe(0.9) ? handover.taker : w.chance.pick(w.people);
    const reply = await w.tell(who, 'POST', `handovers/${handover.id}/take`, { counted: Math.max(counted, 0), ...(w.chance.maybe(0.8) ? { reason: 'đếm lại' } : {}) });
    if (reply.status !== 200) return;
    if (who !== handover.taker) w.fault('somebody else took what was handed over.');
    w.addToPocket(handover.giver.id, -reply.body.handover.counted);
    w.addToPocket(who.id, reply.body.handover.counted);
}

export async function grant(w) {
    const known = w.focus ?? w.chance.pick(w.orders);
    if (!known) return;
    const { body } = await w.ask(w.office[0], 'GET', `orders/${known.code}/payment`);
    await w.tell(w.chance.maybe(0.9) ? w.chance.pick(w.office) : w.chance.pick(w.people), 'POST', `orders/${known.code}/refunds`,
        { amount: w.chance.pick([body.payment.returned, 1, 5000, body.payment.received]) || 1, reason: 'trả lại' });
}

async function payRefund(w) {
    const { body } = await w.ask(w.office[0], 'GET', 'refunds');
    const refund = w.chance.pick(body.refunds.filter((r) => r.state === 'granted' || w.chance.maybe(0.1)));
    if (!refund) return;
    const who = w.chance.maybe(0.8) ? w.chance.pick(w.admins) : w.chance.pick(w.people), way = w.chance.pick(['bank', 'cash']);
    const reference = `PAID${++told}`;
    const reply = await w.tell(who, 'POST', `refunds/${refund.id}/pay`, { way, reference });
    if (reply.status !== 200) return;
    if (reply.body.refund.paid_by === reply.body.refund.granted_by) w.fault('one person granted and paid a refund.');
    if (way === 'cash') w.addToPocket(who.id, -refund.amount);
    else if (w.chance.maybe(0.7)) newMovement(w, { amount: refund.amount, out: true, memo: `hoan tien ${reference}` });
}

async function decide(w) {
    const { body } = await w.ask(w.office[0], 'GET', 'payment-tasks');
    const task = w.chance.pick(body.tasks);
    if (!task) return;
    await w.ask(w.chance.pick(w.office), 'GET', `payment-tasks/${task.id}/suggestions`);
    const outcome = w.chance.pick(['matched', 'matched', 'joined', 'banked', 'seen', 'carrier']), person = w.chance.pick(w.hands).id;
    const more = { matched: { order: w.chance.pick(w.orders)?.code ?? 'CX00000000' }, banked: { person }, carrier: { carrier: w.chance.pick(w.carriers) ?? 1 }, seen: { reason: 'đã gọi' }, joined: {} }[outcome];
    const reply = await w.tell(w.chance.maybe(0.9) ? w.chance.pick(w.office) : w.chance.pick(w.people), 'POST', `payment-tasks/${task.id}`, { outcome, ...more });
    if (reply.status === 200 && outcome === 'banked') w.addToPocket(person, -task.amount);
}

async function payout(w) {
    const who = w.chance.maybe(0.9) ? w.chance.pick(w.admins) : w.chance.pick(w.people), to = w.chance.pick(w.hands).id, way = w.chance.pick(['bank', 'cash', 'direct']);
    const { body } = await w.ask(w.office[0], 'GET', `people/${to}/settlement`);
    const amount = w.chance.pick([body.settlement.payable, Math.ceil(body.settlement.payable / 3), body.settlement.payable + 1]) || 1;
    const reply = await w.tell(who, 'POST', `people/${to}/payouts`, way === 'direct' ? { way } : { way, amount, reference: `OUT${++told}`, ...(way === 'bank' ? { account: w.chance.pick(w.accounts).id } : {}) });
    if (reply.status === 200 && way === 'cash') w.addToPocket(who.id, -amount);
}

export const bankSteps = [[8, transfer], [3, lateNotice], [3, statement], [5, cash], [4, give], [4, take], [2, grant], [2, payRefund], [5, decide], [3, payout]];
