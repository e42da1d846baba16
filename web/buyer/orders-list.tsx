// orders-list.tsx: the buyer's own orders of this stall, those still on their way from the phone first.
import { money } from '../shared/money.ts';
import { quantityText, t } from '../shared/text.ts';
import type { Waiting } from '../shared/queue.ts';
import { MergeButton } from './merge.tsx';
import type { Lot, Order } from '../shared/types.ts';

export function OrdersList({ orders: all, waiting, lots, onMerged }: { orders: Order[]; waiting: readonly Waiting[]; lots: Lot[]; onMerged(order: Order): void }) {
  const orders = all.filter((o) => !o.merged_into && !o.offer);
  if (orders.length === 0 && waiting.length === 0) return null;
  return (
    <section class="block" aria-labelledby="mine">
      <h2 id="mine">{t('own-orders')}</h2>
      <ul class="orders">
        {waiting.map((w) => (
          <li key={w.key} class="order waiting" data-testid="order-waiting">
            <p><strong>{t('on-the-way')}</strong></p>
            <p>{w.draft.lines.map((l) => lineWords(l.lot, l.quantity, lots)).join(', ')}</p>
            <span class="chip-state waiting">{t('kept-on-phone')}</span>
          </li>
        ))}
        {orders.map((o) => <OrderRow key={o.code} order={o} />)}
      </ul>
      <MergeButton orders={orders} onMerged={onMerged} />
    </section>
  );
}

function lineWords(id: number, quantity: number, lots: Lot[]): string {
  const lot = lots.find((l) => l.id === id);
  return lot ? `${lot.name} ${quantityText(lot.unit, quantity)}` : String(quantity);
}

function OrderRow({ order }: { order: Order }) {
  return (
    <li class="order" data-testid={`own-${order.code}`} data-state={order.state}>
      <a href={`/orders/${order.code}`}>
        <p><strong>{order.code}</strong><span>{money(order.total)}</span></p>
        <p>{order.lines.map((l) => `${l.name} ${quantityText(l.unit, l.quantity)}`).join(', ')}</p>
        {order.placed_by && <p class="soft" data-testid={`placed-by-${order.code}`}>{t('order.placed-by', { name: order.placed_by })}</p>}
        <span class={`chip-state ${order.state}`}>{t(`order.${order.state}`)}</span>
      </a>
    </li>
  );
}
