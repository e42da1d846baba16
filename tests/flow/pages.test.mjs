// Each page on a small phone: readable by assistive technology, no sideways scrolling, light on a field's network,
// and a picture of it for whoever wants to look (build/screenshots; the README's copies with UPDATE_SCREENSHOTS=1).
import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { Stack, root } from './lib/stack.mjs';
import { Browser, pictureMoves, seen, tap } from './lib/browser.mjs';
import { after, before, describe, figure, test } from './lib/test.mjs';
import { newKey, ok } from './lib/api.mjs';
import { placeOrder } from './lib/commune.mjs';
import { until } from './lib/until.mjs';

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const shots = join(root, 'build/screenshots');
const WEIGHT = 100_000;

let stack, browser, order, goods, farmerLink, cookies;
before(async () => {
    mkdirSync(shots, { recursive: true });
    stack = await Stack.start();
    browser = await Browser.start();
    await stack.phone({ codec: 'h264' });
    const slug = stack.demo.stall;
    const snapshot = await until('the demo stall to be live, with its poster', async () => {
        const s = ok(await stack.client().get(`/api/v1/stalls/${slug}`));
        return s.room.state === 'live' && s.poster && s;
    }, { ms: 90000, every: 500 });
    const buyer = stack.client();
    const lot = snapshot.lots.find((l) => l.available > 2000 && l.unit === 'kg');
    order = ok(await placeOrder(buyer, { slug, lot }, 1500), 201).order;
    const cadre = stack.client('cadre');
    await aTripOnTheRoad(buyer, lot);
    goods = lot.id;
    ok(await cadre.post(`/api/v1/lots/${goods}/flash`, { key: newKey(), price: lot.price - 1000, amount: 5000, minutes: 60, limit: 2000 }));
    ok(await cadre.post(`/api/v1/lots/${goods}/origin`, { key: newKey(), plot: 'Nương đỉnh núi', picked_at: Date.now() - 3600_000, moment: 0 }));
    const farmer = ok(await cadre.get('/api/v1/people?role=farmer')).people[0];
    farmerLink = new URL(ok(await cadre.post(`/api/v1/people/${farmer.id}/links`, { key: newKey() }), 201).url, stack.origin).pathname;
    cookies = { buyer: buyer.cookies };
    for (const role of ['farmer', 'cadre', 'courier']) cookies[role] = (await stack.login(role)).cookies;
});
/** One order on a trip that moves, so that the courier's pages have something to show. */
async function aTripOnTheRoad(buyer, lot) {
    const [cadre, courier] = [stack.client('cadre'), stack.client('courier')];
    const { order: { code } } = ok(await placeOrder(buyer, { slug: stack.demo.stall, lot }, 500), 201);
    ok(await cadre.post(`/api/v1/orders/${code}/confirm`, { key: newKey() }));
    const { trip: { id } } = ok(await courier.post('/api/v1/trips', { key: newKey(), title: 'Chiều nay' }), 201);
    ok(await courier.post(`/api/v1/trips/${id}/stops`, { key: newKey(), orders: [code] }));
    for (const to of ['loaded', 'moving']) ok(await courier.post(`/api/v1/trips/${id}/move`, { key: newKey(), to }));
}

after(async () => {
    await browser?.stop();
    await stack?.stop();
});

const pages = {
    stalls: { path: () => '/', ready: (page) => seen(page, `stall-${stack.demo.stall}`) },
    stall: { path: () => `/s/${stack.demo.stall}`, who: 'buyer', ready: (page) => pictureMoves(page) },
    order: { path: () => `/orders/${order.code}`, who: 'buyer', ready: (page) => seen(page, 'order-state') },
    golive: { path: () => '/golive', who: 'farmer', camera: true, ready: (page) => seen(page, 'order-row') },
    sessions: { path: () => '/sessions', who: 'cadre', ready: (page) => seen(page, `card-${stack.demo.stall}`) },
    people: { path: () => '/sessions', who: 'cadre', ready: async (page) => { await tap(page, 'tab-people'); await seen(page, 'person-add'); } },
    courier: { path: () => '/courier', who: 'courier', ready: (page) => seen(page, 'delivered') },
    trips: { path: () => '/trips', who: 'cadre', ready: async (page) => { await page.locator('[data-testid^="trip-"][aria-pressed]').first().click(); await seen(page, 'route-sheet'); } },
    money: { path: () => '/money', who: 'cadre', ready: (page) => seen(page, 'all-clear') },
    accounts: { path: () => '/money#accounts', who: 'cadre', ready: (page) => seen(page, `payee-choose-${stack.demo.stall}`) },
    statement: { path: () => '/statement', who: 'farmer', ready: (page) => seen(page, 'st-earned') },
    goods: { path: () => '/goods', who: 'farmer', ready: (page) => seen(page, `flash-on-${goods}`) },
    labels: { path: () => `/labels?lot=${goods}`, who: 'farmer', ready: (page) => seen(page, 'label-qr') },
    origin: { path: () => `/o/${goods}`, ready: (page) => seen(page, 'from-video') },
    login: { path: () => '/login', ready: (page) => seen(page, 'login-send') },
    link: { path: () => farmerLink, ready: (page) => seen(page, 'enter') },
};

async function open(name, options = {}) {
    const { path, who, camera, ready } = pages[name];
    const page = await browser.person(stack, { camera, cookies: who && cookies[who], ...options });
    const wire = await page.context().newCDPSession(page);
    page.bytes = 0;
    const urls = new Map();
    wire.on('Network.requestWillBeSent', (e) => urls.set(e.requestId, new URL(e.request.url).pathname));
    wire.on('Network.loadingFinished', (e) => {
        if (!/^\/(media|whip|whep)\/|\/video$/.test(urls.get(e.requestId) ?? '')) page.bytes += e.encodedDataLength;
    });
    await wire.send('Network.enable');
    await page.goto(path());
    await ready(page);
    return page;
}

const sideways = (page) => page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);

for (const name of Object.keys(pages)) {
    describe(`page ${name}`, () => {
        let page;
        before(async () => { page = await open(name); });
        after(() => page?.context().close());

        test('is drawn without an error or a breach of its security policy', () => assert.deepEqual(page.trouble, []));

        test('has no barrier that axe can find', async () => {
            await page.evaluate(axeSource);
            const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'],
                runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice'] }));
            const words = violations.map((v) => `${v.id} (${v.impact}): ${v.help}\n    ${v.nodes.slice(0, 3).map((n) => n.html).join('\n    ')}`);
            assert.deepEqual(words, []);
        });

        test('does not scroll sideways at 360 px, in any language', async () => {
            assert.ok(await sideways(page) <= 0);
            for (const lang of ['en', 'fr']) {
                const other = await open(name, { lang });
                try {
                    assert.equal(await other.evaluate(() => document.documentElement.lang), lang);
                    assert.ok(await sideways(other) <= 0, `${lang}: ${await sideways(other)} px too wide`);
                } finally {
                    await other.context().close();
                }
            }
        });

        test(`weighs no more than ${WEIGHT / 1000} kB over the wire`, () => {
            figure(`bytes of page ${name}`, page.bytes);
            assert.ok(page.bytes > 0 && page.bytes <= WEIGHT, `${page.bytes} bytes`);
        });

        test('has its picture taken', async () => {
            await page.evaluate(() => document.fonts.ready);
            const file = join(shots, `${name}.png`);
            await page.screenshot({ path: file, scale: 'css' });
            if (process.env.UPDATE_SCREENSHOTS) {
                mkdirSync(join(root, 'tests/flow/screenshots'), { recursive: true });
                copyFileSync(file, join(root, `tests/flow/screenshots/${name}.png`));
            }
        });
    });
}

describe('the first HTML', () => {
    test('of a stall carries the state, so that the page needs no second question', async () => {
        const html = (await stack.client().get(`/s/${stack.demo.stall}`)).text;
        const inlined = JSON.parse(/<script type="application\/json" id="state">(.*?)<\/script>/s.exec(html)[1].replaceAll('\\u003c', '<'));
        assert.equal(inlined.stall.slug, stack.demo.stall);
        assert.ok(inlined.lots.length > 0);
    });

    test('escapes what people wrote', async () => {
        const cadre = stack.client('cadre');
        const evil = '</script><script>window.hacked=1</script><img src=x onerror="window.hacked=1">';
        ok(await cadre.patch(`/api/v1/stalls/${stack.demo.stall}`, { about: evil, key: newKey() }));
        const page = await open('stall');
        try {
            assert.equal(await page.evaluate(() => window.hacked), undefined);
            assert.ok(await page.getByText(evil).count() > 0, 'the words should be shown as words');
            const html = (await stack.client().get(`/s/${stack.demo.stall}`)).text;
            assert.ok(!html.includes('<script>window.hacked'));
        } finally {
            await page.context().close();
        }
    });
});
