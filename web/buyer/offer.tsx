// offer.tsx: it is this buyer's turn: the goods are kept for them, and they say yes or no before the time is over.
import { useState } from 'preact/hooks';
import { money } from '../shared/money.ts';
import { postOnce } from '../shared/once.ts';
import { quantityText, t } from '../shared/text.ts';
import type { Order } from '../shared/types.ts';
import { useAct } from '../shared/ui/act.ts';
import { useNow } from '../shared/ui/hooks.ts';
import { Icon } from '../shared/ui/icons.tsx';
import { Notice } from '../shared/ui/parts.tsx';
import { clockFace, timeLeft } from './countdown.tsx';
import { DeliveryChoice, feeFor, useZones, type Choice } from './delivery-choice.tsx';

export function Offer({ order, onOrder }: { order: Order; onOrder(order: Order): void }) {
  const left = timeLeft(order, useNow(1000)) ?? 0;
  const zones = useZones();
  const [way, setWay] = useState<Choice | null>(null);
  const { busy, trouble, act } = useAct();
  const fee = feeFor(zones, way, order.lines, order.lines.map((l) => ({ id: l.lot, unit: l.unit })));
  const answer = (door: 'take' | 'cancel', more: object) => act(async () => onOrder((await postOnce<{ order: Order }>(`/orders/${order.code}/${door}`, more)).order));
  const wish = way && fee !== null ? { delivery: { zone: way.zone, ...(way.point ? { point: way.point } : {}), fee } } : {};
  return (
    <section class="block offer" id={`offer-${order.code}`} data-testid={`offer-${order.code}`} aria-label={t('offer.title')}>
      <h2>{t('offer.title')}</h2>
      <p>{t('offer.words', { what: order.lines.map((l) => `${quantityText(l.unit, l.quantity)} ${l.name}`).join(', '), money: money(order.total) })}</p>
      <p class="countdown" role="timer" data-testid="offer-left" data-left={left}>{t('offer.left', { time: clockFace(left) })}</p>
      <Notice text={trouble} tone="bad" />
      <DeliveryChoice zones={zones} chosen={way} fee={fee} onChoose={setWay} />
      <button type="button" class="primary big" data-testid="offer-yes" disabled={busy} onClick={() => void answer('take', wish)}>{t('offer.yes')}</button>
      <button type="button" class="quiet wide-button" data-testid="offer-no" disabled={busy} onClick={() => void answer('cancel', { why: 'declined' })}>{t('offer.no')}</button>
    </section>
  );
}

/** In the lot's own place: what is kept, how long still, and the way up to the question. */
export function OfferLink({ order, lot }: { order: Order; lot: number }) {
  const left = timeLeft(order, useNow(1000)) ?? 0;
  const line = order.lines.find((l) => l.lot === lot);
  return (
    <a class="lot-turn" href={`#offer-${order.code}`} data-testid={`turn-${lot}`} data-left={left}><Icon name="clock" />
      <span><strong>{t('offer.title')}</strong>: {line && quantityText(line.unit, line.quantity)} · {t('offer.left', { time: clockFace(left) })}</span></a>
  );
}
