// sw.js: keeps the courier's page and its own files, so that it opens without network. Knows no data: the page keeps that itself.
const NAME = 'courier-1';
const PAGE = '/courier';

/** The page and every asset it names; the languages come when they are first asked for. */
async function fetchShell() {
  const cache = await caches.open(NAME);
  const answer = await fetch(PAGE, { credentials: 'same-origin' });
  if (!answer.ok) return answer;
  const html = await answer.clone().text();
  const files = [...new Set(html.match(/\/assets\/[\w.-]+/g) ?? [])];
  await Promise.all(files.map(async (file) => { if (!(await cache.match(file))) await cache.add(file); }));
  await cache.put(PAGE, answer.clone());
  for (const old of await cache.keys()) {
    const path = new URL(old.url).pathname;
    if (path.startsWith('/assets/') && !path.includes('text-') && !files.includes(path)) await cache.delete(old);
  }
  return answer;
}

async function page() {
  try {
    return await fetchShell();
  } catch {
    return (await caches.match(PAGE)) ?? Response.error();
  }
}

async function asset(request) {
  const kept = await caches.match(request);
  if (kept) return kept;
  const answer = await fetch(request);
  if (answer.ok) await (await caches.open(NAME)).put(request, answer.clone());
  return answer;
}

self.addEventListener('install', (e) => e.waitUntil(fetchShell().then(() => self.skipWaiting())));
self.addEventListener('activate', (e) => e.waitUntil(self.clients.claim()));
self.addEventListener('fetch', (e) => {
  const { pathname, origin } = new URL(e.request.url);
  if (e.request.method !== 'GET' || origin !== location.origin) return;
  if (e.request.mode === 'navigate' && pathname === PAGE) e.respondWith(page());
  else if (pathname.startsWith('/assets/')) e.respondWith(asset(e.request));
});
