// sw.js: the service worker: opens the front, the stalls somebody looked at, the orders' pages and the courier's without network, and
// shows what the market pushes. Knows no data: the pages keep that themselves. One script for three scopes: "/" (front and stalls),
// "/orders/", which push belongs to, and "/courier". It comes after a stall's picture, never before it: see keeper.ts.
//
// Nothing here can go stale for ever: a page is asked of the network first and kept again each time; an asset's name is its content.
// A page that is shown from here says so: <body data-kept="when it was kept">.
/* global ASSETS, ICON */
const NAME = 'pages';
const PATIENCE_MS = 4000;          // on a network that hangs, what is kept is shown after this; the answer still renews it
const STALLS_MAX = 8;              // of those looked at last
const KEPT_AT = 'x-kept-at';

/** The name a page is kept under, or null. All orders' pages are one template. */
function pageOf(pathname) {
  if (pathname === '/' || pathname === '/courier' || /^\/s\/[\w-]+$/.test(pathname)) return pathname;
  return /^\/orders\/[\w-]+$/.test(pathname) ? '/orders/' : null;
}

const assetsIn = (html) => [...new Set(html.match(/\/assets\/[\w.-]+/g) ?? [])];

async function addAll(files) {
  const cache = await caches.open(NAME);
  await Promise.all(files.map(async (file) => { if (!(await cache.match(file))) await cache.add(file).catch(() => {}); }));
}

/** Keeps a page and what it names; the page last: never a page without its files. */
async function keep(page, answer) {
  if (!answer.ok) return;
  const html = await answer.text();
  if (html.includes('"mine":true')) return;          // a farmer's own stall has other people's orders in it
  await addAll(assetsIn(html));
  const headers = new Headers(answer.headers);
  for (const name of ['content-encoding', 'content-length']) headers.delete(name);
  headers.set(KEPT_AT, String(Date.now()));
  const cache = await caches.open(NAME);
  await cache.put(page, new Response(html, { headers }));
  if (page.startsWith('/s/')) await dropOldStalls(cache);
}

async function dropOldStalls(cache) {
  const stalls = (await cache.keys()).filter(({ url }) => new URL(url).pathname.startsWith('/s/'));
  const aged = await Promise.all(stalls.map(async (r) => [Number((await cache.match(r)).headers.get(KEPT_AT)), r]));
  aged.sort(([a], [b]) => b - a);
  await Promise.all(aged.slice(STALLS_MAX).map(([, r]) => cache.delete(r)));
}

/** What is kept of a page; of a stall never looked at, the front. */
async function keptOf(page) {
  const kept = (await caches.match(page)) ?? (page.startsWith('/s/') ? await caches.match('/') : null);
  if (!kept) return null;
  const at = kept.headers.get(KEPT_AT) ?? '';
  const html = (await kept.text()).replace('<body', `<body data-kept="${at}"`);
  return new Response(html, { headers: kept.headers });
}

async function showPage(event, page) {
  const ask = async () => {
    const answer = (await event.preloadResponse) ?? (await fetch(event.request.url, { credentials: 'same-origin' }));
    event.waitUntil(keep(page, answer.clone()).catch(() => {}));
    return answer;
  };
  const fresh = ask();
  event.waitUntil(fresh.catch(() => {}));
  const late = new Promise((done) => setTimeout(done, PATIENCE_MS, null));
  const answer = await Promise.race([fresh.catch(() => null), late]);
  return answer && answer.status < 500 ? answer : (await keptOf(page)) ?? fresh;
}

async function showAsset(request) {
  const kept = await caches.match(request);
  if (kept) return kept;
  const answer = await fetch(request);
  if (answer.ok) await (await caches.open(NAME)).put(request, answer.clone());
  return answer;
}

/** Drops assets that neither this version nor a kept page names, and the caches of older workers. */
async function tidy() {
  for (const name of await caches.keys()) if (name !== NAME) await caches.delete(name);
  const cache = await caches.open(NAME);
  const named = new Set(ASSETS);
  const pages = (await cache.keys()).filter(({ url }) => pageOf(new URL(url).pathname) || url.endsWith('/orders/'));
  for (const page of pages) for (const file of assetsIn(await (await cache.match(page)).text())) named.add(file);
  for (const { url } of await cache.keys()) {
    const { pathname } = new URL(url);
    if (pathname.startsWith('/assets/') && !named.has(pathname)) await cache.delete(url);
  }
}

const isFront = () => new URL(self.registration.scope).pathname === '/';

self.addEventListener('install', (e) => {
  // What never is answered from here does not even wake the worker, where the browser can be told so.
  for (const urlPattern of ['/api/*', '/whep/*', '/whip/*', '/media/*']) e.addRoutes?.({ condition: { urlPattern }, source: 'network' })?.catch?.(() => {});
  return self.skipWaiting();
});
self.addEventListener('activate', (e) => e.waitUntil((async () => {
  if (isFront()) await self.registration.navigationPreload?.enable();      // the page is asked for while the worker wakes
  await tidy();
  await self.clients.claim();
})()));
self.addEventListener('fetch', (e) => {
  const { pathname, origin } = new URL(e.request.url);
  if (e.request.method !== 'GET' || origin !== location.origin) return;
  if (e.request.mode === 'navigate') {
    const page = pageOf(pathname);
    if (page) e.respondWith(showPage(e, page));
    else if (isFront()) e.respondWith(Promise.resolve(e.preloadResponse).then((early) => early ?? fetch(e.request)));
  } else if (pathname.startsWith('/assets/')) e.respondWith(showAsset(e.request));
});

// The first page of a phone is loaded before there is a worker: it names itself and what it has loaded.
self.addEventListener('message', (e) => {
  const { keep: path, assets = [] } = e.data ?? {};
  const page = typeof path === 'string' ? pageOf(path) : null;
  if (page) e.waitUntil(addAll(assets.filter((a) => a.startsWith('/assets/'))).then(() => fetch(path, { credentials: 'same-origin' })).then((answer) => keep(page, answer)).catch(() => {}));
});

self.addEventListener('push', (e) => {
  let news = {};
  try {
    news = e.data.json();
  } catch { /* nothing readable: something is shown all the same, browsers insist on it */ }
  const url = pageOf(news.url ?? '') === '/orders/' ? news.url : '/';
  e.waitUntil(self.registration.showNotification(news.title ?? 'Chợ Nương', {
    body: news.body ?? '', tag: news.tag ?? 'market', renotify: true, icon: ICON, badge: ICON, data: { url },
  }));
});

self.addEventListener('notificationclick', (e) => {
  e.notification.close();
  const { url } = e.notification.data;
  e.waitUntil(self.clients.matchAll({ type: 'window', includeUncontrolled: true }).then((open) => {
    const there = open.find((c) => new URL(c.url).pathname === url);
    return there ? there.focus() : self.clients.openWindow(url);
  }));
});
