// delivery.ts: what bringing an order costs: the same rule as the market's (trade/fee.c), shown before ordering. Pure.
import type { Unit } from './types.ts';

export interface Point { id: number; zone: number; name: string; place: string; note: string; state: 'open' | 'closed' }
export interface Zone {
  id: number; name: string; base: number; included: number; per_kg: number; piece_grams: number; courier_points: number;
  state: 'open' | 'closed'; points: Point[];
}

/** Grams that count for the fee: a bunch or piece counts what the zone says. */
export function weightOf(zone: Zone, lines: readonly { unit: Unit; quantity: number }[]): number {
  return lines.reduce((sum, l) => sum + (l.unit === 'kg' ? l.quantity : l.quantity * zone.piece_grams), 0);
}

/** base up to the included weight, then per_kg for each kilogram begun. */
export function feeOf(zone: Zone, grams: number): number {
  return zone.base + Math.ceil(Math.max(0, grams - zone.included) / 1000) * zone.per_kg;
}
