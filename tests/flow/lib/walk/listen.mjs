// listen.mjs: everybody also hears what is pushed; nobody hears of others what is not for them.
import { Live } from '../live.mjs';

/** One socket for each person and stall, as their pages hold them open. */
export async function listen(w) {
    w.sockets = [];
    for (const who of w.people.filter((p) => !p.office)) {
        for (const { slug } of w.stalls) w.sockets.push({ who, slug, at: 0, live: await Live.join(who.client, slug) });
    }
}

/** Rows since the last look: numbers are for those who may know them, orders as a whole too; each row once and in order. */
export function heard(w) {
    for (const socket of w.sockets) {
        const { who, slug, live } = socket, rows = live.rows;
        for (const row of rows.slice(socket.at)) {
            const text = JSON.stringify(row);
            for (const [phone] of text.matchAll(/\+8490000\d{4}/g)) if (!w.mayKnow(who, phone)) w.fault(`${who.name} heard ${phone}.`, text);
            const order = row.body?.order, code = order?.code ?? order, known = code && w.orders.find((o) => o.code === code);
            if (known && known.buyer !== who.name && who.stall !== known.stall) w.fault(`${who.name} heard of another's order.`, text);
        }
        socket.at = rows.length;
        if (rows.some((row, i) => i > 0 && row.id <= rows[i - 1].id)) w.fault(`${who.name} heard rows twice or out of order.`, slug);
    }
}

export const hush = (w) => Promise.all((w.sockets ?? []).map((s) => s.live.close()));
