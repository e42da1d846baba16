// pay.ts: what an order's payment is called, and what this phone keeps of it so that the QR can be shown without a
// network. Pure but for the keep that is handed in.
import { money } from '../shared/money.ts';
import { dropFor, keepFor, keptFor } from '../shared/kept.ts';
import type { Keep } from '../shared/store.ts';
import { t } from '../shared/text.ts';
import type { Row } from '../shared/types.ts';
import type { Tone } from '../shared/ui/parts.tsx';
import type { Payment, PaymentAnswer } from './types.ts';

export type Stand = 'unpaid' | 'short' | 'paid' | 'over' | 'late' | 'none';
export type Way = 'bank' | 'cash';

/** The five things a buyer can be told, from the market's finer states. */
export function standOf(p: Payment): Stand {
  if (p.state === 'none') return 'none';
  if (p.state === 'returned') return 'late';        // the order is cancelled, the money is the buyer's
  if (p.state === 'over' || p.surplus > 0 || (p.due === 0 && p.returned > 0)) return 'over';
  if (p.state === 'expected') return 'unpaid';
  return p.state === 'part' ? 'short' : 'paid';
}

export const standTone: Record<Stand, Tone> = { unpaid: 'warn', short: 'warn', paid: 'ok', over: 'ok', late: 'warn', none: 'ok' };

/** One sentence: what has come, what is left. */
export function standWords(p: Payment): string {
  switch (standOf(p)) {
    case 'none': return '';
    case 'unpaid': return t('pay.unpaid', { due: money(p.due) });
    case 'short': return t('pay.short', { got: money(p.received), due: money(p.due) });
    case 'paid': return p.state === 'cash' ? t('pay.paid-cash', { got: money(p.total) }) : t('pay.paid', { got: money(p.total) });
    case 'over': return t('pay.over', { more: money(p.surplus || p.returned) });
    case 'late': return t('pay.late', { got: money(p.surplus || p.returned) });
  }
}

/** Account numbers are read aloud and typed by hand: groups of four. */
export const spaced = (number: string) => number.replace(/(.{4})(?=.)/g, '$1 ');

const LIST = 'cx.payment';

/** The newest answers for the last few orders, by code. */
export const keepPayment = (keep: Keep, code: string, answer: PaymentAnswer, at: number) => keepFor(keep, LIST, code, answer, at);

export function keptPayment(keep: Keep, code: string): (PaymentAnswer & { at: number }) | null {
  const kept = keptFor<PaymentAnswer>(keep, LIST, code);
  return kept && { ...kept.value, at: kept.at };
}

/** What the buyer chose here and the market has not heard yet; `key` makes telling it twice harmless. */
export interface Wish { way: Way; key: string }
const WISHES = 'cx.pay-wish';
export const keptWish = (keep: Keep, code: string) => keptFor<Wish>(keep, WISHES, code)?.value ?? null;
export const keepWish = (keep: Keep, code: string, wish: Wish, at: number) => keepFor(keep, WISHES, code, wish, at);
/** The market has answered `wish`: it waits no longer, and what is shown without a network says the same from now on. */
export function wishHeard(keep: Keep, code: string, wish: Wish, taken: boolean): void {
  if (keptWish(keep, code)?.key !== wish.key) return;      // the buyer chose again meanwhile
  const kept = keptFor<PaymentAnswer>(keep, LIST, code);
  if (taken && kept) keepPayment(keep, code, { ...kept.value, way: wish.way }, kept.at);
  dropFor(keep, WISHES, code);
}

export const keptWay = (keep: Keep): Way => (keep.get('cx.pay-way') === 'cash' ? 'cash' : 'bank');
export const keepWay = (keep: Keep, way: Way) => keep.set('cx.pay-way', way);

/** What is shown as chosen though the market does not know it: the choice of last time, or the only one there is. Null: nothing to tell. */
export function untold({ payment, qr, cash, way }: PaymentAnswer, last: Way): Way | null {
  const shown = cash?.may === false ? 'bank' : way ?? last;
  return qr && payment.due > 0 && shown !== way ? shown : null;
}

/** An SVG as the address of a picture. Without a size of its own no browser draws it onto a canvas. */
export function svgUrl(svg: string, side = 600): string {
  return `data:image/svg+xml,${encodeURIComponent(svg.replace('<svg ', `<svg width="${side}" height="${side}" `))}`;
}

/** Is this row about the order, by its code or as a whole? */
export function aboutOrder({ body: { order } }: Row, code: string): boolean {
  return (typeof order === 'object' ? order.code : order) === code;
}
