// money.ts: đồng, always integers, always written the Vietnamese way (25.000 ₫) whatever the page's language:
// buyer and farmer must read the same figure aloud.
import type { Unit } from './types.ts';

/** 25000 → "25.000 ₫" (the space does not break). */
export function money(dong: number): string {
  return `${groups(dong)}\u00a0₫`;
}

/** 1234567 → "1.234.567". */
export function groups(n: number): string {
  const sign = n < 0 ? '-' : '';
  return sign + Math.abs(Math.trunc(n)).toString().replace(/\B(?=(\d{3})+$)/g, '.');
}

/** What a line costs: price per kg × grams, half up, or price × pieces. The server computes the same. */
export function lineAmount(unit: Unit, price: number, quantity: number): number {
  return unit === 'kg' ? Math.floor((price * quantity + 500) / 1000) : price * quantity;
}

/** Reads what a person typed as a price: "25.000", "25 000", "25k", "25 nghìn" → 25000, "12,5k" → 12500; null when it is none. */
export function readMoney(text: string): number | null {
  const m = /^(\d[\d.,\s]*)(k|nghìn|ngàn|n)?\s*(?:₫|đ|đồng|vnd)?$/i.exec(text.trim().toLowerCase());
  if (!m) return null;
  const part = m[2] ? /^(\d+)[.,](\d{1,2})\s*$/.exec(m[1]!) : null;        // of a thousand; three digits after the point are a group
  const dong = part ? Number(part[1]) * 1000 + Number(part[2]!.padEnd(3, '0')) : Number(m[1]!.replace(/[.,\s]/g, '')) * (m[2] ? 1000 : 1);
  return Number.isSafeInteger(dong) && dong >= 1 && dong <= 100_000_000 ? dong : null;
}
