// The second factor of the office, in the browser: set up, asked for, used once, lost and found on paper, taken off at the machine,
// and required of everybody in the office.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { build, root, Stack } from './lib/stack.mjs';
import { Browser, loseAnswers, seen, tap, words, wordsIn } from './lib/browser.mjs';
import { after, before, describe, test } from './lib/test.mjs';
import { newKey, ok } from './lib/api.mjs';
import { Authenticator } from './lib/authenticator.mjs';
import { barriers, checkPages } from './lib/page_checks.mjs';
import { makeStall } from './lib/commune.mjs';
import { until } from './lib/until.mjs';

let stack, browser;
const cookies = {}, asked = {};
before(async () => {
    stack = await Stack.start({ args: ['--relay', 'none'] });
    browser = await Browser.start();
    const one = await officer('admin');
    await setUp(one);
    Object.assign(asked, one);
    cookies.on = one.client.cookies;
    cookies.off = (await officer('admin')).client.cookies;
});
after(async () => {
    await browser?.stop();
    await stack?.stop();
});

const market = (...args) => spawnSync(join(build, 'bin/market'), [...args, '--data', stack.dir], { encoding: 'utf8' });

/** Somebody of the office with a password, logged in: {person, phone, password, client}. */
async function officer(role) {
    const phone = `09${randomInt(10000000, 99999999)}`, password = `măng-${newKey()}`;
    const { person } = ok(await stack.client('admin').post('/api/v1/people', { key: newKey(), name: 'Vi Thị Đào', phone, place: 'Hữu Kiệm', roles: [role], password }), 201);
    const client = stack.client();
    ok(await client.post('/api/v1/login', { phone, password }));
    return { person, phone, password, client };
}

/** Over the API, as a program would; `who` gets `app` and `paper`. */
async function setUp(who) {
    const { begun } = ok(await who.client.post('/api/v1/me/factor', { key: newKey() }), 201);
    who.begun = begun;
    who.app = Authenticator.of(begun.uri);
    who.paper = ok(await who.client.post('/api/v1/me/factor/confirm', { key: newKey(), otp: await who.app.fresh() }), 201).codes;
}

async function shot(page, name) {
    mkdirSync(join(root, 'build/screenshots'), { recursive: true });
    await page.screenshot({ path: join(root, `build/screenshots/${name}.png`), scale: 'css', fullPage: true });
}

/** To the door, and the first step of it. */
async function givePassword(page, { phone, password }, to = '/login') {
    await page.goto(to);
    await page.getByTestId('phone').fill(phone);
    await page.getByTestId('password').fill(password);
    await tap(page, 'login-send');
    await page.getByTestId('otp').or(page.getByTestId('tab-sessions')).or(page.getByTestId('tab-tasks')).or(page.getByTestId('factor-begin')).first().waitFor();
}

async function giveCode(page, code) {
    await page.getByTestId('otp').fill(code);
    await tap(page, 'otp-send');
}

/** The notice of the door once it says no. */
async function refused(page, how) {
    await page.getByTestId('notice').filter({ hasText: how }).waitFor();
    await until('the field to be empty again', async () => await page.getByTestId('otp').inputValue() === '');
}

const isOn = (page, on) => page.locator(`[data-testid="my-factor"][data-on="${on}"]`).waitFor();

/** The squares of a QR code: of ours, and as another program makes it. */
const drawn = (svg) => [...svg.matchAll(/M(\d+) (\d+)h(\d+)v1h-\d+z/g)].flatMap(([, x, y, run]) => Array.from({ length: Number(run) }, (_, i) => `${x - 4 + i},${y - 4}`)).sort();
function squares(text) {
    const rows = execFileSync('qrencode', ['-t', 'ASCII', '-m', '0', '-l', 'M', '-8', text], { encoding: 'utf8' }).trimEnd().split('\n');
    return rows.flatMap((row, y) => [...row.matchAll(/##/g)].map((m) => `${m.index / 2},${y}`)).sort();
}

describe('somebody of the office', () => {
    test('sets one up from the settings, logs in with it, uses no code twice, and comes in by paper once', async () => {
        const who = await officer('cadre');
        const page = await browser.person(stack);
        await givePassword(page, who, '/login?to=/money');
        await page.waitForURL('**/money');
        await page.goto('/money#settings');
        await page.reload();
        await isOn(page, false);
        await tap(page, 'factor-open');
        await seen(page, 'factor-qr');
        const app = new Authenticator(await words(page, 'factor-secret'));
        await shot(page, 'factor-set-up');
        await page.getByTestId('factor-code').fill(app.wrong());
        await tap(page, 'factor-send');
        await page.getByTestId('factor-sheet').getByTestId('notice').filter({ hasText: /Chờ mã mới/ }).waitFor();
        const first = await app.fresh();
        await page.getByTestId('factor-code').fill(first);
        await tap(page, 'factor-send');
        await seen(page, 'recovery-codes');
        const paper = await page.getByTestId('recovery-codes').locator('li').allTextContents();
        assert.equal(new Set(paper).size, 10);
        assert.deepEqual(await barriers(page), []);
        await shot(page, 'factor-codes');
        await tap(page, 'codes-kept');
        await isOn(page, true);
        assert.equal(await page.getByTestId('codes-left').getAttribute('data-left'), '10');
        await shot(page, 'factor-on');

        await tap(page, 'log-out');
        await tap(page, 'log-out-sure');
        await page.waitForURL(/\/login(\?|$)/);
        await givePassword(page, who);
        assert.equal(await page.getByTestId('otp').getAttribute('autocomplete'), 'one-time-code');
        await until('the field to have the focus', () => page.evaluate(() => document.activeElement.dataset.testid === 'otp'));
        await giveCode(page, app.wrong());
        await refused(page, /chưa đúng/);
        await shot(page, 'login-code');
        await giveCode(page, first);                                           // it set the factor up
        await refused(page, /dùng/);
        const second = await app.fresh();
        await giveCode(page, `${second.slice(0, 3)} ${second.slice(3)}`);
        await page.waitForURL('**/sessions');

        for (const [code, good] of [[second, false], [paper[4].toLowerCase(), true], [paper[4], false], [paper[5].replace('-', ' '), true]]) {
            await page.context().clearCookies();
            await givePassword(page, who);
            if (code !== second) await tap(page, 'otp-paper');
            await giveCode(page, code);
            if (good) await page.waitForURL('**/sessions');
            else await refused(page, /chưa đúng/);
        }
        await page.goto('/money#settings');
        await page.locator('[data-testid="codes-left"][data-left="8"]').waitFor();
        await tap(page, 'codes-open');
        await page.getByTestId('factor-code').fill(paper[0]);
        await tap(page, 'factor-send');
        await seen(page, 'recovery-codes');
        const fresh = await page.getByTestId('recovery-codes').locator('li').allTextContents();
        assert.ok(fresh.length === 10 && !fresh.some((code) => paper.includes(code)));
        await tap(page, 'codes-kept');
        await tap(page, 'factor-off');
        await seen(page, 'factor-off-sheet');
        await page.getByTestId('factor-code').fill(paper[1]);                  // of the old paper
        await tap(page, 'factor-send');
        await page.getByTestId('factor-off-sheet').getByTestId('notice').filter({ hasText: /chưa đúng/ }).waitFor();
        await page.getByTestId('factor-code').fill(fresh[0]);
        await tap(page, 'factor-send');
        await isOn(page, false);
        await page.context().clearCookies();
        await givePassword(page, who);
        await page.waitForURL('**/sessions');                                 // the password alone, again
        assert.deepEqual(page.trouble, []);
        await page.context().close();
    });

    test('whose phone throws the page away while the app is open goes on with the same secret, and hears of codes that may not be kept', async () => {
        const who = await officer('cadre');
        const page = await browser.person(stack, { cookies: who.client.cookies });
        const begin = async () => {
            await page.goto('/money#settings');
            await page.reload();
            await isOn(page, false);
            await tap(page, 'factor-open');
            await seen(page, 'factor-qr');
            return words(page, 'factor-secret');
        };
        const secret = await begin(), app = new Authenticator(secret);
        assert.ok(!(await page.evaluate(() => JSON.stringify([{ ...sessionStorage }, { ...localStorage }]))).includes(secret.replaceAll(' ', '')), 'the secret is on the phone');
        assert.equal(await begin(), secret);
        await tap(page, 'copy-factor-secret');
        await page.getByTestId('copy-factor-secret').filter({ hasText: 'Đã chép' }).waitFor();
        await page.getByTestId('factor-code').fill(app.wrong());
        await tap(page, 'factor-send');
        await wordsIn(page, 'factor-sheet');
        await until('the field to have the focus', () => page.evaluate(() => document.activeElement.dataset.testid === 'factor-code'));
        await page.getByTestId('factor-code').fill(await app.fresh());
        await tap(page, 'factor-send');
        await seen(page, 'recovery-codes');
        await page.reload();
        await isOn(page, true);
        await seen(page, 'codes-unsure');
        assert.deepEqual(await barriers(page), []);
        await shot(page, 'factor-codes-unsure');
        await tap(page, 'codes-kept');
        await page.getByTestId('codes-unsure').waitFor({ state: 'detached' });
        await page.reload();
        await isOn(page, true);
        assert.equal(await page.getByTestId('codes-unsure').count(), 0);
        assert.deepEqual(page.trouble, []);
        await page.context().close();
    });

    test('whose recovery codes got lost on the way hears that it is on, and makes others', async () => {
        const who = await officer('cadre');
        const page = await browser.person(stack, { cookies: who.client.cookies });
        await page.goto('/money#settings');
        await isOn(page, false);
        await tap(page, 'factor-open');
        await seen(page, 'factor-qr');
        const app = new Authenticator(await words(page, 'factor-secret'));
        await loseAnswers(page, /\/me\/factor\/confirm$/);
        await page.getByTestId('factor-code').fill(await app.fresh());
        await tap(page, 'factor-send');
        await page.getByTestId('factor-sheet').getByTestId('notice').filter({ hasText: /bấm lần nữa/ }).waitFor();
        await tap(page, 'factor-send');                                        // the same act: it is done once
        await seen(page, 'codes-lost');
        await tap(page, 'codes-kept');
        await isOn(page, true);
        await tap(page, 'codes-open');
        await page.getByTestId('factor-code').fill(await app.fresh());
        await tap(page, 'factor-send');
        await seen(page, 'recovery-codes');
        assert.deepEqual(page.trouble, []);
        await page.context().close();
    });

    test('who lost app and paper is let in by the person at the machine; nobody else is told of the factor', async () => {
        const who = await officer('cadre');
        await setUp(who);
        const { secret, svg, uri } = who.begun;
        assert.deepEqual(drawn(svg), squares(uri));
        assert.equal(decodeURIComponent(new URL(uri).pathname), `/Chợ Nương:${who.phone}@${new URL(stack.origin).host}`);
        const client = stack.client(), login = (more) => client.post('/api/v1/login', { phone: who.phone, password: who.password, ...more });
        assert.equal((await login({ password: 'không phải' })).body.code, 'bad-login');
        assert.equal((await login({ password: 'không phải', otp: who.paper[0] })).body.code, 'bad-login');
        assert.equal((await login({})).body.code, 'code-needed');
        assert.equal((await login({ otp: who.app.wrong() })).body.code, 'bad-code');
        assert.equal(market('factor', 'reset', '--phone', '0900000000').status, 1);
        assert.equal(market('factor', 'reset').status, 64);
        const { status, stderr } = market('factor', 'reset', '--phone', who.phone);
        assert.equal(status, 0, stderr);
        assert.equal((await who.client.get('/api/v1/people')).status, 401);    // whoever was in is out
        ok(await login({}));
        assert.equal(ok(await client.get('/api/v1/me/factor')).factor.on, false);
        const rows = execFileSync('sqlite3', ['-readonly', join(stack.dir, 'market.db'), "SELECT kind FROM journal WHERE kind LIKE 'factor.%' AND full_body LIKE '%:" + who.person.id + "}' ORDER BY id"], { encoding: 'utf8' });
        assert.deepEqual(rows.trim().split('\n'), ['factor.on', 'factor.reset']);
        assert.ok(ok(await stack.client('cadre').get('/api/v1/me')).person);
        const log = stack.log;
        for (const word of [secret, uri, ...who.paper]) assert.ok(!log.includes(word), 'a secret in the log');
        assert.match(log, /"factor\.reset"/);
        for (const file of readdirSync(stack.dir).filter((f) => /^market\.db/.test(f))) {
            const bytes = readFileSync(join(stack.dir, file));
            for (const word of [secret, ...who.paper]) assert.ok(!bytes.includes(word), `a secret in ${file}`);
        }
    });

    test('who came by a link gives the code as well', async () => {
        const who = await officer('cadre');
        await setUp(who);
        const { url } = ok(await stack.client('admin').post(`/api/v1/people/${who.person.id}/links`, { key: newKey() }), 201);
        const page = await browser.person(stack);
        await page.goto(new URL(url, stack.origin).pathname);
        await tap(page, 'enter');
        await seen(page, 'otp');
        await giveCode(page, who.app.wrong());
        await refused(page, /chưa đúng/);
        await giveCode(page, await who.app.fresh());
        await page.waitForURL('**/sessions');
        assert.deepEqual(page.trouble, []);
        await page.context().close();
    });
});

describe('an office that must have one', () => {
    test('leads who has none to it, also from an open page, and lets them do nothing else; farmers go on', async () => {
        const [admin, cadre, stall] = [await officer('admin'), await officer('cadre'), await makeStall(stack)];
        const office = await browser.person(stack, { cookies: admin.client.cookies });
        await office.goto('/money#settings');
        await seen(office, 'factor-rule');
        await tap(office, 'rule-change');
        await tap(office, 'rule-save');
        await office.getByTestId('rule-sheet').getByTestId('notice').filter({ hasText: /chính bạn trước/ }).waitFor();
        await setUp(admin);
        const open = await browser.person(stack, { cookies: cadre.client.cookies });
        await open.goto('/sessions');
        await seen(open, 'tab-people');
        await tap(office, 'rule-save');
        await office.locator('[data-testid="factor-rule"][data-required="true"]').waitFor();
        try {
            assert.equal((await cadre.client.get('/api/v1/people')).body.code, 'factor-first');
            assert.equal((await cadre.client.post('/api/v1/people', { key: newKey(), name: 'A', phone: '0912345600', place: '', roles: ['farmer'] })).body.code, 'factor-first');
            ok(await stall.farmer.get(`/api/v1/stalls/${stall.slug}`));
            ok(await stall.farmer.get('/api/v1/orders'));
            await open.waitForURL('**/factor?to=/sessions');                   // by itself
            await seen(open, 'factor-begin');
            await shot(open, 'factor-first');
            await open.goto('/money');
            await open.waitForURL('**/factor?to=/money');
            await tap(open, 'factor-begin');
            await seen(open, 'factor-qr');
            const app = new Authenticator(await words(open, 'factor-secret'));
            await open.getByTestId('factor-code').fill(await app.fresh());
            await tap(open, 'factor-send');
            await seen(open, 'recovery-codes');
            assert.deepEqual(await barriers(open), []);
            await shot(open, 'factor-first-codes');
            await tap(open, 'codes-kept');
            await open.waitForURL((url) => url.pathname === '/money');
            await seen(open, 'tab-tasks');
            assert.deepEqual(open.trouble, []);

            const late = await officer('cadre');                               // comes by the door
            const page = await browser.person(stack);
            await givePassword(page, late, '/login?to=/money');
            await page.waitForURL('**/factor?to=/money');
            await seen(page, 'factor-begin');
            await tap(page, 'log-out');
            await tap(page, 'log-out-sure');
            await page.waitForURL(/\/login(\?|$)/);
            assert.deepEqual(page.trouble, []);
            await page.context().close();
        } finally {
            ok(await admin.client.post('/api/v1/factor-rule', { key: newKey(), required: 'no' }), 201);
        }
        ok(await cadre.client.get('/api/v1/people'));
        assert.deepEqual(office.trouble, []);
        await office.context().close();
        await open.context().close();
    });
});

const settings = (page) => seen(page, 'factor-rule');
checkPages({
    factor_login: { path: () => '/login', ready: async (page) => { await givePassword(page, asked, page.url()); await seen(page, 'otp'); } },
    factor_paper: { path: () => '/login', ready: async (page) => { await givePassword(page, asked, page.url()); await tap(page, 'otp-paper'); } },
    factor_settings: { path: () => '/money#settings', who: 'on', ready: async (page) => { await settings(page); await seen(page, 'codes-left'); await page.getByTestId('factor-people').locator('summary').click(); } },
    factor_off: { path: () => '/money#settings', who: 'on', ready: async (page) => { await settings(page); await tap(page, 'factor-off'); await seen(page, 'factor-off-sheet'); } },
    factor_begun: { path: () => '/money#settings', who: 'off', ready: async (page) => { await settings(page); await tap(page, 'factor-open'); await seen(page, 'factor-qr'); } },
}, () => ({ stack, browser, cookies }));

describe('where the office must have one', () => {
    const require = async (required) => {
        assert.equal((await asked.client.post('/api/v1/me/proof', { password: asked.password })).status, 204);
        ok(await asked.client.post('/api/v1/factor-rule', { key: newKey(), required }), 201);
    };
    before(() => require('yes'));
    after(() => require('no'));
    checkPages({
        factor_first: { path: () => '/factor', who: 'off', ready: (page) => seen(page, 'factor-begin') },
        factor_first_begun: { path: () => '/factor?to=/money', who: 'off', ready: async (page) => { await tap(page, 'factor-begin'); await seen(page, 'factor-qr'); } },
    }, () => ({ stack, browser, cookies }));
});
