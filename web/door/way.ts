// way.ts: where a person goes after the door. Pure.
import type { Person } from '../shared/types.ts';

/** Asked place first; else the page of the person's work; a buyer goes to the market. */
export function wayFor(person: Pick<Person, 'roles'>, asked: string | null): string {
  if (asked) return asked;
  if (person.roles.includes('cadre') || person.roles.includes('admin')) return '/sessions';
  if (person.roles.includes('farmer')) return '/golive';
  return person.roles.includes('courier') ? '/courier' : '/';
}
