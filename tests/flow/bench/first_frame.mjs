// first_frame.mjs: how long a buyer waits for the first picture, in real Chromium, on loopback. Prints JSON.
//   click  from the moment a script asks (offer made, POST, ICE, DTLS) to the first frame shown
//   from_cache, keyframes_asked   of all joins: how many began with the cached picture, how often the phone was asked for one
//   page   from the start of the navigation to the stall's page to its first frame: HTML, script, and all of the above
// usage: first_frame.mjs [--runs N] [--codec h264|vp8]      the build is TEST_BUILD (default build/release)
process.env.TEST_BUILD ??= 'build/release';
const { Stack } = await import('../lib/stack.mjs');
const { Browser, pictureMoves } = await import('../lib/browser.mjs');
const { firstFrame } = await import('../lib/joining.mjs');
const { figures } = await import('../lib/metrics.mjs');
const { freePort } = await import('../lib/ports.mjs');

const option = (name, otherwise) => {
    const at = process.argv.indexOf(`--${name}`);
    return at < 0 ? otherwise : process.argv[at + 1];
};
const runs = Number(option('runs', 20));
const codec = option('codec', 'h264');

const summary = (values) => {
    const sorted = [...values].sort((a, b) => a - b);
    const pick = (share) => Math.round(sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] * 10) / 10;
    return { min: pick(0), p50: pick(0.5), p95: pick(0.95), max: pick(1) };
};

const metrics = await freePort('tcp');
const stack = await Stack.start({ args: ['--metrics', `127.0.0.1:${metrics}`] });
const browser = await Browser.start();
try {
    await stack.phone({ codec });
    const slug = stack.demo.stall;
    const warm = await browser.person(stack);
    await warm.goto(`/s/${slug}`);
    await pictureMoves(warm);
    await warm.goto('/login');
    const clicks = [], answers = [], pages = [];
    const before = await figures(metrics);
    for (let i = 0; i < runs; i++) {
        const { frame, answer } = await warm.evaluate(firstFrame, `/whep/${slug}`);
        clicks.push(frame);
        answers.push(answer);
    }
    for (let i = 0; i < runs; i++) {
        const page = await browser.person(stack);
        await page.goto(`/s/${slug}`);
        await page.waitForFunction(() => performance.getEntriesByName('first-frame').length > 0);
        pages.push(await page.evaluate(() => performance.getEntriesByName('first-frame')[0].startTime));
        await page.context().close();
    }
    const after = await figures(metrics);
    const grown = (name) => after[name] - before[name];
    console.log(JSON.stringify({
        bench: 'first-frame', codec, runs, unit: 'ms', click: summary(clicks), answer: summary(answers), page: summary(pages),
        joins: 2 * runs, from_cache: grown('relay_joins_cached_total'), keyframes_asked: grown('relay_keyframes_asked_total'),
    }));
} finally {
    await browser.stop();
    await stack.stop();
}
