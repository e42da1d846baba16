// The pages that need no live stream: see lib/page_checks.mjs for what is asked of each.
import { Stack } from './lib/stack.mjs';
import { Browser, seen, tap } from './lib/browser.mjs';
import { after, before } from './lib/test.mjs';
import { newKey, ok } from './lib/api.mjs';
import { placeOrder } from './lib/commune.mjs';
import { checkPages } from './lib/page_checks.mjs';

let stack, browser, order, goods, farmerLink, cookies;
before(async () => {
    stack = await Stack.start();
    browser = await Browser.start();
    const slug = stack.demo.stall;
    const buyer = stack.client();
    const lot = ok(await buyer.get(`/api/v1/stalls/${slug}`)).lots.find((l) => l.available > 2000 && l.unit === 'kg');
    order = ok(await placeOrder(buyer, { slug, lot }, 1500), 201).order;
    const cadre = stack.client('cadre');
    await aTripOnTheRoad(buyer, lot);
    goods = lot.id;
    ok(await cadre.post(`/api/v1/lots/${goods}/flash`, { key: newKey(), price: lot.price - 1000, amount: 5000, minutes: 60, limit: 2000 }));
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

checkPages({
    order: { path: () => `/orders/${order.code}`, who: 'buyer', ready: (page) => seen(page, 'order-state') },
    people: { path: () => '/sessions', who: 'cadre', ready: async (page) => { await tap(page, 'tab-people'); await seen(page, 'person-add'); } },
    courier: { path: () => '/courier', who: 'courier', ready: (page) => seen(page, 'delivered') },
    trips: { path: () => '/trips', who: 'cadre', ready: async (page) => { await page.locator('[data-testid^="trip-"][aria-pressed]').first().click(); await seen(page, 'route-sheet'); } },
    money: { path: () => '/money', who: 'cadre', ready: (page) => seen(page, 'all-clear') },
    accounts: { path: () => '/money#accounts', who: 'cadre', ready: (page) => seen(page, `payee-choose-${stack.demo.stall}`) },
    statement: { path: () => '/statement', who: 'farmer', ready: (page) => seen(page, 'st-earned') },
    goods: { path: () => '/goods', who: 'farmer', ready: (page) => seen(page, `flash-on-${goods}`) },
    labels: { path: () => `/labels?lot=${goods}`, who: 'farmer', ready: (page) => seen(page, 'label-qr') },
    login: { path: () => '/login', ready: (page) => seen(page, 'login-send') },
    link: { path: () => farmerLink, ready: (page) => seen(page, 'enter') },
}, () => ({ stack, browser, cookies }));
