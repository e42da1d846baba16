// load.ts: data that a page asks for, asks again for, and may fail to get.
import { useCallback, useEffect, useMemo, useState } from 'preact/hooks';
import { get, type Problem } from '../shared/api.ts';
import { Newest } from '../shared/newest.ts';
import { onReturn } from '../shared/page.ts';

/** The answer to GET path (null until it is there), and how to ask again. Refusals go to `onTrouble`. */
export function useAnswer<T>(path: string | null, onTrouble: (code: string) => void, everyMs = 0): [T | null, () => Promise<void>] {
  const [answer, setAnswer] = useState<T | null>(null);
  const newest = useMemo(() => new Newest(() => get<T>(path!)), [path]);
  const load = useCallback(async () => {
    if (path === null) return;
    try {
      setAnswer(await newest.ask());
    } catch (e) {
      onTrouble((e as Problem).code);
    }
  }, [path]);
  useEffect(() => {
    void load();
    const timer = everyMs ? setInterval(() => { if (document.visibilityState === 'visible') void load(); }, everyMs) : undefined;
    const stop = onReturn(() => void load());
    return () => { clearInterval(timer); stop(); };
  }, [load]);
  return [answer, load];
}
