// page.ts: what the first HTML already knows, and small things every page does with the browser.
import type { Snapshot } from './types.ts';

/** The snapshot the server wrote into the page, null when there is none (then the WebSocket brings it). */
export function firstState<T = Snapshot>(): T | null {
  const text = document.getElementById('state')?.textContent;
  if (!text) return null;
  try {
    const state = JSON.parse(text) as T | null;
    return state && typeof state === 'object' ? state : null;
  } catch {
    return null;
  }
}

/** The part of the path after its first name: "/s/khe-nhinh" → "khe-nhinh". */
export function pathPart(path: string = location.pathname): string {
  const part = path.split('/')[2] ?? '';
  try {
    return decodeURIComponent(part);
  } catch {
    return '';
  }
}

/** Only a path of this very site may be a place to go to after logging in. */
export function safeTo(to: string | null): string | null {
  return to && /^\/(?![/\\])[\w\-./?=&]*$/.test(to) ? to : null;
}

/** Calls back when the phone finds the network again or the page is looked at again. Returns how to stop. */
export function onReturn(back: () => void): () => void {
  const seen = () => {
    if (document.visibilityState === 'visible') back();
  };
  window.addEventListener('online', back);
  document.addEventListener('visibilitychange', seen);
  return () => {
    window.removeEventListener('online', back);
    document.removeEventListener('visibilitychange', seen);
  };
}
