// page_checks.mjs: what every page must be on a small phone: readable by assistive technology, never wider than the screen, light on
// a field's network. And a picture of it for whoever wants to look (build/screenshots; the README's copies with UPDATE_SCREENSHOTS=1).
import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { root } from './stack.mjs';
import { after, before, describe, figure, test } from './test.mjs';
import { until } from './until.mjs';

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const shots = join(root, 'build/screenshots');
const WEIGHT = 100_000;

/** A page of the table, as it is for its person: {path, who, camera, ready}; `stage` is {stack, browser, cookies}. */
export async function open(stage, { path, who, camera, ready }) {
    const page = await stage.browser.person(stage.stack, { camera, cookies: who && stage.cookies[who] });
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

/* A phone zooms out of what is too wide, and its window.innerWidth grows with it: the screen's own width is what counts. */
const sideways = (page) => page.evaluate((width) => document.documentElement.scrollWidth - width, page.viewportSize().width);

/** What makes it too wide, for whoever mends it. */
const beyond = (page) => page.evaluate((width) => [...document.querySelectorAll('body *')].filter((e) => e.getBoundingClientRect().right > width + 1)
    .slice(0, 8).map((e) => e.outerHTML.slice(0, 160)), page.viewportSize().width);

/** What can be pressed or filled in and is not whole on the page: its right or left end is outside, or cut off by what it lies in. */
const cutOff = (page) => page.evaluate((width) => {
    const scrolls = (box) => ['auto', 'scroll'].includes(getComputedStyle(box).overflowX);
    const room = (element) => {
        let left = 0, right = width;
        for (let box = element.parentElement; box && !scrolls(box); box = box.parentElement) {
            if (getComputedStyle(box).overflowX === 'visible') continue;
            const edge = box.getBoundingClientRect();
            left = Math.max(left, edge.left);
            right = Math.min(right, edge.right);
        }
        return { left, right };
    };
    return [...document.querySelectorAll('a, button, input, select, textarea')].filter((element) => {
        const at = element.getBoundingClientRect(), within = room(element);
        const hidden = at.width < 2 || at.height < 2 || !element.checkVisibility({ checkVisibilityCSS: true });
        return !hidden && (at.left < within.left - 1 || at.right > within.right + 1);
    }).map((element) => element.outerHTML.slice(0, 120));
}, page.viewportSize().width);

/** The same page for the same person, in another language. */
async function openIn(lang, page, stage, { path, ready }) {
    const url = new URL(path(), stage.stack.origin);
    url.searchParams.set('lang', lang);
    const other = await page.context().newPage();
    await other.goto(url.href);
    await ready(other);
    return other;
}

/** What axe finds on a page as it is now, in words. */
export async function barriers(page) {
    await page.emulateMedia({ reducedMotion: 'reduce' });              // colours half way through an animation are nobody's
    await until('what moves to stand still', () => page.evaluate(() => document.getAnimations().every((a) => a.playState !== 'running')));
    await page.evaluate(axeSource);
    const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'],
        runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice'] }));
    return violations.map((v) => `${v.id} (${v.impact}): ${v.help}\n    ${v.nodes.slice(0, 3).map((n) => n.html).join('\n    ')}`);
}

/** Checks each page of `pages` ({name: {path, who, camera, ready}}). `stage` says who is there; asked only once the tests run. */
export function checkPages(pages, stage) {
    for (const [name, of] of Object.entries(pages)) describe(`page ${name}`, () => checkPage(name, of, stage));
}

function checkPage(name, of, stage) {
    let page;
    before(async () => { page = await open(stage(), of); });
    after(() => page?.context().close());

    test('is drawn without an error or a breach of its security policy', () => assert.deepEqual(page.trouble, []));

    test('has no barrier that axe can find', async () => assert.deepEqual(await barriers(page), []));

    test(`weighs no more than ${WEIGHT / 1000} kB over the wire`, () => {
        figure(`bytes of page ${name}`, page.bytes);
        assert.ok(page.bytes > 0 && page.bytes <= WEIGHT, `${page.bytes} bytes`);
    });

    test('has its picture taken', async () => {
        await page.evaluate(() => document.fonts.ready);
        mkdirSync(shots, { recursive: true });
        const file = join(shots, `${name}.png`);
        await page.screenshot({ path: file, scale: 'css' });
        if (process.env.UPDATE_SCREENSHOTS) {
            mkdirSync(join(root, 'tests/flow/screenshots'), { recursive: true });
            copyFileSync(file, join(root, `tests/flow/screenshots/${name}.png`));
        }
    });

    const fits = async (on, what) => {
        const more = await sideways(on);
        assert.ok(more <= 0, `${what}: ${more} px too wide\n${more > 0 ? (await beyond(on)).join('\n') : ''}`);
        assert.deepEqual(await cutOff(on), [], what);
    };

    test('does not scroll sideways with letters twice as large, nor on 320 px', async () => {
        const letters = (rem, body) => page.evaluate(([r, b]) => { document.documentElement.style.fontSize = r; document.body.style.fontSize = b; }, [rem, body]);
        await letters('32px', '34px');
        await fits(page, 'large letters');
        await letters('', '');
        await page.setViewportSize({ width: 320, height: 640 });
        await fits(page, '320 px');
        await page.setViewportSize({ width: 360, height: 740 });
    });

    test('does not scroll sideways at 360 px and cuts nothing off, in any language', async () => {
        await fits(page, 'vi');
        for (const lang of ['en', 'fr']) {
            const other = await openIn(lang, page, stage(), of);
            try {
                assert.equal(await other.evaluate(() => document.documentElement.lang), lang);
                await fits(other, lang);
                await other.setViewportSize({ width: 320, height: 640 });
                await fits(other, `${lang}, 320 px`);
            } finally {
                await other.close();
            }
        }
    });
}
