// The benches themselves: that they run to their end and print JSON with the figures the READMEs speak of. How large those are is asked
// of the release build (`scripts/bench`), not here.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from './lib/ports.mjs';
import { build, root } from './lib/stack.mjs';
import { describe, test } from './lib/test.mjs';

const run = async (program, args) => JSON.parse((await promisify(execFile)(program, args.map(String), { cwd: root, env: { ...process.env, TEST_BUILD: build }, maxBuffer: 1 << 24 })).stdout);
const grows = (...figures) => figures.forEach((value, i) => assert.ok(value > 0 && value >= (figures[i - 1] ?? 0), figures.join(' ')));

describe('a short run of the bench', () => {
    test('orders: each door with orders a second and p99, the share of raw SQLite, and a race that sells exactly what there is', async () => {
        const { turns: [turn], aims } = await run(join(root, 'tests/load/bench-orders'), ['--bin', join(build, 'bin'), '--port', await freePort('tcp'), '--metrics-port', await freePort('tcp'),
            '--seconds', 1, '--connections', 8, '--depth', 2, '--buyers', 80, '--kilograms', 10]);
        for (const name of ['https', 'https_one_lot', 'ws', 'ws_one_lot']) {
            assert.ok(turn[name].full.orders_per_s > 0, name);
            grows(turn[name].half.p50_ms, turn[name].half.p99_ms);
            assert.deepEqual(Object.keys(turn[name].full.statuses), ['201'], name);
            assert.ok(turn[name].share_of_raw > 0, name);
        }
        assert.deepEqual([turn.race.sold_kilograms, turn.race.left_kilograms, turn.race.answered, turn.race.exact], [10, 0, 80, true]);
        assert.ok(aims.every((aim) => typeof aim.met === 'boolean' && Number.isFinite(aim.got)));
    }, { ms: 240000 });

    test('first-frame: from the click and from the navigation to the first frame shown', async () => {
        const bench = await run('node', ['tests/flow/bench/first_frame.mjs', '--runs', 1]);
        for (const what of ['click', 'answer', 'page']) grows(bench[what].min, bench[what].p50, bench[what].p95, bench[what].max);
        assert.deepEqual([bench.bench, bench.unit, bench.joins], ['first-frame', 'ms', 2]);
        assert.ok(bench.answer.p50 <= bench.click.p50);
    }, { ms: 240000 });
});
