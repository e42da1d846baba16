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

/** Nothing tries again by itself here, so the words say to press again. */
export const doorText = (problem: Problem) => (problem.code === 'offline' ? t('login.offline') : errorText(problem.actCode));
