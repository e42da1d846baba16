// draft.ts: what somebody is writing outlives a reload of the page (a phone short of memory throws pages away while its camera or the
// bank's app is open) and a sheet closed by mistake, in this tab, until it was sent. Never for secrets.
import { useState } from 'preact/hooks';
import { recall, tabKeep, type Keep } from '../store.ts';

/** What was kept under the name, as far as it still has the form of `first`. Pure but for the keep. */
export function draftOf<T extends object>(keep: Keep, name: string, first: T): T {
  const kept = recall<Record<string, unknown>>(keep, name);
  if (!kept || typeof kept !== 'object') return first;
  const fits = Object.entries(first).filter(([field, value]) => kept[field] !== null && typeof kept[field] === typeof value).map(([field]) => [field, kept[field]]);
  return { ...first, ...Object.fromEntries(fits) } as T;
}

/** State with a name, the changes of it, and how to be done with it: everything was sent. */
export function useDraft<T extends object>(name: string, first: T): [T, (change: Partial<T>) => void, () => void] {
  const at = `cx.draft.${name}`;
  const [draft, setDraft] = useState<T>(() => draftOf(tabKeep, at, first));
  const change = (part: Partial<T>) => setDraft((now) => {
    const next = { ...now, ...part };
    tabKeep.set(at, JSON.stringify(next));
    return next;
  });
  return [draft, change, () => tabKeep.set(at, null)];
}
