// keeper.ts: the page's side of the service worker: registers it for this kind of page and tells it what to keep.

/** "/" for the front and the stalls, "/orders/" for an order's page, "/courier" for the courier's: one worker script, three scopes. */
export type Scope = '/' | '/orders/' | '/courier';

/** The worker once it works. Rejects where there is none (private windows, old browsers, blocked storage). */
export async function keeper(scope: Scope): Promise<ServiceWorkerRegistration> {
  const registration = await navigator.serviceWorker.register('/sw.js', { scope });
  const worker = registration.active ?? registration.waiting ?? registration.installing;
  if (worker && worker.state !== 'activated') {
    await new Promise<void>((done, fail) => worker.addEventListener('statechange', () => {
      if (worker.state === 'activated') done();
      else if (worker.state === 'redundant') fail(new Error('the worker did not start'));
    }));
  }
  return registration;
}

/** Keeps this page on the phone, so that it opens without network. Never fails: the page works without. */
export async function keepPage(scope: Scope): Promise<void> {
  try {
    const { active } = await keeper(scope);
    const assets = performance.getEntriesByType('resource').map((r) => new URL(r.name)).filter((u) => u.origin === location.origin).map((u) => u.pathname);
    active?.postMessage({ keep: location.pathname, assets });
    if (scope === '/' && location.pathname !== '/') active?.postMessage({ keep: '/' });      // the way back to the other stalls
  } catch { /* then only while it is open */ }
}

const PICTURE_FIRST_MS = 5000;

/** The same once a stall's picture has had its time. */
export function keepPageLater(scope: Scope): void {
  window.setTimeout(() => void keepPage(scope), PICTURE_FIRST_MS);
}

/** When the phone kept this page, ms; null: it came from the market just now. */
export const keptAt = (): number | null => Number(document.body.dataset.kept) || null;
