// orders-in.tsx: orders as they come in, big enough to read at arm's length; one button takes an order on.
import { useEffect, useRef, useState } from 'preact/hooks';
import { money } from '../shared/money.ts';
import { postOnce, timedOnce } from '../shared/once.ts';
import { phoneText } from '../shared/phone.ts';
import { clock } from '../shared/time.ts';
import { quantityText, t } from '../shared/text.ts';
import type { Lot, Order, OrderLine } from '../shared/types.ts';
import { Icon } from '../shared/ui/icons.tsx';
import { useAct } from '../shared/ui/act.ts';
import { Notice, Speaker } from '../shared/ui/parts.tsx';
import { CancelSheet } from './cancel-sheet.tsx';
import { WeighSheet } from './weigh-sheet.tsx';

interface Props { orders: Order[]; lots: Lot[]; fresh: ReadonlySet<string> }

export function OrdersIn({ orders, lots, fresh }: Props) {
  const todo = orders.filter((o) => o.state === 'placed' && !o.offer).length;
  return (
    <section class="block" aria-labelledby="orders-in">
      <h2 id="orders-in">{t('go.orders')} {todo > 0 && <span class="count" data-testid="orders-new">{todo}</span>}</h2>
      {orders.length === 0 && <p class="soft">{t('go.no-orders')}</p>}
      <ul class="orders-in" aria-live="polite" aria-relevant="additions">
        {orders.filter((o) => !o.merged_into).map((o) => <OrderIn key={o.code} order={o} fresh={fresh.has(o.code) && o.state === 'placed'} lots={lots} />)}
      </ul>
    </section>
  );
}

function OrderIn({ order, lots, fresh }: Omit<Props, 'orders' | 'fresh'> & { order: Order; fresh: boolean }) {
  const { busy, trouble, say, act } = useAct();       // said in the order's own card: the top of the page may be far away
  const refused = useRef(false);                      // closing it, for what the order was: said only until something became of it
  useEffect(() => {
    if (refused.current) say(null);
    refused.current = false;
  }, [order]);
  const [weighing, setWeighing] = useState<OrderLine | null>(null);
  const [ending, setEnding] = useState(false);
  const confirm = () => act(() => postOnce(`/orders/${order.code}/confirm`, {}));     // the row that follows redraws us
  const close = () => act(() => timedOnce(`/orders/${order.code}/close`, {}), ({ extras: { reason, due } }) => {
    const words = reason === 'open-difference' ? t('close-open') : reason === 'not-paid' ? t('close-unpaid', { money: money(due ?? 0) })
      : reason === 'on-a-trip' || reason === 'with-carrier' ? t(`close-${reason}`) : null;
    refused.current = words !== null;
    return words;
  });
  const state = order.closed_at ? 'closed' : order.state;
  const open = state === 'confirmed';
  const what = order.lines.map((l) => `${quantityText(l.unit, l.quantity)} ${l.name}`);
  return (
    <li class={`order-in ${order.state} ${fresh ? 'fresh' : ''}`} data-testid="order-row" data-code={order.code} data-state={state}>
      <p class="order-what">{what.map((w) => <strong key={w}>{w}</strong>)}</p>
      <p class="order-who"><span>{order.name}</span><span>{money(order.total)}</span></p>
      <p class="soft">{order.place} · {clock(order.placed_at)} · {order.code}</p>
      {order.pay_way && state !== 'closed' && <p class="soft" data-testid={`pays-${order.code}`} data-way={order.pay_way}>{t(`pay.means-${order.pay_way}`)}</p>}
      {order.placed_by && <p class="soft">{t('order.placed-by', { name: order.placed_by })}</p>}
      {order.note && <p class="order-note">“{order.note}”</p>}
      {open && <ul class="weigh-lines">{order.lines.map((l) => <WeighLine key={l.lot} code={order.code} line={l} onWeigh={() => setWeighing(l)} />)}</ul>}
      <Notice text={trouble} tone="warn" onClose={() => say(null)} />
      <div class="order-do">
        <a class="round glassy" href={`tel:${order.phone}`} aria-label={t('call', { phone: phoneText(order.phone) })}><Icon name="phone" /></a>
        <Speaker text={t('say.new-order', { name: order.name, lines: what.join(', ').replace(/kg/g, t('say.kg')) })} />
        {order.state === 'placed' && order.offer ? <span class="chip-state waiting" data-testid={`offered-${order.code}`}>{t('wait.asked')}</span>
          : order.state === 'placed' ? <button type="button" class="primary" data-testid={`confirm-${order.code}`} disabled={busy} onClick={() => void confirm()}><Icon name="check" />{t('go.confirm')}</button>
          : open ? <button type="button" class="quiet" data-testid={`close-${order.code}`} disabled={busy} onClick={() => void close()}><Icon name="check" />{t('order-close')}</button>
            : <span class={`chip-state ${state}`}>{t(`order.${state}`)}</span>}
      </div>
      {(order.state === 'placed' || open) && <div class="order-more">
        <a class="quiet" data-testid={`label-${order.code}`} href={`/labels?order=${order.code}`}><Icon name="qr" />{t('label.button')}</a>
        <button type="button" class="quiet red" data-testid={`cancel-${order.code}`} onClick={() => setEnding(true)}>{t('cancel-order')}</button>
      </div>}
      {ending && <CancelSheet code={order.code} onClose={() => setEnding(false)} />}
      {weighing && <WeighSheet code={order.code} line={weighing} tolerance={lots.find((l) => l.id === weighing.lot)?.tolerance ?? 0}
        onClose={() => setWeighing(null)} />}
    </li>
  );
}

function WeighLine({ code, line, onWeigh }: { code: string; line: OrderLine; onWeigh(): void }) {
  const weighed = line.weighed ?? null;
  return (
    <li data-testid={`weighed-${code}-${line.lot}`} data-state={line.state}>
      <span>{line.name}{weighed !== null && <b> {quantityText(line.unit, weighed)}</b>}{line.state === 'extra' && <em> {t('line.waiting')}</em>}
        {line.state === 'declined' && <em> {t('line.declined', { amount: quantityText(line.unit, line.quantity) })}</em>}</span>
      <button type="button" class={weighed === null ? 'primary' : 'quiet'} data-testid={`weigh-${code}-${line.lot}`} onClick={onWeigh}>{t(weighed === null ? 'weigh' : 'weigh.again')}</button>
    </li>
  );
}
