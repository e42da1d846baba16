// powercut.mjs: rounds of trade with the power cut in the middle. What each client was told must be there when the lights are on
// again, the books must balance and the chain must hold. Rounds build on each other: the next one starts from what the cut left.
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Stack, build } from '../../flow/lib/stack.mjs';
import { orderBody } from '../../flow/lib/commune.mjs';
import { sleep, until } from '../../flow/lib/until.mjs';
import { Trade } from './trade.mjs';

const FILES = ['market.db', 'market.db-wal'];

/** The database as it was found, elsewhere: looking at it would already mend it. */
function copyOf(from, to) {
    rmSync(to, { recursive: true, force: true });
    mkdirSync(to);
    for (const name of FILES) if (existsSync(join(from, name))) copyFileSync(join(from, name), join(to, name));
    return join(to, 'market.db');
}

/** One rig: a market whose disk can lose its power. `lies`: a disk that only says it has synced. */
export class Rig extends Trade {
    static async start({ lies = false, seed = 1 } = {}) {
        const rig = new Rig();
        rig.dir = mkdtempSync(join(tmpdir(), 'cho-cut-'));
        rig.shadow = join(rig.dir, 'disk');
        mkdirSync(rig.shadow);
        rig.lies = lies;
        rig.seed = seed;
        rig.stack = await Stack.start({ dir: join(rig.dir, 'data'), args: ['--relay', 'none'], env: {
            ASAN_OPTIONS: 'detect_leaks=1:exitcode=99:verify_asan_link_order=0', LD_PRELOAD: join(build, 'tests/powercut.so'), POWERCUT_SHADOW: rig.shadow, POWERCUT_SEED: String(seed),
        } });
        await rig.open();
        if (lies) { // from here on
            rig.stack.env.POWERCUT_LIES = '1';
            await rig.cut({ check: false });
        }
        return rig;
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
            const told = await this.tell(this.notice(code, total)).catch(() => null);
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
        if (check && this.lies) this.whole(copyOf(stack.dir, join(this.dir, 'seen'))); // what it left may be no database a market can open
        await stack.startMarket();
        if (!check) return { orders: 0, payments: 0 };
        return this.lies ? { orders: this.lost().length, payments: 0 } : this.look();
    }

    async stop() {
        try { await this.stack.stop(); } finally { rmSync(this.dir, { recursive: true, force: true }); }
    }
}
