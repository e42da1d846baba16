// flash.ts: what a lot costs at this moment, and how long that lasts. The market ends a flash price and says so; the page's
// countdown only draws that (market-time.ts).
import type { Flash, Lot } from './types.ts';

/** The flash price that still has something left, or null. A farmer may promise more of it than there is: what is left is never more than that. */
export function flashOf({ flash, available }: Pick<Lot, 'flash' | 'available'>): Flash | null {
  return flash && flash.left > 0 ? { ...flash, left: Math.min(flash.left, available || flash.left) } : null;
}

export function priceOf(lot: Pick<Lot, 'price' | 'flash' | 'available'>): number {
  return flashOf(lot)?.price ?? lot.price;
}

/** Ms that are left, never more than the whole time it was given. */
export function flashLeft(flash: Flash, now: number): number {
  return Math.min(Math.max(0, flash.ends_at - now), flash.ends_at - flash.starts_at);
}

/** The most of a line at this price: of a flash price, what is left of it and its own limit. */
export function mostAt(lot: Pick<Lot, 'available' | 'limit' | 'flash'>, price: number): number {
  const flash = flashOf(lot);
  const most = Math.min(lot.available, lot.limit ?? lot.available);
  return flash && flash.price === price ? Math.min(most, flash.left, flash.limit ?? flash.left) : most;
}
