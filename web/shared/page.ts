// page.ts: what the first HTML already knows, and small things every page does with the browser.
import type { Snapshot, StallCard } from './types.ts';

export interface First { snapshot: Snapshot | null; stalls: StallCard[] | null; refusal: string | null }

/** What the server wrote into the page: a stall's snapshot, the list of stalls, or the code why there is none. */
export function readFirst(text: string | null | undefined): First {
  const first: First = { snapshot: null, stalls: null, refusal: null };
  if (!text) return first;
  try {
    const state = JSON.parse(text) as Partial<Snapshot & { stalls: StallCard[]; code: string }>;
    if (state.stall && state.lots && state.room) first.snapshot = state as Snapshot;
    else if (Array.isArray(state.stalls)) first.stalls = state.stalls;
    else if (typeof state.code === 'string') first.refusal = state.code;
  } catch { /* nothing said: the API will tell */ }
  return first;
}

export const firstState = () => readFirst(document.getElementById('state')?.textContent);

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

/** Where who must set up a second factor first does that, and where they go afterwards. */
export function factorWay(to: string | null): string {
  return to ? `/factor?to=${to}` : '/factor';
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
