// powercut.mjs: rounds of trade with the power cut in the middle. What each client was told must be there when the lights are on
// again, the books must balance and the chain must hold. Rounds build on each other: the next one starts from what the cut left.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Stack, build } from '../../flow/lib/stack.mjs';
import { makeStall, orderBody } from '../../flow/lib/commune.mjs';
import { newKey, ok } from '../../flow/lib/api.mjs';
import { integrity, rows } from '../../flow/lib/database.mjs';
import { sleep, until } from '../../flow/lib/until.mjs';

const KEY = 'sepay-key';
const NUMBER = '3600205123456';
const FILES = ['market.db', 'market.db-wal'];

/** One rig: a market whose disk can lose its power. `lies`: a disk that only says it has synced. */
export class Rig {
    static async start({ lies = false, seed = 1 } = {}) {
        const rig = new Rig();
        rig.dir = mkdtempSync(join(tmpdir(), 'cho-cut-'));
        rig.shadow = join(rig.dir, 'disk');
        mkdirSync(rig.shadow);
        rig.lies = lies;
        rig.seed = seed;
        rig.orders = new Map(); // code → body, of every order somebody was told about
        rig.paid = new Map(); // code → đồng, of every notice that was answered
        rig.unanswered = []; // bodies that got no answer: the phone sends them again
        rig.number = 0;
        rig.stack = await Stack.start({ dir: join(rig.dir, 'data'), args: ['--relay', 'none'], env: {
            ASAN_OPTIONS: 'detect_leaks=1:exitcode=99:verify_asan_link_order=0', LD_PRELOAD: join(build, 'tests/powercut.so'), POWERCUT_SHADOW: rig.shadow, POWERCUT_SEED: String(seed),
        } });
        rig.stall = await makeStall(rig.stack, { lots: [{ name: 'Khoai sọ', unit: 'kg', price: 20000, amount: 100000000 }] });
        writeFileSync(join(rig.stack.dir, 'hooks.conf'), `[sepay]\nkey=${KEY}\n`, { mode: 0o600 });
        const { cadre, slug } = rig.stall;
        const { id } = ok(await cadre.post('/api/v1/bank-accounts', { key: newKey(), bin: '970405', number: NUMBER, holder: 'HTX' }), 201);
        ok(await cadre.post(`/api/v1/stalls/${slug}/payee`, { key: newKey(), account: id, fee_points: 500 }));
        if (lies) { // from here on
            rig.stack.env.POWERCUT_LIES = '1';
            await rig.cut({ check: false });
        }
        return rig;
    }

    notice(code, amount) {
        const id = ++this.number + this.seed * 100000;
        const text = JSON.stringify({ id, gateway: 'Agribank', transactionDate: '2026-05-02 08:01:02', accountNumber: NUMBER, subAccount: null, code: null,
            content: `MBVCB.45.${code} chuyen tien`, transferType: 'in', transferAmount: amount, accumulated: 0, referenceCode: `FT${id}`, description: '' });
        return this.stack.client().send('POST', '/api/v1/hooks/sepay', { text, headers: { authorization: `Apikey ${KEY}` } });
    }

    /** One buyer: orders, and pays every second one, until the lights go out. */
    async trade(buyer) {
        for (let i = 0; ; i++) {
            const body = orderBody(this.stall, 500 + (i % 4) * 250);
            const reply = await buyer.post('/api/v1/orders', body).catch(() => null);
            if (!reply) { this.unanswered.push({ buyer, body }); return; }
            if (reply.status !== 201) continue;
            const { code, total } = reply.body.order;
            this.orders.set(code, total);
            if (i % 2 === 1) continue;
            const told = await this.notice(code, total).catch(() => null);
            if (!told) return;
            if (told.status === 200) this.paid.set(code, total);
        }
    }

    /** Trades for `ms`, cuts the power, and looks at what is left. Gives the number of orders and payments that are lost. */
    async round(ms) {
        const buyers = Array.from({ length: 8 }, () => this.stack.client());
        const before = this.orders.size;
        const trading = buyers.map((buyer) => this.trade(buyer));
        await until('the first order of the round', () => this.orders.size > before, { every: 1 });
        await sleep(ms);
        return this.cut({ trading });
    }

    async cut({ trading = [], check = true } = {}) {
        const { stack } = this;
        stack.market.kill('SIGKILL');
        await stack.market.ended;
        await Promise.all(trading);
        rmSync(join(stack.dir, 'market.db-shm'), { force: true });
        for (const name of FILES) {
            rmSync(join(stack.dir, name), { force: true });
            if (existsSync(join(this.shadow, name))) copyFileSync(join(this.shadow, name), join(stack.dir, name));
        }
        stack.env.POWERCUT_SEED = String(++this.seed);
        await stack.startMarket();
        return check ? this.look() : { orders: 0, payments: 0 };
    }

    /** What is missing, and whether all that is there adds up. */
    async look() {
        const { stack } = this;
        assert.equal(integrity(stack.database), 'ok');
        const report = JSON.parse(execFileSync(join(build, 'bin/market'), ['verify', '--data', stack.dir], { encoding: 'utf8', env: { ...process.env, ASAN_OPTIONS: 'detect_leaks=0' } }));
        assert.equal(report.ok, true, JSON.stringify(report));
        const known = new Set(rows(stack.database, 'SELECT code FROM orders').map((r) => r.code));
        const lost = [...this.orders.keys()].filter((code) => !known.has(code));
        const received = () => new Map(rows(stack.database, `SELECT o.code, SUM(-p.amount) AS n FROM orders o JOIN account a ON a.kind = 'order' AND a.subject = o.id
            JOIN posting p ON p.account = a.id JOIN entry e ON e.id = p.entry WHERE e.kind = 'payment' GROUP BY o.code`).map((r) => [r.code, r.n]));
        const missing = () => { const has = received(); return [...this.paid].filter(([code, dong]) => has.get(code) !== dong); };
        if (!this.lies) await until('the notices to be worked off', () => rows(stack.database, "SELECT 1 FROM bank_raw WHERE read = 'waiting'").length === 0);
        const unpaid = missing();
        // The phones that got no answer send again, with the same key: one order each, whether it had been saved or not.
        for (const { buyer, body } of this.unanswered.splice(0)) {
            const reply = await until('an answer', () => buyer.post('/api/v1/orders', body));
            assert.equal(reply.status, 201, reply.text);
            const { code, total } = reply.body.order;
            assert.equal(rows(stack.database, `SELECT 1 FROM orders WHERE code = '${code}'`).length, 1);
            this.orders.set(code, total);
        }
        return { orders: lost.length, payments: unpaid.length };
    }

    async stop() {
        try { await this.stack.stop(); } finally { rmSync(this.dir, { recursive: true, force: true }); }
    }
}
