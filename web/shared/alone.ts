// alone.ts: one tab of this phone at a time (Web Locks). Where there are no locks, or the tab that holds one sleeps, it is done all the
// same: so only for what is harmless when done twice at once, as sending an act with its key.

const PATIENCE_MS = 20_000;      // longer than an answer takes at most (api.ts)

/** Runs it while no other tab runs one of the same name; after `patienceMs` of waiting, in spite of that. */
export async function alone<T>(name: string, run: () => Promise<T>, patienceMs = PATIENCE_MS): Promise<T> {
  if (!navigator.locks) return run();
  const giveUp = new AbortController();
  const timer = setTimeout(() => giveUp.abort(), patienceMs);
  let begun = false;
  try {
    return await navigator.locks.request(name, { signal: giveUp.signal }, () => {
      clearTimeout(timer);
      begun = true;
      return run();
    });
  } catch (e) {
    clearTimeout(timer);
    if (begun) throw e;
    return run();
  }
}
