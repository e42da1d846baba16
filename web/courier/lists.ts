// lists.ts: what has to be packed: by lot (what to fetch from each farmer) and by buyer. Pure.
import type { Unit } from '../shared/types.ts';
import type { Stop } from './types.ts';

export interface Pick { stall: string; stall_name: string; lot: number; name: string; unit: Unit; quantity: number; orders: number }

/** Everything of one lot together, farmer by farmer. */
export function pickList(stops: readonly Stop[]): Pick[] {
  const found = new Map<number, Pick>();
  for (const stop of stops)
    for (const line of stop.lines) {
      const known = found.get(line.lot);
      if (known) { known.quantity += line.quantity; known.orders++; }
      else found.set(line.lot, { stall: stop.stall, stall_name: stop.stall_name, ...line, orders: 1 });
    }
  return [...found.values()].sort((a, b) => a.stall_name.localeCompare(b.stall_name, 'vi') || a.name.localeCompare(b.name, 'vi'));
}

export interface Pack { phone: string; name: string; place: string; orders: Stop[]; due: number }

/** All of one buyer's orders together, in the order of the road. */
export function packList(stops: readonly Stop[]): Pack[] {
  const found = new Map<string, Pack>();
  for (const stop of stops) {
    const known = found.get(stop.phone);
    if (known) { known.orders.push(stop); known.due += stop.due; }
    else found.set(stop.phone, { phone: stop.phone, name: stop.name, place: stop.point_place ?? stop.place, orders: [stop], due: stop.due });
  }
  return [...found.values()];
}

/** Moves the order at `at` one place up or down. */
export function moved<T>(list: readonly T[], at: number, by: -1 | 1): T[] {
  const next = [...list], to = at + by;
  if (to < 0 || to >= next.length) return next;
  [next[at], next[to]] = [next[to]!, next[at]!];
  return next;
}
