// basket.ts: the lines a buyer is about to order, and how a refusal changes them. Pure.
import { priceOf } from '../shared/flash.ts';
import { lineAmount } from '../shared/money.ts';
import { step } from '../shared/quantity.ts';
import type { Problem } from '../shared/api.ts';
import type { Lot, OrderDraft } from '../shared/types.ts';

/** lot id → quantity; the price is the one the buyer was shown when the sheet opened. */
export interface Line { lot: number; quantity: number; price: number; min?: number }

export function total(lines: readonly Line[], lots: readonly Lot[]): number {
  return lines.reduce((sum, l) => {
    const lot = lots.find((x) => x.id === l.lot);
    return sum + (lot ? lineAmount(lot.unit, l.price, l.quantity) : 0);
  }, 0);
}

export function setLine(lines: readonly Line[], lot: Lot, quantity: number): Line[] {
  const rest = lines.filter((l) => l.lot !== lot.id);
  if (quantity <= 0) return rest;
  const known = lines.find((l) => l.lot === lot.id);
  const line: Line = { lot: lot.id, quantity, price: known?.price ?? priceOf(lot) };
  if (known?.min) line.min = Math.min(step(lot.unit), quantity);
  return known ? lines.map((l) => (l.lot === lot.id ? line : l)) : [...lines, line];
}

/** "If less is left, what there is": from one step of the stepper up to what was asked. */
export function takeLess(lines: readonly Line[], lot: Lot, less: boolean): Line[] {
  return lines.map(({ min: _, ...l }) => (l.lot !== lot.id ? { ...l, ...(_ ? { min: _ } : {}) } : less ? { ...l, min: Math.min(step(lot.unit), l.quantity) } : l));
}

export interface Correction { lines: Line[]; lot: Lot | null; available: number | null; price: number | null }

/** After sold-out or price-changed: lines the buyer can send again at once, and what to tell them. */
export function correct(draft: OrderDraft, problem: Problem, lots: readonly Lot[]): Correction {
  const { lot: id, available, price } = problem.extras;
  const lot = lots.find((l) => l.id === id) ?? null;
  if (problem.code === 'sold-out' && lot) {
    const rest = Math.max(0, available ?? 0);
    const lines = draft.lines.map((l) => (l.lot === lot.id ? { ...l, quantity: Math.min(l.quantity, rest), ...(l.min ? { min: Math.min(l.min, rest) } : {}) } : l));
    return { lines: lines.filter((l) => l.quantity > 0), lot, available: rest, price: null };
  }
  if (problem.code === 'buyer-limit' && lot) {
    const rest = Math.max(0, (problem.extras.limit ?? 0) - (problem.extras.had ?? 0));
    if (rest === 0 && price !== undefined)         // had all one may have of the flash price: what it costs without
      return { lines: draft.lines.map((l) => (l.lot === lot.id ? { ...l, price } : l)), lot, available: null, price };
    const lines = draft.lines.map((l) => (l.lot === lot.id ? { ...l, quantity: Math.min(l.quantity, rest), ...(l.min ? { min: Math.min(l.min, rest) } : {}) } : l));
    return { lines: lines.filter((l) => l.quantity > 0), lot, available: null, price: null };
  }
  if (problem.code === 'price-changed' && lot && price !== undefined)
    return { lines: draft.lines.map((l) => (l.lot === lot.id ? { ...l, price } : l)), lot, available: null, price };
  return { lines: [...draft.lines], lot, available: null, price: null };
}
