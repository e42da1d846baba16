// poster.tsx: a live stall's newest picture, fetched again every few seconds without flicker: the new one is shown only
// when it is complete, and an unchanged one (304) costs a few bytes.
import { useEffect, useState } from 'preact/hooks';

const EVERY_MS = 4000;

export function Poster({ url, live }: { url: string | null; live: boolean }) {
  const [shown, setShown] = useState<string | null>(null);
  useEffect(() => {
    if (!url) return;
    let gone = false;
    let current: string | null = null;
    const load = async () => {
      if (document.visibilityState === 'hidden') return;
      try {
        const answer = await fetch(url, { cache: 'no-cache', credentials: 'same-origin' });
        if (!answer.ok || gone) return;
        const next = URL.createObjectURL(await answer.blob());
        const old = current;
        current = next;
        setShown(next);
        if (old) window.setTimeout(() => URL.revokeObjectURL(old), 1000);
      } catch { /* next time */ }
    };
    void load();
    const timer = live ? setInterval(() => void load(), EVERY_MS) : 0;
    return () => {
      gone = true;
      clearInterval(timer);
      if (current) URL.revokeObjectURL(current);
    };
  }, [url, live]);
  return shown ? <img src={shown} alt="" width="640" height="360" decoding="async" /> : <div class="poster drawn" />;
}
