// sw.js: the service worker of the order pages (/orders/…) and of the courier's page (/courier): opens them without network and shows
// what the market pushes. Knows no data: the pages keep that themselves. One script for two scopes, so that the stall page, whose
// picture must come first, starts without it.
//
// Nothing here can go stale for ever: a page is asked of the network first and kept again each time; an asset's name is its content.
/* global ASSETS, ICON */
const NAME = 'pages';
const PATIENCE_MS = 4000;          // on a network that hangs, what is kept is shown after this; the answer still renews it

/** The name a page is kept under, or null. All orders' pages are one template. */
function pageOf(pathname) {
  return pathname === '/courier' ? '/courier' : /^\/orders\/[\w-]+$/.test(pathname) ? '/orders/' : null;
}

const assetsIn = (html) => [...new Set(html.match(/\/assets\/[\w.-]+/g) ?? [])];

async function addAll(files) {
  const cache = await caches.open(NAME);
  await Promise.all(files.map(async (file) => { if (!(await cache.match(file))) await cache.add(file).catch(() => {}); }));
}

/** Fetches a page, keeps it and what it names. The page is kept last: never a page without its files. */
async function renew(page, url) {
  const answer = await fetch(url, { credentials: 'same-origin' });
  if (!answer.ok) return answer;
  const copy = answer.clone();
  await addAll(assetsIn(await answer.clone().text()));
  await (await caches.open(NAME)).put(page, copy);
  return answer;
}

async function showPage(event, page) {
  const kept = await caches.match(page);
  const fresh = renew(page, event.request.url);
  event.waitUntil(fresh.catch(() => {}));
  if (!kept) return fresh;
  const late = new Promise((done) => setTimeout(done, PATIENCE_MS, null));
  const answer = await Promise.race([fresh.catch(() => null), late]);
  return answer && answer.status < 500 ? answer : kept;
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
  for (const page of ['/courier', '/orders/']) {
    const kept = await cache.match(page);
    if (kept) for (const file of assetsIn(await kept.text())) named.add(file);
  }
  for (const { url } of await cache.keys()) {
    const { pathname } = new URL(url);
    if (pathname.startsWith('/assets/') && !named.has(pathname)) await cache.delete(url);
  }
}

self.addEventListener('install', () => self.skipWaiting());
self.addEventListener('activate', (e) => e.waitUntil(tidy().then(() => self.clients.claim())));
self.addEventListener('fetch', (e) => {
  const { pathname, origin } = new URL(e.request.url);
  if (e.request.method !== 'GET' || origin !== location.origin) return;
  const page = e.request.mode === 'navigate' ? pageOf(pathname) : null;
  if (page) e.respondWith(showPage(e, page));
  else if (pathname.startsWith('/assets/')) e.respondWith(showAsset(e.request));
});

// The first page of a phone is loaded before there is a worker: it names itself and what it has loaded.
self.addEventListener('message', (e) => {
  const { keep, assets = [] } = e.data ?? {};
  const page = typeof keep === 'string' ? pageOf(keep) : null;
  if (page) e.waitUntil(addAll(assets.filter((a) => a.startsWith('/assets/'))).then(() => renew(page, keep)).catch(() => {}));
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
