// way.ts: where a person goes after the door, and what is said when it stays closed. Pure.
import type { Problem } from '../shared/api.ts';
import { errorText, t } from '../shared/text.ts';
import type { Person } from '../shared/types.ts';

/** Asked place first; else the page of the person's work; a buyer goes to the market. */
export function wayFor(person: Pick<Person, 'roles'>, asked: string | null): string {
  if (asked) return asked;
  if (person.roles.includes('cadre') || person.roles.includes('admin')) return '/sessions';
  if (person.roles.includes('farmer')) return '/golive';
  return person.roles.includes('courier') ? '/courier' : '/';
}

/** Whose work it is, by page; other pages are everybody's. */
const WORK: Record<string, readonly string[]> = {
  sessions: ['cadre', 'admin'], money: ['cadre', 'admin'], statement: ['farmer', 'cadre', 'admin'], trips: ['courier', 'cadre', 'admin'],
  courier: ['courier'], golive: ['farmer'],
  orders: [],        // that page asks only when this log-in may not see the order
};

/** Where somebody goes who comes to the door and is in already; null: nowhere, for they want in as somebody else. That is so for who only
 *  buys (there is no page to log out on) and for who was asked in by a page of others' work. Never back to the door itself. */
export function wayOn(person: Pick<Person, 'roles'> | null, asked: string | null): string | null {
  if (!person?.roles.some((role) => role !== 'buyer')) return null;
  const first = asked?.split(/[/?]/)[1] ?? '';
  if (!asked || first === 'login' || first === 'l') return wayFor(person, null);
  const work = WORK[first];
  return !work || person.roles.some((role) => work.includes(role)) ? asked : null;
}

/** Nothing tries again by itself here, so the words say to press again. */
export const doorText = (problem: Problem) => (problem.code === 'offline' ? t('login.offline') : errorText(problem.actCode));
