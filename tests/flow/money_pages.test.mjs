// The pages about money in a real browser: a buyer pays by QR and sees it, the office decides what the machine could not,
// a statement is brought in, cash is counted by both, a farmer reads and prints what was earned.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Stack, root } from './lib/stack.mjs';
import { Browser, loseAnswers, seen, tap, words, wordsIn } from './lib/browser.mjs';
import { after, before, describe, test } from './lib/test.mjs';
import { newKey, ok } from './lib/api.mjs';
import { driveOut, makeStall, placeOrder } from './lib/commune.mjs';
import { workbook } from './lib/workbook.mjs';
import { until } from './lib/until.mjs';

const NUMBER = '3600205123456';
const KEY = 'sepay-key';
const shots = join(root, 'build/screenshots');
let stack, browser, messenger, admin, courier, stall, account;
let count = 0;

before(async () => {
    mkdirSync(shots, { recursive: true });
    [stack, browser] = await Promise.all([Stack.start({ args: ['--relay', 'none'] }), Browser.start()]);
    writeFileSync(join(stack.dir, 'hooks.conf'), `[sepay]\nkey=${KEY}\n`, { mode: 0o600 });
    messenger = stack.client();
    [admin, courier] = [await stack.login('admin'), stack.client('courier')];
    stall = await makeStall(stack, { lots: [{ name: 'Su su', unit: 'kg', price: 20000, amount: 100000 }] });
    ok(await admin.post('/api/v1/bank-accounts', { key: newKey(), bin: '970405', number: NUMBER, holder: 'HTX Khe Nhinh' }), 201);
    account = ok(await admin.get('/api/v1/bank-accounts')).accounts.find((a) => a.number === NUMBER);
    ok(await admin.post(`/api/v1/stalls/${stall.slug}/payee`, { key: newKey(), account: account.id, fee_points: 1000 }));
});
after(async () => {
    await browser?.stop();
    await stack?.stop();
});

const notice = async (memo, amount, more = {}) => ok(await messenger.send('POST', '/api/v1/hooks/sepay', {
    text: JSON.stringify({ id: 500000 + ++count, gateway: 'Agribank', transactionDate: '2026-05-02 08:01:02', accountNumber: NUMBER, subAccount: null, code: null,
        content: `MBVCB.45.067.${memo} chuyen tien`, transferType: 'in', transferAmount: amount, accumulated: 0, referenceCode: `FT${count}`, description: '', ...more }),
    headers: { authorization: `Apikey ${KEY}` },
}));

async function ordered(grams) {
    const buyer = stack.client();
    return { buyer, order: ok(await placeOrder(buyer, stall, grams), 201).order };
}

const stateIs = (page, state) => until(`the page to say ${state}`, async () => await page.getByTestId('pay-state').first().getAttribute('data-state') === state);
const gone = (page, id) => page.getByTestId(id).first().waitFor({ state: 'detached' });
const shot = (page, name) => page.screenshot({ path: join(shots, `${name}.png`), fullPage: true, scale: 'css' });
const office = (client, hash = '', options = {}) => browser.person(stack, { cookies: client.cookies, ...options }).then(async (page) => {
    await page.goto(`/money${hash}`);
    await seen(page, 'tab-tasks');
    return page;
});

/** Somebody of the office on a phone that was let in by a link, and has not been told the password yet. */
const byLink = () => byLinkOf('cadre');
async function byLinkOf(role) {
    const { person } = ok(await stack.client(role).get('/api/v1/me'));
    const { url } = ok(await stack.client('admin').post(`/api/v1/people/${person.id}/links`, { key: newKey() }), 201);
    const client = stack.client();
    ok(await client.post('/api/v1/login/link', { code: new URL(url, stack.origin).pathname.split('/').at(-1) }));
    return client;
}

describe('a buyer', () => {
    test('sees the QR and all that is in it, saves it, and sees the money arrive', async () => {
        const { buyer, order } = await ordered(1500);
        const page = await browser.person(stack, { cookies: buyer.cookies });
        await page.goto(`/orders/${order.code}`);
        await seen(page, 'pay-qr');
        assert.equal(await page.getByTestId('pay-state').getAttribute('data-state'), 'unpaid');
        assert.ok(await page.getByTestId('pay-qr').evaluate((img) => img.decode().then(() => img.naturalWidth >= 200)));
        assert.match(await words(page, 'pay-amount'), /^30\.000/);
        assert.equal((await words(page, 'pay-number')).replaceAll(' ', ''), NUMBER);
        assert.equal(await words(page, 'pay-memo'), order.code);
        await shot(page, 'pay-bank');
        await page.context().grantPermissions(['clipboard-read', 'clipboard-write'], { origin: stack.origin });
        await tap(page, 'copy-pay-number');
        await until('the number to be copied', async () => await page.evaluate(() => navigator.clipboard.readText()) === NUMBER);
        const [file] = await Promise.all([page.waitForEvent('download'), tap(page, 'pay-save')]);
        assert.equal(file.suggestedFilename(), `${order.code}.png`);
        const png = readFileSync(await file.path());
        assert.deepEqual([...png.subarray(1, 4)], [...Buffer.from('PNG')]);
        assert.ok(png.length > 5000);
        await tap(page, 'pay-cash');
        await seen(page, 'pay-cash-words');
        await shot(page, 'pay-cash');
        await tap(page, 'pay-bank');
        await notice(order.code, 10000);
        await stateIs(page, 'short');
        await until('the QR to ask for the rest', async () => /^20\.000/.test(await words(page, 'pay-amount')));
        await until('the two hours more to be shown', async () => Number(await page.getByTestId('countdown').getAttribute('data-left')) > 100 * 60_000);
        await shot(page, 'pay-short');
        await tap(page, 'order-cancel');
        assert.match(await words(page, 'cancel-money'), /10\.000/);             // what becomes of the part, before it is too late
        await shot(page, 'cancel-short');
        await page.goBack();
        await gone(page, 'cancel-money');
        await notice(order.code, 20000);
        await stateIs(page, 'paid');
        assert.equal(await page.getByTestId('pay-qr').count(), 0);
        await page.getByTestId('countdown').waitFor({ state: 'detached' });
        await shot(page, 'pay-paid');
        assert.deepEqual(page.trouble, []);
        await page.context().close();
    });

    test('whose phone\'s clock is hours off sees how long the goods are really kept', async () => {
        for (const hours of [3, -3]) {
            const { buyer, order } = await ordered(1000);
            const page = await browser.person(stack, { cookies: buyer.cookies });
            await page.context().addInitScript((ms) => {
                const real = Date.now.bind(Date);
                Date.now = () => real() + ms;
            }, hours * 3600_000);
            await page.goto(`/orders/${order.code}`);
            const left = () => page.getByTestId('countdown').getAttribute('data-left').then(Number);
            await until('the time to run, as the market counts it', async () => await left() > 0 && await left() < order.expires_at - order.placed_at);
            assert.deepEqual(page.trouble, []);
            await page.context().close();
        }
    });

    test('without a network still shows what this phone knew', async () => {
        const { buyer, order } = await ordered(1000);
        const page = await browser.person(stack, { cookies: buyer.cookies });
        await page.goto(`/orders/${order.code}`);
        await seen(page, 'pay-qr');
        await page.context().setOffline(true);
        await page.evaluate(() => window.dispatchEvent(new Event('online')));      // what a phone does on coming back to life
        await seen(page, 'pay-old');
        await seen(page, 'pay-qr');
        await page.evaluate((ms) => {                                               // it lay in a pocket until the goods are kept no more
            const real = Date.now.bind(Date);
            Date.now = () => real() + ms;
        }, order.expires_at - order.placed_at);
        await seen(page, 'pay-over');
        assert.deepEqual([await page.getByTestId('pay-qr').count(), await page.getByTestId('pay-old').count()], [0, 0]);
        await shot(page, 'pay-over');
        await page.context().setOffline(false);
        await page.evaluate(() => window.dispatchEvent(new Event('online')));
        await seen(page, 'pay-qr');                                                // the market says that they still are
        await gone(page, 'pay-old');
        await page.context().close();
    });
});

describe('the office', () => {
    test('that came by a link sets the first password on the page, and money goes on', async () => {
        const phone = `09${String(Date.now()).slice(-8)}`;
        const { person } = ok(await stack.client('admin').post('/api/v1/people', { key: newKey(), name: 'Vi Thị Mới', phone, place: 'Hữu Kiệm', roles: ['cadre'] }), 201);
        const { url } = ok(await stack.client('admin').post(`/api/v1/people/${person.id}/links`, { key: newKey() }), 201);
        const page = await browser.person(stack);
        await page.goto(new URL(url, stack.origin).pathname);
        await tap(page, 'enter');
        await until('the link to log in', async () => !new URL(page.url()).pathname.startsWith('/l/'));
        await page.goto('/money#settings');
        await seen(page, 'password-none');
        await tap(page, 'password-open');
        await page.getByTestId('password-new').fill('12345678');
        await tap(page, 'password-set');
        await page.getByTestId('password-form').getByTestId('notice').filter({ hasText: /\S/ }).waitFor();
        await page.getByTestId('password-new').fill('măng đắng 9');
        await shot(page, 'money-first-password');
        await tap(page, 'password-set');
        await gone(page, 'new-password-sheet');
        assert.equal(await page.getByTestId('password-none').count(), 0);
        await shot(page, 'money-settings');
        await page.context().close();
        ok(await stack.client().post('/api/v1/login', { phone, password: 'măng đắng 9' }));
    });

    test('gives money without an owner to the order that looks like it, with one tap', async () => {
        const { order, buyer } = await ordered(1000);
        await notice(order.code.slice(0, 4) + (order.code[4] === '5' ? '6' : '5') + order.code.slice(5), 20000);
        const page = await office(await stack.login('cadre'));
        const match = page.locator(`[data-testid^="match-"][data-testid$="-${order.code}"]`);
        await match.waitFor();
        await shot(page, 'money-tasks');
        await match.click();
        await match.waitFor({ state: 'detached' });
        assert.equal(ok(await buyer.get(`/api/v1/orders/${order.code}/payment`)).payment.state, 'paid');
        assert.deepEqual(page.trouble, []);
        await page.context().close();
    });

    test('finds an order by its code for money with no likeness, having seen whose it is', async () => {
        const { order, buyer } = await ordered(1200);
        await notice('tien rau', 24000);
        const page = await office(await stack.login('cadre'));
        const card = page.locator('[data-kind="unmatched"]').filter({ hasText: '24.000' });
        await card.locator('[data-testid^="match-"]').click();
        await page.locator(`[data-testid="pick-${order.code}"][data-why="amount"]`).waitFor();       // exactly this is due
        await page.getByTestId('pick-code').fill(order.code.toLowerCase());
        await tap(page, 'pick-look');
        await page.locator(`[data-testid="pick-${order.code}"][data-why="code"]`).waitFor();
        await shot(page, 'money-pick');
        await tap(page, `pick-yes-${order.code}`);
        await card.waitFor({ state: 'detached' });
        assert.equal(ok(await buyer.get(`/api/v1/orders/${order.code}/payment`)).payment.state, 'paid');
        await page.context().close();
    });

    test('grants what was paid too much with a reason, and somebody else pays it', async () => {
        const { order } = await ordered(1000);
        await notice(order.code, 25000);
        const page = await office(await stack.login('cadre'));
        const card = page.locator('[data-kind="over"]').filter({ hasText: order.code });
        await card.locator('[data-testid^="refund-"]').click();
        await seen(page, 'decide-sheet');
        await shot(page, 'money-reason');
        await tap(page, 'why-1');
        await card.waitFor({ state: 'detached' });
        await page.context().close();
        const payer = await office(admin);
        const refund = payer.locator('[data-testid="queue-refunds"] .task').filter({ hasText: order.code });
        await refund.locator('button').click();
        await payer.getByTestId('refund-reference').fill('FT-REFUND-1');
        await tap(payer, 'refund-bank');
        await refund.waitFor({ state: 'detached' });
        assert.equal(ok(await admin.get('/api/v1/refunds?state=paid')).refunds.find((r) => r.order === order.code).reference, 'FT-REFUND-1');
        await payer.context().close();
    });

    test('brings in a statement, is told in words what became of it, and again that nothing changed', async () => {
        const { order, buyer } = await ordered(2000);
        const csv = `\ufeffSố tài khoản: ${NUMBER}\r\nNgày giao dịch;Số tham chiếu;Diễn giải;Nợ;Có;Số dư\r\n02/05/2026 09:00:00;FT-S${process.pid};${order.code} mua rau;;40.000;60.000\r\n`;
        const page = await office(await stack.login('cadre'), '#import');
        const bring = async (text, name = 'sao-ke.csv', mimeType = 'text/csv') => {
            await page.locator('[data-testid="import-file"]:enabled').waitFor({ state: 'attached' });    // the accounts are there
            await page.getByTestId('import-file').setInputFiles({ name, mimeType, buffer: Buffer.from(text) });
            await page.locator('[data-testid="import-result"][data-good]').waitFor();
            return words(page, 'import-result');
        };
        assert.match(await bring(csv), /1 khoản đã vào đúng đơn/);
        await shot(page, 'money-import');
        assert.equal(ok(await buyer.get(`/api/v1/orders/${order.code}/payment`)).payment.state, 'paid');
        await page.reload();
        assert.match(await bring(csv), /Không có gì thay đổi/);
        await page.reload();
        assert.match(await bring('a,b\n1,2\n'), /tiêu đề/);
        const second = await ordered(1500);
        await page.reload();
        const sheet = workbook([['Ngày giao dịch', 'Số tham chiếu', 'Diễn giải', 'Nợ', 'Có', 'Số dư'],
            ['02/05/2026 10:00:00', `FT-X${process.pid}`, `${second.order.code} mua rau`, '', '30.000', '90.000']]);
        assert.match(await bring(sheet, 'sao-ke.xlsx', 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'), /1 khoản đã vào đúng đơn/);
        assert.equal(ok(await second.buyer.get(`/api/v1/orders/${second.order.code}/payment`)).payment.state, 'paid');
        await page.context().close();
    });

    test('counts the cash a courier hands over; both have said so', async () => {
        const { order } = await ordered(1000);
        await driveOut(stall, courier, [order.code]);
        const [expected] = ok(await courier.get('/api/v1/cash/expected')).days;
        assert.deepEqual([expected.stops, expected.expected], [1, 20000]);
        ok(await courier.post(`/api/v1/orders/${order.code}/cash`, { key: newKey(), amount: 20000 }));
        assert.equal(ok(await courier.get('/api/v1/cash/expected')).days[0].expected, 20000);      // what came is still what was to come
        const me = ok(await admin.get('/api/v1/me')).person;
        const { handover } = ok(await courier.post('/api/v1/handovers', { key: newKey(), to: me.id, amount: 20000 }), 201);
        const page = await office(admin, '#cash');
        await seen(page, `cash-${expected.person}-${expected.day}`);
        assert.ok(ok(await courier.get('/api/v1/cash/takers')).takers.some((x) => x.id === me.id));
        await tap(page, `count-${handover.id}`);
        await page.getByTestId('counted').fill('15.000');
        assert.equal(await page.getByTestId('count-yes').isDisabled(), true);       // a difference needs its reason
        await page.getByTestId('counted').fill('20.000');
        await tap(page, 'count-yes');
        await gone(page, `handover-${handover.id}`);
        await until('the pocket to hold it', async () => Number(await page.getByTestId('pocket').getAttribute('data-dong')) >= 20000);
        await shot(page, 'money-cash');
        assert.equal(ok(await courier.get('/api/v1/handovers')).handovers.length, 0);
        await loseAnswers(page, /\/handovers$/);                                     // handed on, and the answer gets lost: pressed again it is one
        const other = ok(await admin.get('/api/v1/cash/takers')).takers.find((x) => x.id !== me.id);
        const give = async () => {
            await tap(page, 'cash-give');
            await page.getByTestId('give-amount').fill('5.000');
            await tap(page, `give-to-${other.id}`);
        };
        await give();
        assert.match(await wordsIn(page, 'give-sheet'), /bấm lần nữa/);
        await page.keyboard.press('Escape');
        await give();
        await gone(page, 'give-sheet');
        assert.deepEqual(ok(await admin.get('/api/v1/handovers')).handovers.filter((h) => h.taker === other.id).map((h) => h.amount), [5000]);
        await page.context().close();
    });

    test('writes down an account and chooses it for a stall; another counts only a day later', async () => {
        const page = await office(admin, '#accounts');
        await tap(page, 'account-add');
        await page.getByTestId('account-number').fill('1500 2051 23');
        await page.getByTestId('account-holder').fill(stall.person.name);
        await page.getByTestId('account-owner').selectOption(String(stall.person.id));
        await shot(page, 'money-account');
        await tap(page, 'account-save');
        const made = await until('the account', async () => ok(await admin.get('/api/v1/bank-accounts')).accounts.find((a) => a.number === '1500205123'));
        await seen(page, `account-${made.id}`);
        await tap(page, `payee-choose-${stall.slug}`);
        await tap(page, `payee-account-${made.id}`);
        await page.getByTestId(`payee-${stall.slug}`).getByTestId('payee-next').waitFor();
        await shot(page, 'money-accounts');
        assert.equal(ok(await admin.get(`/api/v1/stalls/${stall.slug}/payee`)).payee.now.id, account.id);
        await page.context().close();
    });

    test('entered by a link, is asked for the password before an account is written down, and goes on by itself', async () => {
        const page = await office(await byLink(), '#accounts');
        await tap(page, 'account-add');
        await page.getByTestId('account-number').fill('2151 0003 0784 99');
        await page.getByTestId('account-holder').fill('HTX Hữu Kiệm');
        await tap(page, 'account-save');
        await page.getByTestId('password-again').fill('không phải');
        await tap(page, 'password-send');
        await until('the words for a wrong password', async () => await page.getByTestId('password-sheet').getByTestId('notice').getAttribute('data-tone') === 'bad');
        await shot(page, 'password-again');
        await page.getByTestId('password-again').fill(stack.demo.people.cadre.password);
        await tap(page, 'password-send');
        await gone(page, 'account-form');
        await gone(page, 'password-sheet');
        const made = ok(await admin.get('/api/v1/bank-accounts')).accounts.filter((a) => a.number === '21510003078499');
        assert.equal(made.length, 1);
        await seen(page, `account-${made[0].id}`);
        await page.context().close();
    });

    test('closes the question about the password, and nothing has happened', async () => {
        const page = await office(await byLink(), '#accounts');
        const before = ok(await admin.get(`/api/v1/stalls/${stall.slug}/payee`)).payee;
        await tap(page, `payee-choose-${stall.slug}`);
        await tap(page, `payee-account-${account.id}`);
        await seen(page, 'password-again');
        await page.keyboard.press('Escape');
        await gone(page, 'password-sheet');
        await until('the refusal in words', async () => await page.getByTestId('notice').first().getAttribute('data-tone') === 'bad');
        assert.deepEqual(ok(await admin.get(`/api/v1/stalls/${stall.slug}/payee`)).payee, before);
        await page.context().close();
    });

    test('sets other tax rates for a day to come, which change no settlement from before it', async () => {
        const settled = async () => ok(await admin.get(`/api/v1/people/${stall.person.id}/settlement`)).settlement;
        const before = await settled();
        assert.ok(before.tax.some((x) => x.kind === 'goods' && x.vat_points === 100 && x.since === null), 'something was sold by now');
        const page = await office(await byLinkOf('admin'), '#settings');
        await seen(page, 'tax-law');
        assert.equal(await page.getByTestId('tax-law').getAttribute('data-state'), 'now');
        await tap(page, 'tax-add');
        await page.getByTestId('tax-from').fill('2020-01-01');
        assert.ok(await page.getByTestId('tax-save').isDisabled());
        await page.getByTestId('tax-from').fill('2098-02-01');
        await page.getByTestId('tax-goods_vat').fill('một');
        assert.ok(await page.getByTestId('tax-save').isDisabled());
        await page.getByTestId('tax-goods_vat').fill('2,5');
        await page.getByTestId('tax-transport_income').fill('1');
        await page.getByTestId('tax-services_vat').fill('6,25');
        await shot(page, 'tax-sheet');
        await tap(page, 'tax-save');
        await page.getByTestId('password-again').fill(stack.demo.people.admin.password);
        await tap(page, 'password-send');
        await seen(page, 'tax-2098-02-01');
        assert.equal(await page.getByTestId('tax-2098-02-01').getAttribute('data-state'), 'next');
        assert.match(await words(page, 'tax-2098-02-01'), /2,5/);
        await shot(page, 'tax-settings');
        const { rates } = ok(await admin.get('/api/v1/tax-rates'));
        assert.deepEqual(rates.map((r) => [r.from, r.goods_vat, r.goods_income, r.transport_vat, r.transport_income, r.services_vat, r.services_income]),
            [[null, 100, 50, 300, 150, 500, 200], ['2098-02-01', 250, 50, 300, 100, 625, 200]]);
        assert.deepEqual(await settled(), before);
        await page.context().close();
    });

    test('hands an order to a delivery company, brings its list in, and sees what does not fit and what is still owed', async () => {
        const { order, buyer } = await ordered(1000);
        ok(await stall.farmer.post(`/api/v1/orders/${order.code}/confirm`, { key: newKey() }));
        const page = await office(await stack.login('cadre'), '#carriers');
        await tap(page, 'carrier-add');
        await page.getByTestId('carrier-sheet-0').fill('Giao Nhanh Kỳ Sơn');
        await tap(page, 'carrier-sheet-save');
        const card = page.getByTestId('carrier-1');
        await card.waitFor();
        await tap(page, 'carrier-hand-1');
        await page.getByTestId('parcel-sheet-0').fill(order.code.toLowerCase());
        await page.getByTestId('parcel-sheet-1').fill('gn-0001');
        await tap(page, 'parcel-sheet-save');
        await card.locator('[data-what="waiting"]').first().waitFor();
        const list = (rows) => page.getByTestId('carrier-file-1').setInputFiles({ name: 'doi-soat.csv', mimeType: 'text/csv', buffer: Buffer.from(`Mã vận đơn;Tiền COD;Phí\n${rows}`) });
        await list('GN0001;không;0\n');
        await page.getByTestId('carrier-result-1').filter({ hasText: '2' }).waitFor();
        await list('GN0001;20.000;3.500\nGN0777;15.000;0\n');
        await card.locator('[data-what="unknown"]').waitFor();
        await until('what it owes', async () => /^16\.500/.test(await words(page, 'carrier-owes-1')));
        assert.equal(await card.locator('[data-what="waiting"]').count(), 0);
        assert.equal(ok(await buyer.get(`/api/v1/orders/${order.code}/payment`)).payment.state, 'paid');
        await shot(page, 'money-carriers');
        await notice('Giao Nhanh doi soat', 16500);
        await tap(page, 'tab-tasks');
        const task = page.locator('[data-kind="unmatched"]').filter({ hasText: '16.500' });
        await task.locator('[data-testid^="carrier-"]').click();
        await tap(page, 'pick-carrier-1');
        await task.waitFor({ state: 'detached' });
        await tap(page, 'tab-carriers');
        await until('nothing to be owed', async () => /^0/.test(await words(page, 'carrier-owes-1')));
        assert.deepEqual(page.trouble, []);
        await page.context().close();
    });

    test('lets a cadre see the tax rates and not set them', async () => {
        const page = await office(await stack.login('cadre'), '#settings');
        await seen(page, 'tax-law');
        assert.equal(await page.getByTestId('tax-add').count(), 0);
        await page.context().close();
        assert.equal((await stack.client('cadre').post('/api/v1/tax-rates', { key: newKey(), from: '2098-02-01', goods_vat: 0, goods_income: 0, transport_vat: 0, transport_income: 0, services_vat: 0, services_income: 0 })).status, 403);
    });

    test('is not for others', async () => {
        const page = await browser.person(stack, { cookies: stall.farmer.cookies });
        await page.goto('/money');
        await until('the refusal', async () => (await page.getByTestId('notice').getAttribute('data-tone')) === 'bad');
        assert.equal(await page.getByTestId('tab-tasks').count(), 0);
        await page.context().close();
    });
});

describe('a farmer\'s statement', () => {
    test('offers no transfer to whom no account is written down', async () => {
        const other = await makeStall(stack), id = other.person.id;
        const { order } = ok(await placeOrder(stack.client(), other, 1000), 201);
        ok(await other.farmer.post(`/api/v1/orders/${order.code}/confirm`, { key: newKey() }));
        const payer = await browser.person(stack, { cookies: admin.cookies });
        await payer.goto(`/statement?person=${id}`);
        await tap(payer, 'payout');
        await seen(payer, 'payout-none');
        assert.equal(await payer.getByTestId('payout-account').locator('option').count(), 1);      // cash
        await shot(payer, 'statement-payout-none');
        await payer.context().close();
        const pay = (more) => admin.post(`/api/v1/people/${id}/payouts`, { key: newKey(), way: 'bank', amount: 1, reference: 'FT', ...more });
        const none = await pay({ account: account.id });
        assert.deepEqual([none.status, none.body.code, none.body.reason], [409, 'wrong-moment', 'no-account']);
        const theirs = ok(await admin.get('/api/v1/bank-accounts')).accounts.find((a) => a.owner === stall.person.id);
        const taken = await pay({ account: theirs.id });
        assert.deepEqual([taken.status, taken.body.code, taken.body.field], [400, 'bad-field', 'account']);
    });

    test('shows what was earned; the office marks a payout; it can be printed and taken away', async () => {
        const { order } = await ordered(1000);
        ok(await stall.farmer.post(`/api/v1/orders/${order.code}/confirm`, { key: newKey() }));
        await notice(order.code, 20000);
        const owed = await until('the payment', async () => {
            const { settlement } = ok(await admin.get(`/api/v1/people/${stall.person.id}/settlement`));
            return settlement.rows.some((r) => r.order === order.code) && settlement;
        });
        const payer = await browser.person(stack, { cookies: admin.cookies });
        await payer.goto(`/statement?person=${stall.person.id}`);
        await tap(payer, 'payout');
        await payer.getByTestId('payout-amount').fill('18.000');
        await payer.getByTestId('payout-account').selectOption(String(account.id));
        assert.match(await payer.getByTestId('payout-to').innerText(), /1500 2051 23/);
        await payer.getByTestId('payout-reference').fill('FT-PAYOUT-7');
        await shot(payer, 'statement-payout');
        await tap(payer, 'payout-save');
        await until('the payout to be shown', async () => Number(await payer.getByTestId('st-paid').getAttribute('data-dong')) === owed.paid + 18000);
        await payer.context().close();

        const page = await browser.person(stack, { cookies: stall.farmer.cookies });
        await page.goto('/statement');
        await seen(page, 'st-rows');
        assert.equal(Number(await page.getByTestId('st-earned').getAttribute('data-dong')), owed.earned);
        assert.match(await words(page, 'st-rows'), /FT-PAYOUT-7/);
        await seen(page, `own-payee-${stall.slug}`);
        assert.equal(await page.getByTestId('payout').count(), 0);
        await shot(page, 'statement');
        const [file] = await Promise.all([page.waitForEvent('download'), tap(page, 'csv')]);
        assert.match(readFileSync(await file.path(), 'utf8'), new RegExp(order.code));
        await page.emulateMedia({ media: 'print' });
        assert.equal(await page.getByTestId('print').isVisible(), false);
        assert.equal(await page.locator('.st-sign').isVisible(), true);
        await shot(page, 'statement-print');
        assert.deepEqual(page.trouble, []);
        await page.context().close();
    });
});
