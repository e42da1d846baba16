// killsweep.mjs: kill -9 at the k-th write of an order and its payment. One buyer orders and the bank tells that it is paid; strace kills
// the market as its writing thread enters the k-th call that changes a file. Then the market is started on what is there.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Stack } from '../../flow/lib/stack.mjs';
import { orderBody } from '../../flow/lib/commune.mjs';
import { rows } from '../../flow/lib/database.mjs';
import { sleep, until } from '../../flow/lib/until.mjs';
import { Trade } from './trade.mjs';

const CALLS = 'pwrite64,fsync,fdatasync,ftruncate,unlink,rename';

export class KillSweep extends Trade {
    static async start() {
        const sweep = new KillSweep();
        // Leak checking needs ptrace for itself, so it is off here.
        sweep.stack = await Stack.start({ args: ['--relay', 'none'], env: { ASAN_OPTIONS: 'detect_leaks=0:exitcode=99' } });
        await sweep.open();
        return sweep;
    }

    /** strace on every thread of the market. Gives what ends it. */
    async attached(...options) {
        const strace = spawn('strace', ['-f', '-p', this.stack.market.pid, ...options], { stdio: ['ignore', 'ignore', 'pipe'] });
        let said = '';
        strace.stderr.on('data', (text) => (said += text));
        const over = new Promise((done) => strace.on('exit', done));
        await until('strace to be attached', () => /attached/.test(said), { ms: 20000 });
        return async () => { strace.kill('SIGINT'); await over; };
    }

    /** One order and its payment, as far as they get. Gives the notice, when there was one. */
    async oneOfEach() {
        const buyer = this.stack.client(), body = orderBody(this.stall, 500);
        const reply = await buyer.post('/api/v1/orders', body).catch(() => null);
        if (!reply) { this.unanswered.push({ buyer, body }); return null; }
        assert.equal(reply.status, 201, reply.text);
        const { code, total } = reply.body.order;
        this.orders.set(code, total);
        const text = this.notice(code, total);
        const told = await this.tell(text).catch(() => null);
        if (told) { assert.equal(told.status, 200, told.text); this.paid.set(code, total); }
        await until('the notice to be worked off, or the end', () => this.stack.market.over || (told && rows(this.stack.database, "SELECT 1 FROM bank_raw WHERE read = 'waiting'").length === 0));
        return { code, total, text };
    }

    /** How many calls of the writing thread one order and its payment take. */
    async count() {
        const dir = mkdtempSync(join(tmpdir(), 'cho-sweep-'));
        try {
            const detach = await this.attached('-o', join(dir, 'calls'), '-e', `trace=${CALLS}`);
            await this.oneOfEach();
            await detach();
            const threads = new Map();
            for (const [, tid] of readFileSync(join(dir, 'calls'), 'utf8').matchAll(/^(\d+) +\w+\(/gm)) threads.set(tid, (threads.get(tid) ?? 0) + 1);
            return Math.max(0, ...threads.values());
        } finally {
            rmSync(dir, { recursive: true, force: true });
        }
    }

    /** Kills at the k-th call. {killed, orders, payments}: whether it came to that, and what is lost. */
    async round(k) {
        const detach = await this.attached('-o', '/dev/null', '-e', `trace=${CALLS}`, '-e', `inject=${CALLS}:signal=KILL:when=${k}`);
        const before = this.unanswered.length;
        const done = await this.oneOfEach();
        if (!this.stack.market.over) {
            // The last write may be that of a checkpoint, or of nothing any more.
            await sleep(200);
        }
        await detach();
        const killed = Boolean(this.stack.market.over);
        if (killed) {
            assert.equal(this.stack.market.over.signal, 'SIGKILL');
            await this.stack.startMarket();
        }
        const missing = await this.look();
        assert.equal(this.unanswered.length, 0, `${before} before`);
        if (done) await this.toldAgain(done);
        this.whole();
        return { killed, ...missing };
    }

    /** The messenger comes again, as it does until it has heard 2xx: one credit, whether the first was saved or not. */
    async toldAgain({ code, total, text }) {
        const told = await this.tell(text);
        assert.equal(told.status, 200, told.text);
        this.paid.set(code, total);
        await this.workedOff();
        assert.deepEqual(this.unpaid(), []);
        assert.equal(rows(this.stack.database, `SELECT COUNT(*) AS n FROM disposition d JOIN orders o ON o.id = d.order_id WHERE o.code = '${code}'`)[0].n, 1);
    }

    stop() { return this.stack.stop(); }
}
