// leave.ts: whose phone this is. Whoever leaves takes along all it knows of people; who comes after somebody else finds nothing of them.
import { phoneKeep, recall } from './store.ts';
import { forgetIn } from './vault.ts';

const WHO = 'cx.who';
const UNSENT = ['cx.outbox', 'cx.doors'];

/** Where a courier's unfinished door sheet is kept: the vault and its name there. */
export const DOORS_VAULT = 'courier';
export const DOOR_SHEET = 'cx.door-sheet';

/** When somebody leaves this phone: all it knows of people goes, but for what has not been sent yet. */
export async function forgetPhone(): Promise<void> {
  try {
    for (const name of Object.keys(localStorage)) if (name.startsWith('cx.') && !UNSENT.includes(name)) localStorage.removeItem(name);
    sessionStorage.clear();
  } catch { /* nothing is kept where nothing may be */ }
  await forgetIn(DOORS_VAULT, DOOR_SHEET);
}

/** The market says that this log-in is over, whoever ended it: the page's own log-out may hear it only after this. */
export async function loggedOut(to: string): Promise<void> {
  await forgetPhone();
  location.replace(`/login?to=${to}`);
}

/** Whom this phone knew last; null: nobody, or nobody has logged out or in since it learned to remember that. */
export function knownPerson(): number | null {
  const id = recall<number>(phoneKeep, WHO);
  return typeof id === 'number' ? id : null;
}

/** This person is logged in now. True: somebody else was before, and what was known of them is gone. */
export async function arrived(id: number): Promise<boolean> {
  const before = knownPerson(), other = before !== null && before !== id;
  if (other) await forgetPhone();
  phoneKeep.set(WHO, String(id));
  return other;
}
