// The pages that have something of a live stream on them: see lib/page_checks.mjs for what is asked of each.
import assert from 'node:assert/strict';
import { Stack } from './lib/stack.mjs';
import { Browser, pictureMoves, seen, tap } from './lib/browser.mjs';
import { after, before, describe, test } from './lib/test.mjs';
import { newKey, ok } from './lib/api.mjs';
import { placeOrder } from './lib/commune.mjs';
import { checkPages, open } from './lib/page_checks.mjs';
import { until } from './lib/until.mjs';

let stack, browser, cookies, lot;
before(async () => {
    stack = await Stack.start();
    browser = await Browser.start();
    await stack.phone({ codec: 'h264' });
    const slug = stack.demo.stall;
    const snapshot = await until('the demo stall to be live, with its poster', async () => {
        const s = ok(await stack.client().get(`/api/v1/stalls/${slug}`));
        return s.room.state === 'live' && s.poster && s;
    }, { ms: 90000, every: 500 });
    const buyer = stack.client();
    lot = snapshot.lots.find((l) => l.available > 2000 && l.unit === 'kg');
    ok(await placeOrder(buyer, { slug, lot }, 1500), 201);
    ok(await stack.client('cadre').post(`/api/v1/lots/${lot.id}/origin`, { key: newKey(), plot: 'Nương đỉnh núi', picked_at: Date.now() - 3600_000, moment: 0 }));
    cookies = { buyer: buyer.cookies };
    for (const role of ['farmer', 'cadre']) cookies[role] = (await stack.login(role)).cookies;
});
after(async () => {
    await browser?.stop();
    await stack?.stop();
});
const stage = () => ({ stack, browser, cookies });

const pages = {
    stalls: { path: () => '/', ready: (page) => seen(page, `stall-${stack.demo.stall}`) },
    stall: { path: () => `/s/${stack.demo.stall}`, who: 'buyer', ready: (page) => pictureMoves(page) },
    golive: { path: () => '/golive', who: 'farmer', camera: true, ready: (page) => seen(page, 'order-row') },
    sessions: { path: () => '/sessions', who: 'cadre', ready: (page) => seen(page, `card-${stack.demo.stall}`) },
    origin: { path: () => `/o/${lot.id}`, ready: (page) => seen(page, 'from-video') },
};
checkPages(pages, stage);

describe('a stall’s page', () => {
    const held = async (lang) => {                             // its script is on a line that has stopped
        const page = await browser.person(stack, { lang });
        let letGo;
        const gate = new Promise((go) => { letGo = go; });
        await page.route(/\/assets\/buyer-\w+\.js$/, async (route) => { await gate; await route.continue(); });
        await page.goto(pages.stall.path(), { waitUntil: 'commit' });
        return [page, letGo];
    };
    test('says whose it is and that it opens before its script has come, in the asked language, and then no more', async () => {
        for (const [lang, words] of [['vi', 'Đang mở…'], ['fr', 'Ouverture…']]) {
            const [page, go] = await held(lang);
            const coming = page.locator('.coming');
            const whole = new RegExp(`^Chợ Nương\\s+${words}$`);
            await until(`nothing but ${words}`, async () => whole.test(await coming.innerText())); // before the styles are there nothing is drawn, but all is read
            go();
            await seen(page, 'stall-name');
            assert.equal(await coming.isVisible(), false);
            await page.context().close();
        }
    });

    test('counts as the language does', async () => {
        const { id, available } = ok(await stack.client().get(`/api/v1/stalls/${stack.demo.stall}`)).lots.find((l) => l.unit === 'bunch');
        const page = await browser.person(stack, { lang: 'en' });
        await page.goto(pages.stall.path());
        await page.getByTestId(`stock-${id}`).filter({ hasText: new RegExp(`^${available}\\sbunches left$`) }).waitFor();
        await page.context().close();
    });

    test('keeps the field that is written in, and what it is for, between the sheet’s head and its button when the keyboard takes half of the screen', async () => {
        const page = await browser.person(stack, { height: 360 });
        await page.goto(pages.stall.path());
        await tap(page, `order-${lot.id}`);
        for (const field of ['note', 'place', 'phone', 'name']) {
            await until(`${field} to be in sight`, () => page.getByTestId(`order-${field}`).evaluate((input) => {
                input.blur();
                input.focus();                          // what came meanwhile (zones, credit) may have moved it
                const { top } = input.labels[0].firstElementChild.getBoundingClientRect(), { bottom } = input.getBoundingClientRect();
                const edge = (part) => input.closest('dialog').querySelector(part).getBoundingClientRect();
                return top >= edge('.sheet-head').bottom && bottom <= edge('.sheet-end .big').top;
            }));
        }
        await page.context().close();
    });

    test('shows whole what quality was chosen, on 320 px and with letters twice as large, in any language', async () => {
        for (const lang of ['vi', 'en', 'fr']) {
            const page = await browser.person(stack, { lang, width: 320 });
            await page.goto(pages.stall.path());
            await seen(page, 'saving');
            for (const rem of ['', '32px']) {
                await page.evaluate((size) => { document.documentElement.style.fontSize = size; document.body.style.fontSize = size; }, rem);
                for (const saving of ['low', 'audio', 'auto']) {
                    await page.getByTestId('saving').selectOption(saving);
                    await until(`the words for ${saving} to be whole`, () => page.getByTestId('saving').evaluate((select) => {
                        const words = [...select.labels[0].querySelectorAll('[aria-hidden]')].find((e) => e.textContent === select.selectedOptions[0].textContent);
                        if (!words) return false;
                        const range = document.createRange();
                        range.selectNodeContents(words);
                        const at = range.getBoundingClientRect(), pill = select.labels[0].getBoundingClientRect();
                        return at.left >= pill.left && at.right <= pill.right && at.top >= pill.top && at.bottom <= pill.bottom && pill.right <= innerWidth;
                    }));
                }
            }
            await page.context().close();
        }
    });
});

describe('the minute a label leads to', () => {
    test('plays from where the farmer pointed, while the recording still grows', async () => {
        const page = await open(stage(), pages.origin);
        const film = page.getByTestId('from-video');
        const stands = () => film.evaluate((video) => ({ at: video.currentTime, width: video.videoWidth, frames: video.getVideoPlaybackQuality().totalVideoFrames }));
        const from = Number(await film.getAttribute('data-from')) / 1000;
        await until('the film to stand at its minute', async () => (await stands()).at >= from);
        await film.evaluate((video) => { video.muted = true; return video.play(); });
        await until('pictures of it', async () => { const now = await stands(); return now.at > from + 0.5 && now.width === 640 && now.frames > 5; });
        await page.context().close();
    });

    test('is said not to open when the line breaks, and asked for again', async () => {
        const page = await browser.person(stack);
        await page.route(/\/video$/, (route) => route.abort());
        await page.goto(pages.origin.path());
        await seen(page, 'from-lost');
        const film = page.getByTestId('from-video');
        assert.equal(await film.isVisible(), false);
        await page.unrouteAll();
        await tap(page, 'from-again');
        await film.waitFor({ state: 'visible' });
        await until('its beginning', () => film.evaluate((video) => video.readyState > 0));
        await page.context().close();
    });
});

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
        const page = await open(stage(), pages.stall);
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
