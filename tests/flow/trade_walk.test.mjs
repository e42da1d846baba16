// Everybody at once, good, clumsy and hostile, by seeded chance over the whole REST API; every few dozen steps everything must add up.
// WALK_STEPS and WALK_SEED make it longer or another one; what was found has tests with names in trade.test.mjs.
import assert from 'node:assert/strict';
import { Stack } from './lib/stack.mjs';
import { after, before, describe, figure, test } from './lib/test.mjs';
import { rows } from './lib/database.mjs';
import { openHooks } from './lib/walk/bank.mjs';
import { demand } from './lib/walk/demands.mjs';
import { hush, listen } from './lib/walk/listen.mjs';
import { prepare, step } from './lib/walk/steps.mjs';
import { Walk } from './lib/walk/walk.mjs';

const STEPS = Number(process.env.WALK_STEPS ?? 300), SEED = Number(process.env.WALK_SEED ?? 41), EACH = 60;
let stack, walk;

before(async () => {
    stack = await Stack.start({ args: ['--relay', 'none'] });
    openHooks(stack);
    walk = new Walk(stack, SEED);
    walk.step = 'preparing';
    await walk.gather();
    await prepare(walk);
    await listen(walk);
});
after(async () => {
    await hush(walk);
    await stack?.stop();
});

/** How far the walk came: a walk that is refused everything shows nothing. */
const became = () => Object.fromEntries([['orders', 'state'], ['stop', 'state'], ['wait', 'state'], ['refund', 'state'], ['parcel', 'state'], ['line_state', 'state'], ['disposition', 'kind'], ['entry', 'kind'], ['trip', 'state']]
    .map(([table, column]) => [table, Object.fromEntries(rows(stack.database, `SELECT ${column} AS k, COUNT(*) AS n FROM ${table} GROUP BY 1`).map((r) => [r.k, r.n]))]));

describe(`a walk of ${STEPS} steps from seed ${SEED}`, () => {
    test('no answer is wrong, and whenever somebody looks everything adds up and everybody sees only what is theirs', async () => {
        while (walk.number < STEPS && walk.faults.length < 10) {
            await step(walk).catch((error) => walk.fault(error.stack));
            if (walk.number % EACH === 0 || walk.number === STEPS) await demand(walk);
        }
        figure('answers of the walk', Object.fromEntries([...walk.statuses].sort()));
        figure('what became of it', became());
        figure('operations that the walk saw work', [...walk.seen.values()].filter(Boolean).length);
        figure('operations that were only refused', [...walk.seen].filter(([, n]) => !n).map(([name]) => name));
        assert.deepEqual(walk.faults, []);
    }, { ms: 60_000 + STEPS * 1000 });
});
