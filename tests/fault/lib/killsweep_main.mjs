// killsweep_main.mjs: the long form of the sweep, for scripts/killsweep: every k from 1 until an order and its payment need no more writes.
import { KillSweep } from './killsweep.mjs';

const [first, most] = process.argv.slice(2).map(Number);
const sweep = await KillSweep.start();
const sum = { writes: await sweep.count(), first, kills: 0, orders_told: 0, payments_told: 0, orders_lost: 0, payments_lost: 0, whole: false };
try {
    let spared = 0;
    // Checkpoints come between, so a k past the count may still hit one: only several misses in a row are the end.
    for (let k = first; spared < 3 && k < first + most; k++) {
        const { killed, orders, payments } = await sweep.round(k);
        spared = killed ? 0 : spared + 1;
        if (killed) sum.kills++;
        sum.orders_lost += orders;
        sum.payments_lost += payments;
        process.stderr.write(`write ${k}: ${killed ? 'killed' : 'not reached'}, lost ${orders} and ${payments}\n`);
    }
    sum.whole = true; // each round ends with the file's integrity and `market verify`
} finally {
    sum.orders_told = sweep.orders.size;
    sum.payments_told = sweep.paid.size;
    console.log(JSON.stringify(sum));
    await sweep.stop();
}
process.exitCode = sum.whole && sum.kills > 0 && sum.orders_lost + sum.payments_lost === 0 ? 0 : 1;
