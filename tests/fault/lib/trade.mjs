// trade.mjs: what a rig that breaks the market trades, and how it looks at what is left: nothing that anybody was told about may be
// missing, the file is whole, and `market verify` finds that stock, books and chain add up.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from '../../flow/lib/stack.mjs';
import { makeStall } from '../../flow/lib/commune.mjs';
import { newKey, ok } from '../../flow/lib/api.mjs';
import { integrity, rows } from '../../flow/lib/database.mjs';
import { until } from '../../flow/lib/until.mjs';

const KEY = 'sepay-key';
const NUMBER = '3600205123456';

/** The database is not whole, or does not add up: what a rig is there to find, and nothing else is that. */
export class Damaged extends Error {}

export class Trade {
    orders = new Map();     // code → đồng, of every order somebody was told about
    paid = new Map();       // code → đồng, of every notice that was answered
    unanswered = [];        // {buyer, body} that got no answer: the phone sends them again
    number = 0;
    seed = 1;

    async open() {
        this.stall = await makeStall(this.stack, { lots: [{ name: 'Khoai sọ', unit: 'kg', price: 20000, amount: 100000000 }] });
        writeFileSync(join(this.stack.dir, 'hooks.conf'), `[sepay]\nkey=${KEY}\n`, { mode: 0o600 });
        const { cadre, slug } = this.stall;
        const { id } = ok(await cadre.post('/api/v1/bank-accounts', { key: newKey(), bin: '970405', number: NUMBER, holder: 'HTX' }), 201);
        ok(await cadre.post(`/api/v1/stalls/${slug}/payee`, { key: newKey(), account: id, fee_points: 500 }));
    }

    /** A bank's notice that the order was paid, as text: told again it must be the same. */
    notice(code, amount) {
        const id = ++this.number + this.seed * 100000;
        return JSON.stringify({ id, gateway: 'Agribank', transactionDate: '2026-05-02 08:01:02', accountNumber: NUMBER, subAccount: null, code: null,
            content: `MBVCB.45.${code} chuyen tien`, transferType: 'in', transferAmount: amount, accumulated: 0, referenceCode: `FT${id}`, description: '' });
    }

    tell(text) {
        return this.stack.client().send('POST', '/api/v1/hooks/sepay', { text, headers: { authorization: `Apikey ${KEY}` } });
    }

    /** Throws Damaged when the file, or what is in it, is not whole. */
    whole(file = this.stack.database) {
        let words;
        try {
            words = integrity(file);
        } catch (error) {
            words = String(error.stderr ?? error.message);
            if (!/malformed|not a database/.test(words)) throw error; // anything else says nothing about the file
        }
        if (words !== 'ok') throw new Damaged(`integrity: ${words.slice(0, 300)}`);
        if (file === this.stack.database) this.addsUp();
    }

    addsUp() {
        const { status, stdout, stderr } = spawnSync(join(build, 'bin/market'), ['verify', '--data', this.stack.dir], { encoding: 'utf8', env: { ...process.env, ASAN_OPTIONS: 'detect_leaks=0' } });
        if (status !== 0 || JSON.parse(stdout).ok !== true) throw new Damaged(`verify: ${stdout}${stderr}`.slice(0, 600));
    }

    /** Codes of orders that somebody was told about and that are not there. */
    lost() {
        this.whole();
        const known = new Set(rows(this.stack.database, 'SELECT code FROM orders').map((r) => r.code));
        return [...this.orders.keys()].filter((code) => !known.has(code));
    }

    /** Every notice that is on disk has been read, and booked or laid before a person. */
    workedOff() {
        return until('the notices to be worked off', () => rows(this.stack.database, "SELECT 1 FROM bank_raw WHERE read = 'waiting'").length === 0);
    }

    /** Codes of orders whose payment was answered and is not booked exactly once. */
    unpaid() {
        const has = new Map(rows(this.stack.database, `SELECT o.code, SUM(-p.amount) AS n FROM orders o JOIN account a ON a.kind = 'order' AND a.subject = o.id
            JOIN posting p ON p.account = a.id JOIN entry e ON e.id = p.entry WHERE e.kind = 'payment' GROUP BY o.code`).map((r) => [r.code, r.n]));
        return [...this.paid].filter(([code, dong]) => has.get(code) !== dong).map(([code]) => code);
    }

    /** The phones that got no answer send again, with the same key: one order each, whether it had been saved or not. */
    async again() {
        for (const { buyer, body } of this.unanswered.splice(0)) {
            const reply = await until('an answer', () => buyer.post('/api/v1/orders', body));
            assert.equal(reply.status, 201, reply.text);
            const { code, total } = reply.body.order;
            assert.equal(rows(this.stack.database, `SELECT 1 FROM orders WHERE code = '${code}'`).length, 1);
            this.orders.set(code, total);
        }
    }

    /** What is missing, once the market is up again: {orders, payments}. */
    async look() {
        const lost = this.lost();
        await this.workedOff();
        const unpaid = this.unpaid();
        await this.again();
        return { orders: lost.length, payments: unpaid.length };
    }
}
