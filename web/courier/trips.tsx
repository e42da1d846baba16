// trips.tsx: planning: which orders go on which trip, in which order along the road; packing lists and the route sheet to print;
// for the office also zones, fees and pickup points.
import { useEffect, useState } from 'preact/hooks';
import { get, post, type Problem } from '../shared/api.ts';
import { newKey } from '../shared/key.ts';
import { postOnce } from '../shared/once.ts';
import { quantityText, t } from '../shared/text.ts';
import { moment } from '../shared/time.ts';
import type { Person } from '../shared/types.ts';
import { Notice, Shell } from '../shared/ui/parts.tsx';
import { whyText } from './courier.tsx';
import { moved } from './lists.ts';
import { RouteSheet } from './route-sheet.tsx';
import { Zones } from './zones.tsx';
import type { Trip, TripHead, WaitingOrder } from './types.ts';

export function Trips({ me }: { me: Person }) {
  const [trips, setTrips] = useState<TripHead[]>([]);
  const [trip, setTrip] = useState<Trip | null>(null);
  const [waiting, setWaiting] = useState<WaitingOrder[]>([]);
  const [couriers, setCouriers] = useState<Person[]>([]);
  const [trouble, setTrouble] = useState<string | null>(null);
  const office = me.roles.includes('cadre') || me.roles.includes('admin');

  const tell = (e: unknown) => {
    const { actCode, extras } = e as Problem;
    const more = extras as { reason?: string; order?: string };
    setTrouble([more.order, whyText(more.reason ?? actCode)].filter(Boolean).join(': '));
  };
  const load = async () => {
    try {
      const [heads, orders] = await Promise.all([get<{ trips: TripHead[] }>('/trips'), get<{ orders: WaitingOrder[] }>('/trips/waiting')]);
      setTrips(heads.trips);
      setWaiting(orders.orders);
    } catch (e) { tell(e); }
  };
  useEffect(() => {
    void load();
    if (office) get<{ people: Person[] }>('/people?role=courier').then((a) => setCouriers(a.people), tell);
  }, []);
  const open = (id: number) => get<{ trip: Trip }>(`/trips/${id}`).then((a) => setTrip(a.trip), tell);
  const arrange = async (orders: string[]) => {
    try {
      setTrip((await post<{ trip: Trip }>(`/trips/${trip!.id}/stops`, { key: newKey(), orders })).trip);
      setTrouble(null);
    } catch (e) { tell(e); }
    void load();
  };
  const letGo = async (code: string) => {
    try {
      await post(`/orders/${code}/pay-way`, { key: newKey(), way: 'cash' });
    } catch (e) { tell(e); }
    void load();
  };
  const add = async (title: string, courier: number | null) => {
    try {
      setTrip((await postOnce<{ trip: Trip }>('/trips', { title, ...(courier ? { courier } : {}) })).trip);
      setTrouble(null);
    } catch (e) { tell(e); return false; }
    void load();
    return true;
  };

  return (
    <Shell wide>
      <div class="no-print">
        <h1>{t('trips.title')}</h1>
        <Notice text={trouble} tone="bad" onClose={() => setTrouble(null)} />
        <NewTrip office={office} couriers={couriers} onAdd={add} />
        <ul class="trip-list">
          {trips.map((x) => (
            <li key={x.id}><button type="button" class="quiet" data-testid={`trip-${x.id}`} aria-pressed={trip?.id === x.id} onClick={() => void open(x.id)}>
              {x.title} · {x.courier_name} · {moment(x.planned_at, Date.now())} · {t(`trip.${x.state}`)} · {t('trips.doors', { done: x.done_count, all: x.stop_count })}</button></li>
          ))}
        </ul>
      </div>
      {trip && <Plan trip={trip} waiting={waiting} onArrange={(orders) => void arrange(orders)} onLet={office ? (code) => void letGo(code) : null} />}
      {trip && trip.stops.length > 0 && <RouteSheet trip={trip} />}
      {office && <div class="no-print"><Zones onTrouble={tell} /></div>}
    </Shell>
  );
}

function NewTrip({ office, couriers, onAdd }: { office: boolean; couriers: Person[]; onAdd(title: string, courier: number | null): Promise<boolean> }) {
  const [title, setTitle] = useState('');
  const [courier, setCourier] = useState('');
  const [missing, setMissing] = useState(false);
  const send = (e: Event) => {
    e.preventDefault();
    const fine = title.trim() !== '' && (!office || courier !== '');
    setMissing(!fine);
    if (fine) void onAdd(title.trim(), office ? Number(courier) : null).then((made) => made && setTitle(''));
  };
  return (
    <form class="new-trip" onSubmit={send}>
      <label class="field"><span>{t('trips.name')}</span>
        <input data-testid="trip-title" maxLength={120} placeholder={t('trips.name-hint')} value={title} onInput={(e) => setTitle(e.currentTarget.value)} /></label>
      {office && <label class="field"><span>{t('role.courier')}</span>
        <select data-testid="trip-courier" value={courier} onChange={(e) => setCourier(e.currentTarget.value)}>
          <option value="">…</option>{couriers.map((c) => <option key={c.id} value={c.id}>{c.name}</option>)}</select></label>}
      {missing && <p class="missing" role="alert" data-testid="trip-missing">{t(office ? 'trips.need-courier' : 'trips.need-name')}</p>}
      <button type="submit" class="primary" data-testid="trip-add">{t('trips.add')}</button>
    </form>
  );
}

function Plan({ trip, waiting, onArrange, onLet }: { trip: Trip; waiting: WaitingOrder[]; onArrange(orders: string[]): void; onLet: ((code: string) => void) | null }) {
  const codes = trip.stops.map((s) => s.order);
  const fixed = trip.state === 'closed';
  return (
    <section class="block no-print" aria-label={trip.title}>
      <h2>{t('trips.order-of-road')}</h2>
      <ol class="plan" data-testid="plan">
        {trip.stops.map((s, i) => (
          <li key={s.id} data-testid={`planned-${s.order}`}>
            <span><strong>{s.name}</strong> · {s.point_name ?? s.place}<small> {s.stall_name} · {s.order}</small></span>
            {!fixed && s.state === 'waiting' && (
              <span class="plan-acts">
                <button type="button" class="round small" disabled={i === 0} aria-label={t('trips.up', { name: s.name })} data-testid={`up-${s.order}`} onClick={() => onArrange(moved(codes, i, -1))}>↑</button>
                <button type="button" class="round small" disabled={i === codes.length - 1} aria-label={t('trips.down', { name: s.name })} onClick={() => onArrange(moved(codes, i, 1))}>↓</button>
                <button type="button" class="round small" aria-label={t('trips.off', { name: s.name })} onClick={() => onArrange(codes.filter((c) => c !== s.order))}>×</button>
              </span>
            )}
          </li>
        ))}
      </ol>
      {!fixed && (
        <>
          <h2>{t('trips.waiting', { n: waiting.length })}</h2>
          <ul class="plan">
            {waiting.map((o) => (
              <li key={o.code} class={o.pay_first ? 'pays-first' : ''}>
                <span><strong>{o.name}</strong> · {o.point_name ?? o.place}<small> {o.stall_name} · {quantityText('kg', o.grams)} · {o.code}</small></span>
                {o.pay_first && <span class="pay-first" data-testid={`pay-first-${o.code}`}>{t(`conflict.${o.pay_first}`)}
                  {onLet && <button type="button" class="quiet" data-testid={`let-${o.code}`} onClick={() => onLet(o.code)}>{t('trips.let')}</button>}</span>}
                <button type="button" class="quiet" disabled={o.pay_first !== null} data-testid={`add-${o.code}`} onClick={() => onArrange([...codes, o.code])}>{t('trips.take')}</button>
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  );
}
