// vault.ts: a Keep for what must not be lost and may be large (a courier's photos of a day without network): IndexedDB, which holds
// hundreds of megabytes where localStorage holds five. Read whole when it is opened, so that pages can ask without waiting. The tabs
// of a phone share it: what one changes is read, stepped and written in one transaction, and the others hear of it.
import { phoneKeep, type Keep } from './store.ts';

export interface Vault extends Keep {
  /** Gives what is kept under the name to `step` and keeps what it gives; no other tab's change comes in between. Resolves with what is
   *  kept then, never rejects. `step` is pure: it may be asked again. */
  change(name: string, step: (old: string | null) => string | null): Promise<string | null>;
  /** Another tab has changed what is kept under the name; `get` gives it already. */
  onElsewhere: (name: string) => void;
}

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

/** What could not be written to the database is in localStorage, and then it is newer than what is in the database. */
const aside = (name: string) => phoneKeep.get(name);

function inDatabase(db: IDBDatabase, channel: BroadcastChannel | null, all: Map<string, string>): Vault {
  const remember = (n: string, value: string | null) => { if (value === null) all.delete(n); else all.set(n, value); };
  /** One transaction; `act` writes through `put` now or later in it. Without a database that works, `instead` gives what is kept aside. */
  const write = (n: string, act: (store: IDBObjectStore, put: (value: string | null, stored?: string | null) => void) => void, instead: () => string | null) => new Promise<string | null>((done) => {
    let value: string | null = null, changed = false;
    const keepAside = () => {
      value = instead();
      remember(n, value);
      phoneKeep.set(n, value);
      done(value);
    };
    try {
      const transaction = db.transaction(STORE, 'readwrite', { durability: 'strict' }), store = transaction.objectStore(STORE);
      transaction.oncomplete = () => {
        phoneKeep.set(n, null);
        if (changed) channel?.postMessage(n);
        done(value);
      };
      transaction.onabort = keepAside;
      act(store, (next, stored) => {
        value = next;
        changed = next !== stored;
        if (!changed) return;
        if (next === null) store.delete(n); else store.put(next, n);
        transaction.commit?.();        // now, not when the page has heard that it is written: it may be gone by then
      });
    } catch {
      keepAside();
    }
  });
  const vault: Vault = {
    get: (n) => all.get(n) ?? null,
    set(n, value) {
      remember(n, value);
      void write(n, (_, put) => put(value), () => vault.get(n));
    },
    change: (n, step) => write(n, (store, put) => {
      const found = store.get(n);
      found.onsuccess = () => {
        const stored = (found.result as string | undefined) ?? null, next = step(aside(n) ?? stored);
        remember(n, next);
        put(next, stored);
      };
    }, () => step(aside(n) ?? all.get(n) ?? null)),
    onElsewhere: () => {},
  };
  if (channel) channel.onmessage = ({ data: n }: MessageEvent<string>) => {
    const found = db.transaction(STORE).objectStore(STORE).get(n);
    found.onsuccess = () => { remember(n, aside(n) ?? (found.result as string | undefined) ?? null); vault.onElsewhere(n); };
  };
  return vault;
}

/** Where there is no IndexedDB. */
function onPhone(): Vault {
  const vault: Vault = {
    ...phoneKeep,
    async change(n, step) {
      const value = step(phoneKeep.get(n));
      phoneKeep.set(n, value);
      return value;
    },
    onElsewhere: () => {},
  };
  addEventListener('storage', (e) => { if (e.key) vault.onElsewhere(e.key); });
  return vault;
}

const channelOf = (name: string) => (typeof BroadcastChannel === 'function' ? new BroadcastChannel(`cx.${name}`) : null);

/** Opens the vault; what localStorage holds under these names (from before there was a vault, or when it was full) moves in. Never
 *  fails: where there is no IndexedDB, localStorage stands in. What cannot be written there goes to localStorage, too. */
export async function openVault(name: string, names: readonly string[]): Promise<Vault> {
  try {
    const db = await open(name);
    const vault = inDatabase(db, channelOf(name), await readAll(db));
    await Promise.all(names.filter((n) => aside(n) !== null).map((n) => vault.change(n, (old) => old)));
    void navigator.storage?.persist?.().catch(() => false);
    return vault;
  } catch {
    return onPhone();
  }
}

const PATIENCE_MS = 2000;

/** Takes one thing out of a vault that this page may not have opened. Ends within two seconds, also where it cannot be done. */
export function forgetIn(name: string, n: string): Promise<void> {
  const taken = async () => {
    const db = await open(name), channel = channelOf(name);
    await inDatabase(db, channel, new Map()).change(n, () => null);
    db.close();
    channel?.close();
  };
  return Promise.race([taken().catch(() => {}), new Promise<void>((done) => setTimeout(done, PATIENCE_MS))]);
}
