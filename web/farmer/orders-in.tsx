// orders-in.tsx: orders as they come in, big enough to read at arm's length; one button takes an order on.
import { useState } from 'preact/hooks';
import { post, type Problem } from '../shared/api.ts';
import { newKey } from '../shared/key.ts';
import { money } from '../shared/money.ts';
import { phoneText } from '../shared/phone.ts';
import { clock } from '../shared/time.ts';
import { quantityText, t } from '../shared/text.ts';
import type { Order } from '../shared/types.ts';
import { Icon } from '../shared/ui/icons.tsx';
import { Speaker } from '../shared/ui/parts.tsx';

export function OrdersIn({ orders, fresh, onTrouble }: { orders: Order[]; fresh: ReadonlySet<string>; onTrouble(code: string): void }) {
  const todo = orders.filter((o) => o.state === 'placed').length;
  return (
    <section class="block" aria-labelledby="orders-in">
      <h2 id="orders-in">{t('go.orders')} {todo > 0 && <span class="count" data-testid="orders-new">{todo}</span>}</h2>
      {orders.length === 0 && <p class="soft">{t('go.no-orders')}</p>}
      <ul class="orders-in" aria-live="polite" aria-relevant="additions">
        {orders.map((o) => <OrderIn key={o.code} order={o} fresh={fresh.has(o.code) && o.state === 'placed'} onTrouble={onTrouble} />)}
      </ul>
    </section>
  );
}

function OrderIn({ order, fresh, onTrouble }: { order: Order; fresh: boolean; onTrouble(code: string): void }) {
  const [busy, setBusy] = useState(false);
  const confirm = async () => {
    setBusy(true);
    try {
      await post(`/orders/${order.code}/confirm`, { key: newKey() });     // the row that follows redraws us
    } catch (e) {
      onTrouble((e as Problem).code);
    }
    setBusy(false);
  };
  const what = order.lines.map((l) => `${quantityText(l.unit, l.quantity)} ${l.name}`);
  return (
    <li class={`order-in ${order.state} ${fresh ? 'fresh' : ''}`} data-testid="order-row" data-code={order.code} data-state={order.state}>
      <p class="order-what">{what.map((w) => <strong key={w}>{w}</strong>)}</p>
      <p class="order-who"><span>{order.name}</span><span>{money(order.total)}</span></p>
      <p class="soft">{order.place} · {clock(order.placed_at)} · {order.code}</p>
      {order.note && <p class="order-note">“{order.note}”</p>}
      <div class="order-do">
        <a class="round glassy" href={`tel:${order.phone}`} aria-label={t('call', { phone: phoneText(order.phone) })}><Icon name="phone" /></a>
        <Speaker text={t('say.new-order', { name: order.name, lines: what.join(', ').replace(/kg/g, t('say.kg')) })} />
        {order.state === 'placed' ? <button type="button" class="primary" data-testid={`confirm-${order.code}`} disabled={busy} onClick={() => void confirm()}><Icon name="check" />{t('go.confirm')}</button>
          : <span class={`chip-state ${order.state}`}>{t(`order.${order.state}`)}</span>}
      </div>
    </li>
  );
}
