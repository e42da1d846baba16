// A buyer who comes in over a line that carries little more than a voice: the relay finds out and sends the sound alone, and
// the page keeps its one connection meanwhile, however full the line is.
import assert from 'node:assert/strict';
import { Browser, received, seen } from '../flow/lib/browser.mjs';
import { Line } from '../flow/lib/line.mjs';
import { Stack } from '../flow/lib/stack.mjs';
import { after, before, figure, test } from '../flow/lib/test.mjs';
import { until } from '../flow/lib/until.mjs';

let stack, browser;
before(async () => {
    stack = await Stack.start();
    browser = await Browser.start();
    await stack.phone();
    await until('the stall to be live', async () => (await stack.client().get(`/api/v1/stalls/${stack.demo.stall}`)).body.room.state === 'live', { ms: 60000 });
});
after(async () => {
    await browser?.stop();
    await stack?.stop();
});

for (const [rate, more] of [[140, []], [140, ['loss 10']]]) {
    test(`${rate} kb/s ${more.join()}: sound within a while, and one connection all the time`, async () => {
        const line = await Line.lay(stack, { args: ['--delay', 20] });
        const page = await browser.person(stack);
        const began = Date.now();
        try {
            line.set(`down rate ${rate}`, ...more);
            await line.lead(page);
            await page.goto(`/s/${stack.demo.stall}`);
            await seen(page, 'sound-only', { timeout: 90000 });
            const heard = (await received(page)).audio;
            await until('the sound to go on', async () => (await received(page)).audio > heard + 250, { ms: 60000 });
            const now = await received(page);
            figure(`${rate} kb/s ${more.join()}`, { sound_alone_after_ms: Date.now() - began, connections: now.connections });
            assert.equal(now.connections, 1, 'the page had to connect again');
            assert.deepEqual(page.trouble, []);
        } finally {
            await page.context().close();
            line.cut();
        }
    });
}
