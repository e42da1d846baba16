// vault.ts: a Keep for what must not be lost and may be large (a courier's photos of a day without network): IndexedDB, which holds
// hundreds of megabytes where localStorage holds five. Read whole when it is opened, so that pages can ask without waiting.
import { phoneKeep, type Keep } from './store.ts';

const STORE = 'keep';

function open(name: string): Promise<IDBDatabase> {
  return new Promise((done, fail) => {
    const request = indexedDB.open(name, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE);
    request.onsuccess = () => done(request.result);
    request.onerror = request.onblocked = () => fail(request.error ?? new Error('blocked'));
  });
}

function readAll(db: IDBDatabase): Promise<Map<string, string>> {
  return new Promise((done, fail) => {
    const all = new Map<string, string>();
    const cursor = db.transaction(STORE).objectStore(STORE).openCursor();
    cursor.onerror = () => fail(cursor.error);
    cursor.onsuccess = () => {
      if (!cursor.result) return done(all);
      all.set(String(cursor.result.key), String(cursor.result.value));
      cursor.result.continue();
    };
  });
}

/** Opens the vault; what localStorage holds under these names (from before there was a vault) moves in. Never fails: where there is
 *  no IndexedDB, localStorage stands in. What cannot be written there goes to localStorage, too. */
export async function openVault(name: string, names: readonly string[]): Promise<Keep> {
  try {
    const db = await open(name);
    const all = await readAll(db);
    const keep: Keep = {
      get: (n) => all.get(n) ?? null,
      set(n, value) {
        if (value === null) all.delete(n);
        else all.set(n, value);
        try {
          const change = db.transaction(STORE, 'readwrite', { durability: 'strict' });
          if (value === null) change.objectStore(STORE).delete(n);
          else change.objectStore(STORE).put(value, n);
          change.oncomplete = () => phoneKeep.set(n, null);
          change.onabort = () => phoneKeep.set(n, value);
        } catch {
          phoneKeep.set(n, value);
        }
      },
    };
    for (const n of names) {
      const old = phoneKeep.get(n);
      if (old !== null && !all.has(n)) keep.set(n, old);
    }
    void navigator.storage?.persist?.().catch(() => false);
    return keep;
  } catch {
    return phoneKeep;
  }
}
