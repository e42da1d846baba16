// cash-days.ts: cash per courier and day: what the trips should bring beside what the books say was taken. Pure.
import type { CashDay, CashExpected } from './types.ts';

export interface DayLine { day: string; person: number; name: string; expected: number | null; stops: number; collected: number; remitted: number; balance: number | null }

/** Newest day first, names within it. Expected is null for who has no trip that day; balance is what is held now. */
export function dayLines(days: readonly CashDay[], expected: readonly CashExpected[]): DayLine[] {
  const lines = new Map<string, DayLine>();
  const line = (day: string, person: number, name: string): DayLine => {
    const key = `${day} ${person}`;
    const known = lines.get(key) ?? { day, person, name, expected: null, stops: 0, collected: 0, remitted: 0, balance: null };
    lines.set(key, known);
    return known;
  };
  for (const d of days) Object.assign(line(d.day, d.person, d.name), { collected: d.collected + d.taken_over, remitted: d.remitted, balance: d.balance });
  for (const e of expected) Object.assign(line(e.day, e.person, e.name), { expected: e.expected, stops: e.stops });
  return [...lines.values()].sort((a, b) => b.day.localeCompare(a.day) || a.name.localeCompare(b.name, 'vi') || a.person - b.person);
}
