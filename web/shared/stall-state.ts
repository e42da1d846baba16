// stall-state.ts: what a page knows of one stall, and how a journal row changes it. Pure: (snapshot, row) → snapshot.
import type { Live, Lot, Order, Row, Snapshot } from './types.ts';

const ORDERS_KEPT = 50;

/** Rows at or before the mark were seen already and change nothing. */
export function applyRow(s: Snapshot, row: Row): Snapshot {
  if (row.id <= s.mark) return s;
  const next: Snapshot = { ...s, mark: row.id };
  const { body } = row;
  if (body.stall) next.stall = { ...s.stall, ...body.stall };
  if (body.live) next.live = liveAfter(s.live, body.live);
  if (typeof body.lot === 'object') next.lots = withLot(s.lots, body.lot);
  else if (typeof body.lot === 'number' && body.available !== undefined)
    next.lots = withStock(s.lots, [{ lot: body.lot, available: body.available }]);
  if (body.lots) next.lots = withStock(next.lots, body.lots);
  if (typeof body.order === 'object') next.orders = withOrder(s.orders, body.order);
  return next;
}

/** A row about an older session must not hide the newer one. */
function liveAfter(known: Live | null, news: Live): Live {
  return known && known.id > news.id ? known : { ...known, ...news };
}

function withLot(lots: Lot[], lot: Lot): Lot[] {
  return lots.some((l) => l.id === lot.id) ? lots.map((l) => (l.id === lot.id ? { ...l, ...lot } : l)) : [...lots, lot];
}

function withStock(lots: Lot[], stock: { lot: number; available: number; flash_left?: number }[]): Lot[] {
  return lots.map((l) => {
    const news = stock.find((s) => s.lot === l.id);
    const flash = news?.flash_left !== undefined && l.flash ? { flash: { ...l.flash, left: news.flash_left } } : {};
    return news ? { ...l, available: news.available, ...flash } : l;
  });
}

/** Newest first; an order known already is replaced where it stands. */
export function withOrder(orders: Order[], order: Order): Order[] {
  if (orders.some((o) => o.code === order.code)) return orders.map((o) => (o.code === order.code ? order : o));
  return [order, ...orders].slice(0, ORDERS_KEPT);
}
