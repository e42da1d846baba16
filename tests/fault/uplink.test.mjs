// A clean line up: how soon the phone's browser knows what it carries. The time counts, so nothing runs beside it.
import { Stack } from '../flow/lib/stack.mjs';
import { Browser } from '../flow/lib/browser.mjs';
import { after, before, figure, test } from '../flow/lib/test.mjs';
import { publishing, uplink } from '../flow/lib/publishing.mjs';
import { until } from '../flow/lib/until.mjs';

let stack, browser;
before(async () => {
    stack = await Stack.start();
    browser = await Browser.start();
});
after(async () => {
    await browser?.stop();
    await stack?.stop();
});

test("the farmer's browser finds out that more than 1.5 Mb/s go through", async () => {
    const farmer = await browser.person(stack, { camera: true });
    await farmer.goto('/login');
    await farmer.evaluate(publishing, { url: `${stack.origin}/whip/${stack.demo.stall}`, token: stack.demo.tokens.farmer });
    await until('the phone to be connected', async () => (await uplink(farmer)).state === 'connected');
    const started = Date.now();
    let best = 0;
    const { kbps } = await until('its estimate to climb', async () => {
        const now = await uplink(farmer);
        best = Math.max(best, now.kbps);
        return now.kbps > 1500 && now;
    }, { ms: 60000, every: 100 }).catch((error) => { throw new Error(`${error.message}: ${Math.round(best)} kb/s`); });
    figure('uplink estimate', { kbps: Math.round(kbps), after_ms: Date.now() - started, aim_ms: 8000 });
});
