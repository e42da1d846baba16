// back.ts: the phone's back button closes the sheet that lies on top; it does not leave the page. Each sheet has an entry of its own in the
// history. Closed in another way its entry stays, and the next sheet takes it over, or back passes over it: to go back from here while
// a link is being followed would call that off.
import { useEffect, useRef } from 'preact/hooks';

interface Sheet { depth: number; close(): void }
interface Entry { sheet?: number }          // history.state: how many sheets lie over the page at this entry

const open: Sheet[] = [];
let here = 0;

const depthOf = (state: unknown): number | null => {
  const { sheet } = (state ?? {}) as Entry;
  return typeof sheet === 'number' ? sheet : null;
};

/** What is to be done when the browser came to an entry: the sheets to close, from the top, or to go on as nothing was there. Pure. */
export function wayBack(from: number, to: number, sheets: readonly { depth: number }[]): { close: number; on: boolean } {
  const close = sheets.filter((s) => s.depth > to).length;
  return { close, on: close === 0 && to < from };
}

function came(e: PopStateEvent): void {
  const to = depthOf(e.state);
  if (to === null) return;                   // a place in the page
  const { close, on } = wayBack(here, to, open);
  here = to;
  for (const sheet of open.slice(open.length - close).reverse()) sheet.close();
  if (on) history.back();
}

function cover(sheet: Sheet): void {
  if (!open.includes(sheet)) open.push(sheet);
  if (depthOf(history.state) === null) {
    history.replaceState({ ...(history.state as object | null), sheet: 0 }, '');
    here = 0;
  }
  if (here >= sheet.depth) return;           // left over by one that is closed, or by the page before a reload
  here = sheet.depth;
  history.pushState({ sheet: here }, '');
}

/** For whatever lies over the page while mounted. */
export function useBack(close: () => void): void {
  const latest = useRef(close);
  latest.current = close;
  useEffect(() => {
    const sheet: Sheet = { depth: (open.at(-1)?.depth ?? 0) + 1, close: () => latest.current() };
    cover(sheet);
    return () => { open.splice(open.indexOf(sheet), 1); };
  }, []);
}

if (typeof window !== 'undefined') {
  here = depthOf(history.state) ?? 0;        // reloaded
  window.addEventListener('popstate', came);
}
