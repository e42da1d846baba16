// kill -9 at writes spread over an order and its payment. scripts/killsweep does it at every one of them.
import assert from 'node:assert/strict';
import { describe, figure, test } from '../flow/lib/test.mjs';
import { KillSweep } from './lib/killsweep.mjs';

const ROUNDS = 6;

describe('kill -9 in the middle of a write', () => {
    test('loses no order and no payment that anybody was told about, and all adds up', async () => {
        const sweep = await KillSweep.start();
        try {
            const calls = await sweep.count();
            figure('writes and syncs of an order and its payment', calls);
            assert.ok(calls > 10);
            let kills = 0;
            for (let i = 0; i < ROUNDS; i++) {
                const { killed, ...lost } = await sweep.round(1 + Math.floor((calls - 1) * i / (ROUNDS - 1) * 0.9));
                assert.deepEqual(lost, { orders: 0, payments: 0 });
                if (killed) kills++;
            }
            figure('kills', kills);
            assert.ok(kills >= ROUNDS - 1, `${kills} kills`);
        } finally {
            await sweep.stop();
        }
    }, { ms: 240000 });
});
