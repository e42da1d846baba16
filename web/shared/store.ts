// store.ts: what this phone remembers. localStorage may be full, blocked or garbage: then memory stands in
// and the page still works until it is closed.

export interface Keep { get(name: string): string | null; set(name: string, value: string | null): void }

/** A Keep over one of the browser's storages, with memory behind it. */
function keepIn(storage: () => Storage): Keep {
  const memory = new Map<string, string>();
  return {
    get(name) {
      try {
        return storage().getItem(name) ?? memory.get(name) ?? null;
      } catch {
        return memory.get(name) ?? null;
      }
    },
    set(name, value) {
      if (value === null) memory.delete(name);
      else memory.set(name, value);
      try {
        if (value === null) storage().removeItem(name);
        else storage().setItem(name, value);
      } catch { /* private mode or full */ }
    },
  };
}

export const phoneKeep = keepIn(() => localStorage);
/** The same for one tab: outlives a reload, not the tab. */
export const tabKeep = keepIn(() => sessionStorage);

/** Reads a JSON value back, or null when it is missing or spoiled. */
export function recall<T>(keep: Keep, name: string): T | null {
  const text = keep.get(name);
  if (text === null) return null;
  try {
    return JSON.parse(text) as T;
  } catch {
    return null;
  }
}

export interface Me { name: string; phone: string; place: string }
const ME = 'cx.me';
export const recallMe = (keep: Keep = phoneKeep) => recall<Me>(keep, ME);
export const rememberMe = (me: Me, keep: Keep = phoneKeep) => keep.set(ME, JSON.stringify(me));
/** What was written was somebody else's, for whom the office ordered: the next one here is of another household again. */
export const forgetMe = (keep: Keep = phoneKeep) => keep.set(ME, null);
