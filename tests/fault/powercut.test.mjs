// The power goes out in the middle of trade. scripts/powercut runs as many rounds as wanted; here are two.
import assert from 'node:assert/strict';
import { describe, figure, test } from '../flow/lib/test.mjs';
import { Rig } from './lib/powercut.mjs';
import { Damaged } from './lib/trade.mjs';

describe('the power is cut', () => {
    test('no order and no payment that anybody was told about is lost, and all adds up', async () => {
        const rig = await Rig.start({ seed: 20 });
        try {
            for (const ms of [150, 600]) assert.deepEqual(await rig.round(ms), { orders: 0, payments: 0 });
            figure('orders and payments told before the cuts', [rig.orders.size, rig.paid.size]);
            assert.ok(rig.orders.size > 4 && rig.paid.size > 0);
        } finally {
            await rig.stop();
        }
    });

    test('the rig would notice: a disk that lies about its syncs loses what was told', async () => {
        const rig = await Rig.start({ seed: 7, lies: true });
        try {
            // Only what the rig is there to find counts: an order that was told and is gone, a file that is not whole, books that do not add up.
            const found = await rig.round(300).catch((error) => {
                if (error instanceof Damaged) return error;
                throw error;
            });
            figure('lost on a disk that lies', found instanceof Damaged ? found.message.slice(0, 80) : found.orders);
            assert.ok(found instanceof Damaged || found.orders > 0);
        } finally {
            await rig.stop().catch(() => {}); // what it left may be no database at all
        }
    });
});
