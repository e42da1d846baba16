// kept.ts: the last answers about a few orders, by code, so that they can be shown without a network and say of when they are.
import { recall, type Keep } from './store.ts';

const KEPT = 5;
type Entry<T> = [code: string, value: T, at: number];

export function keepFor<T>(keep: Keep, list: string, code: string, value: T, at: number): void {
  const rest = (recall<Entry<T>[]>(keep, list) ?? []).filter(([other]) => other !== code).slice(0, KEPT - 1);
  keep.set(list, JSON.stringify([[code, value, at], ...rest]));
}

export function keptFor<T>(keep: Keep, list: string, code: string): { value: T; at: number } | null {
  const found = recall<Entry<T>[]>(keep, list)?.find(([other]) => other === code);
  return found ? { value: found[1], at: found[2] } : null;
}

export function dropFor(keep: Keep, list: string, code: string): void {
  keep.set(list, JSON.stringify((recall<Entry<unknown>[]>(keep, list) ?? []).filter(([other]) => other !== code)));
}
