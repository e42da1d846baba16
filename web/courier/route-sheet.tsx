// route-sheet.tsx: paper for the road: what to fetch from each farmer, what to pack for each buyer, and the doors in their order.
import { money } from '../shared/money.ts';
import { phoneText } from '../shared/phone.ts';
import { quantityText, t } from '../shared/text.ts';
import { day } from '../shared/time.ts';
import { packList, pickList } from './lists.ts';
import type { Trip } from './types.ts';

export function RouteSheet({ trip }: { trip: Trip }) {
  return (
    <article class="route-sheet" data-testid="route-sheet">
      <header><h2>{trip.title}</h2><p>{trip.courier_name} · {day(trip.planned_at)}</p>
        <button type="button" class="quiet no-print" data-testid="print" onClick={() => window.print()}>{t('trips.print')}</button></header>
      <table data-testid="pick-list">
        <caption>{t('trips.pick')}</caption>
        <tbody>{pickList(trip.stops).map((p) => (
          <tr key={p.lot}><td class="box" /><th scope="row">{p.stall_name}: {p.name}</th><td>{quantityText(p.unit, p.quantity)}</td></tr>
        ))}</tbody>
      </table>
      <table data-testid="pack-list">
        <caption>{t('trips.pack')}</caption>
        <tbody>{packList(trip.stops).map((b) => (
          <tr key={b.phone}><td class="box" /><th scope="row">{b.name}</th>
            <td>{b.orders.flatMap((o) => o.lines).map((l) => `${l.name} ${quantityText(l.unit, l.quantity)}`).join(', ')}</td></tr>
        ))}</tbody>
      </table>
      <table>
        <caption>{t('trips.doors-list')}</caption>
        <tbody>{trip.stops.map((s, i) => (
          <tr key={s.id}><td>{i + 1}</td><th scope="row">{s.name}<br />{phoneText(s.phone)}</th><td>{s.point_name ? `${s.point_name}: ` : ''}{s.point_place ?? s.place}<br />{s.order_note}</td>
            <td>{s.order}<br />{s.due ? money(s.due) : t('courier.paid')}</td><td class="sign-box">{t('trips.signed')}</td></tr>
        ))}</tbody>
      </table>
    </article>
  );
}
