// stop-card.tsx: one door: who, where, what, how much; and the buttons for it when it is the next one.
import { money } from '../shared/money.ts';
import { phoneText } from '../shared/phone.ts';
import { quantityText, t, type Key } from '../shared/text.ts';
import { clock } from '../shared/time.ts';
import { IconLine } from '../shared/ui/parts.tsx';
import { Icon } from '../shared/ui/icons.tsx';
import { isDone } from './doors.ts';
import type { To } from './door-draft.ts';
import type { Stop } from './types.ts';

/** Android opens its own choice of maps; others get a page. */
function mapLink(place: string): string {
  const query = encodeURIComponent(place);
  return /Android/.test(navigator.userAgent) ? `geo:0,0?q=${query}` : `https://www.google.com/maps/search/?api=1&query=${query}`;
}

interface Props {
  stop: Stop; current: boolean; moving: boolean; waits: boolean; now: number;
  onArrived(): void; onSheet(to: To): void; onUndo(): void;
}

export function StopCard({ stop, current, moving, waits, now, onArrived, onSheet, onUndo }: Props) {
  const done = isDone(stop);
  const place = stop.point_place ?? stop.place;
  return (
    <li class={`stop ${stop.state} ${current ? 'current' : ''}`} data-testid={`stop-${stop.order}`} data-state={stop.state} data-waits={waits}>
      <h2><span class="number">{stop.position}</span>{stop.name}</h2>
      <p class="stop-state"><span class={`chip-state ${stop.state}`}>{t(`stop.${stop.state}`)}</span>
        {stop.reason && <span> {t(`stop-why.${stop.reason}` as Key)}</span>}{stop.done_at && <span> {clock(stop.done_at)}</span>}
        {waits && <span class="waits"> · {t('courier.not-sent')}</span>}</p>
      {stop.order_state === 'cancelled' && <p class="cancelled">{t('order.cancelled')}</p>}
      {!done && (
        <>
          <IconLine icon="pin">{stop.point_name ? `${stop.point_name}: ${place}` : place}</IconLine>
          {stop.order_note && <p class="soft">{stop.order_note}</p>}
        </>
      )}
      <p class="goods">{stop.lines.map((l) => `${l.name} ${quantityText(l.unit, l.quantity)}`).join(' · ')}</p>
      <p class="cash-due">{done ? t('courier.collected', { amount: money(stop.collected) }) : stop.due ? t('courier.to-collect', { amount: money(stop.due) }) : t('courier.paid')}
        {!done && stop.due > 0 && stop.pay_way && <span data-testid={`pays-${stop.order}`} data-way={stop.pay_way}> · {t(`pay.means-${stop.pay_way}`)}</span>}</p>
      {!done && (
        <div class="ways">
          <a class="quiet" href={`tel:${stop.phone}`} data-testid={`call-${stop.order}`} aria-label={`${t('courier.call')} ${phoneText(stop.phone)}`}><Icon name="phone" />{t('courier.call')}</a>
          <a class="quiet" href={mapLink(place)} target="_blank" rel="noreferrer noopener"><Icon name="pin" />{t('courier.map')}</a>
        </div>
      )}
      {current && moving && (
        <div class="deeds">
          {stop.state === 'waiting' && <button type="button" class="quiet big" data-testid="arrived" onClick={onArrived}>{t('courier.arrived')}</button>}
          <button type="button" class="primary big" data-testid="delivered" onClick={() => onSheet('delivered')}><Icon name="check" />{t('courier.delivered')}</button>
          <button type="button" class="quiet big" data-testid="partial" onClick={() => onSheet('partial')}>{t('courier.partial')}</button>
          <button type="button" class="quiet red big" data-testid="failed" onClick={() => onSheet('failed')}>{t('courier.failed')}</button>
        </div>
      )}
      {done && moving && stop.undo_until !== null && stop.undo_until > now && (
        <button type="button" class="quiet wide-button" data-testid={`undo-${stop.order}`} onClick={onUndo}>{t('courier.undo', { time: clock(stop.undo_until) })}</button>
      )}
    </li>
  );
}
