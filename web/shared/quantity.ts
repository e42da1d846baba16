// quantity.ts: grams and pieces: how they are written, stepped and read. 1500 g → "1,5 kg".
import type { Unit } from './types.ts';

export const MAX_QUANTITY = 1_000_000;

/** One press of the stepper: half a kilogram, or one piece. */
export function step(unit: Unit): number {
  return unit === 'kg' ? 500 : 1;
}

/** What the stepper shows first: one kilogram or one piece, less when less is left, 0 when nothing is. */
export function firstQuantity(unit: Unit, available: number): number {
  return Math.min(unit === 'kg' ? 1000 : 1, Math.max(0, available));
}

/** Up to the next whole step, never past what is left (the last odd grams can be bought too). */
export function more(unit: Unit, quantity: number, available: number): number {
  const s = step(unit);
  return Math.max(0, Math.min((Math.floor(quantity / s) + 1) * s, available, MAX_QUANTITY));
}

/** Down to the previous whole step, never below `least`. */
export function less(unit: Unit, quantity: number, least: number): number {
  const s = step(unit);
  return Math.max(least, (Math.ceil(quantity / s) - 1) * s);
}

/** "1,5" for 1500 grams, "3" for 3 pieces: the number without its unit. */
export function amountText(unit: Unit, quantity: number): string {
  if (unit !== 'kg') return String(quantity);
  const whole = Math.trunc(quantity / 1000);
  const rest = String(Math.abs(quantity) % 1000).padStart(3, '0').replace(/0+$/, '');
  const sign = quantity < 0 && whole === 0 ? '-' : '';
  return rest ? `${sign}${whole},${rest}` : `${sign}${whole}`;
}

/** Reads "2,5", "2.5", "12" as kilograms → grams, or pieces; null when it is no sensible amount. */
export function readQuantity(unit: Unit, text: string): number | null {
  const m = /^(\d{1,6})(?:[.,](\d{1,3}))?\s*(?:kg)?$/i.exec(text.trim());
  if (!m || (unit !== 'kg' && m[2])) return null;
  const quantity = unit === 'kg' ? Number(m[1]) * 1000 + Number((m[2] ?? '').padEnd(3, '0')) : Number(m[1]);
  return quantity >= 1 && quantity <= MAX_QUANTITY ? quantity : null;
}

/** The number pad: what is typed after one more key; "<" erases. Never more than six digits and three after the comma. */
export function padPress(unit: Unit, text: string, key: string): string {
  if (key === '<') return text.slice(0, -1);
  if (key === ',' && (unit !== 'kg' || text.includes(','))) return text;
  const next = key === ',' && text === '' ? '0,' : text === '0' && key !== ',' ? key : text + key;
  return /^\d{1,6}(?:,\d{0,3})?$/.test(next) ? next : text;
}

/** What the pad shows as grams or pieces: like readQuantity, but nothing is an answer too; null while it is not finished. */
export function readWeight(unit: Unit, text: string): number | null {
  const typed = text.replace(/,$/, '');
  return /^0(?:,0{1,3})?$/.test(typed) ? 0 : readQuantity(unit, typed);
}
