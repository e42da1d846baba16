// stall-kept.ts: what this phone knew of a stall last, so that its page opens without network: written down while it is looked at,
// read when the page itself came from the phone (shared/sw.js).
import { useEffect, useRef } from 'preact/hooks';
import { keepFor, keptFor } from '../shared/kept.ts';
import { phoneKeep, type Keep } from '../shared/store.ts';
import type { Snapshot } from '../shared/types.ts';

const LIST = 'cx.stall';
const EVERY_MS = 5000;

/** What to begin with, and of when it is: null when it is of now. Pure but for `keep`. */
export function firstOf(slug: string, inPage: Snapshot | null, pageKeptAt: number | null, keep: Keep = phoneKeep): { snap: Snapshot | null; oldAt: number | null } {
  if (pageKeptAt === null) return { snap: inPage, oldAt: null };
  const known = keptFor<Snapshot>(keep, LIST, slug);
  const newer = known && known.at > pageKeptAt ? known : null;
  return { snap: newer?.value ?? inPage, oldAt: newer?.at ?? pageKeptAt };
}

/** Keeps what the page shows while it is of now; not on a farmer's own page, which has other people's orders. */
export function useKeepStall(slug: string, snap: Snapshot | null, ofNow: boolean): void {
  const latest = useRef<Snapshot | null>(null);
  latest.current = ofNow && !snap?.mine ? snap : null;
  useEffect(() => {
    let kept: Snapshot | null = null;
    const save = () => {
      if (!latest.current || latest.current === kept) return;
      kept = latest.current;
      keepFor(phoneKeep, LIST, slug, kept, Date.now());
    };
    const timer = setInterval(save, EVERY_MS);
    document.addEventListener('visibilitychange', save);
    window.addEventListener('pagehide', save);
    return () => { clearInterval(timer); document.removeEventListener('visibilitychange', save); window.removeEventListener('pagehide', save); };
  }, [slug]);
}
