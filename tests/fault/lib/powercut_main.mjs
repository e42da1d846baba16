// powercut_main.mjs: the long form of the rig, for scripts/powercut.
import { Rig } from './powercut.mjs';

const [rounds, seed] = process.argv.slice(2).map(Number);
const rig = await Rig.start({ seed });
const sum = { rounds: 0, orders_told: 0, payments_told: 0, orders_lost: 0, payments_lost: 0, seed };
try {
    for (let i = 0; i < rounds; i++) {
        const lost = await rig.round(20 + Math.random() * 4000);     // the log is moved into the file about once a second
        sum.rounds++;
        sum.orders_lost += lost.orders;
        sum.payments_lost += lost.payments;
        process.stderr.write(`round ${i + 1}: ${rig.orders.size} orders and ${rig.paid.size} payments told so far, lost ${lost.orders} and ${lost.payments}\n`);
    }
} finally {
    sum.orders_told = rig.orders.size;
    sum.payments_told = rig.paid.size;
    console.log(JSON.stringify(sum));
    await rig.stop();
}
process.exitCode = sum.rounds === rounds && sum.orders_lost + sum.payments_lost === 0 ? 0 : 1;
