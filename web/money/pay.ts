// pay.ts: what an order's payment is called, and what this phone keeps of it so that the QR can be shown without a
// network. Pure but for the keep that is handed in.
import { money } from '../shared/money.ts';
import { recall, type Keep } from '../shared/store.ts';
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

interface Kept extends PaymentAnswer { at: number }
const KEPT_ORDERS = 5;
const LIST = 'cx.pay';

/** The newest answers for the last few orders, by code. */
export function keepPayment(keep: Keep, code: string, answer: PaymentAnswer, at: number): void {
  const all = recall<[string, Kept][]>(keep, LIST) ?? [];
  const rest = all.filter(([other]) => other !== code).slice(0, KEPT_ORDERS - 1);
  keep.set(LIST, JSON.stringify([[code, { ...answer, at }], ...rest]));
}

export function keptPayment(keep: Keep, code: string): Kept | null {
  return recall<[string, Kept][]>(keep, LIST)?.find(([other]) => other === code)?.[1] ?? null;
}

export const keptWay = (keep: Keep): Way => (keep.get('cx.pay-way') === 'cash' ? 'cash' : 'bank');
export const keepWay = (keep: Keep, way: Way) => keep.set('cx.pay-way', way);

/** An SVG as the address of a picture. Without a size of its own no browser draws it onto a canvas. */
export function svgUrl(svg: string, side = 600): string {
  return `data:image/svg+xml,${encodeURIComponent(svg.replace('<svg ', `<svg width="${side}" height="${side}" `))}`;
}

/** Is this row about the order, by its code or as a whole? */
export function aboutOrder({ body: { order } }: Row, code: string): boolean {
  return (typeof order === 'object' ? order.code : order) === code;
}
