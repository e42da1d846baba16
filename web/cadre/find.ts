// find.ts: whom the words in the search field mean: a name, typed with or without its marks, or a piece of a number as it is shown. Pure.
import type { Person } from '../shared/types.ts';
import { plain } from './slug.ts';

export function isMeant({ name, phone }: Pick<Person, 'name' | 'phone'>, typed: string): boolean {
  const words = plain(typed.trim());
  const digits = typed.replace(/[\s.+-]/g, '').replace(/^(84|0)/, '');
  return plain(name).includes(words) || (/^\d+$/.test(digits) && phone.includes(digits));
}
