// way.tsx: where the buyer's order is: on which trip, how many doors before, about when, and the four digits for the door.
import { useEffect, useMemo, useState } from 'preact/hooks';
import { get } from '../shared/api.ts';
import { dropFor, keepFor, keptFor } from '../shared/kept.ts';
import { Newest } from '../shared/newest.ts';
import { phoneKeep } from '../shared/store.ts';
import { t, type Key } from '../shared/text.ts';
import { clock, moment } from '../shared/time.ts';
import { Icon } from '../shared/ui/icons.tsx';
import type { Refused } from './order-line.tsx';

interface Way {
  state: 'waiting' | 'arrived' | 'delivered' | 'partial' | 'failed'; trip_state: 'planned' | 'loaded' | 'moving' | 'closed'; reason: string;
  done_at: number | null; ahead: number; expected_at: number | null; code: string | null; courier_name: string; courier_phone: string | null;
  spot: { lat: number; lon: number; at: number } | null;
}
interface Carrier { name: string; phone: string | null; link: string | null; tracking: string; state: 'handed' | 'collected' | 'returned'; handed_at: number }
const LIST = 'cx.way';
const CARRIER = 'cx.carrier';
const REFUSED = 'cx.refused';
/** What this phone heard last of what the door did not take. */
export const keptRefused = (code: string): Refused[] => keptFor<Refused[]>(phoneKeep, REFUSED, code)?.value ?? [];
const REFRESH_MS = 20_000;     // the socket tells of doors; the courier's place moves between them

export function WayPart({ code, news, onRefused }: { code: string; news: number; onRefused(refused: Refused[]): void }) {
  const [way, setWay] = useState<Way | null>(() => keptFor<Way>(phoneKeep, LIST, code)?.value ?? null);
  const [carrier, setCarrier] = useState<Carrier | null>(() => keptFor<Carrier>(phoneKeep, CARRIER, code)?.value ?? null);
  const newest = useMemo(() => new Newest(() => get<{ delivery: Way | null; carrier: Carrier | null; refused: Refused[] }>(`/orders/${encodeURIComponent(code)}/delivery`)), [code]);
  const load = () => newest.ask().then(({ delivery, carrier: has, refused }) => {
    if (refused.length > 0) keepFor(phoneKeep, REFUSED, code, refused, Date.now());
    else dropFor(phoneKeep, REFUSED, code);
    onRefused(refused);
    if (has) keepFor(phoneKeep, CARRIER, code, has, Date.now());
    setCarrier(has);
    if (delivery) keepFor(phoneKeep, LIST, code, { ...delivery, spot: null }, Date.now());   // a place of hours ago would mislead
    setWay(delivery);
  }, () => {});
  useEffect(() => { void load(); }, [code, news]);
  const follow = way?.trip_state === 'moving' && (way.state === 'waiting' || way.state === 'arrived');
  useEffect(() => {
    if (!follow) return;
    const timer = setInterval(() => void load(), REFRESH_MS);
    return () => clearInterval(timer);
  }, [follow, code]);
  const back = carrier?.state === 'returned';
  if (carrier && (!back || !way)) return <CarrierPart carrier={carrier} />;
  if (!way) return null;
  const done = way.state !== 'waiting' && way.state !== 'arrived';
  const word = way.state === 'arrived' ? 'arrived' : way.trip_state;
  return (
    <section class="block way" aria-label={t('way.title')} data-testid="way" data-state={way.state} data-trip={way.trip_state}>
      <h2>{t('way.title')}</h2>
      {done ? (
        <p role="status">{t('way.done', { state: t(`stop.${way.state}`), time: clock(way.done_at ?? 0) })}{way.reason && ` · ${t(`stop-why.${way.reason}` as Key)}`}</p>
      ) : (
        <>
          <p role="status">{t(`way.${word}` as Key, { courier: way.courier_name })}</p>
          {follow && way.state === 'waiting' && <p data-testid="way-ahead" data-ahead={way.ahead}>{way.ahead ? t('way.ahead', { n: way.ahead }) : t('way.next')}
            {way.expected_at !== null && <strong data-testid="way-expected"> {t('way.expected', { time: clock(way.expected_at) })}</strong>}</p>}
          {way.code && <p class="door-code"><span>{t('way.code')}</span><strong data-testid="door-code">{way.code}</strong></p>}
          {way.courier_phone && <a class="quiet wide-button" href={`tel:${way.courier_phone}`}><Icon name="phone" />{t('way.call')}</a>}
          {way.spot && <a class="quiet wide-button" data-testid="way-spot" target="_blank" rel="noreferrer noopener"
            href={`https://www.openstreetmap.org/?mlat=${way.spot.lat / 1e6}&mlon=${way.spot.lon / 1e6}#map=15/${way.spot.lat / 1e6}/${way.spot.lon / 1e6}`}>
            <Icon name="pin" />{t('way.spot', { time: clock(way.spot.at) })}</a>}
        </>
      )}
    </section>
  );
}

/** The delivery company has it, or gave it back. */
function CarrierPart({ carrier }: { carrier: Carrier }) {
  const gone = carrier.state === 'handed';
  return (
    <section class="block way" aria-label={t('way.title')} data-testid="carrier-way" data-state={carrier.state}>
      <h2>{t('way.title')}</h2>
      <p role="status">{t(`carrier-way.${carrier.state}`, { name: carrier.name, time: moment(carrier.handed_at, Date.now()) })}</p>
      {gone && <p class="soft">{t('carrier-way.number')} <strong data-testid="carrier-number">{carrier.tracking}</strong></p>}
      {gone && carrier.link && <a class="quiet wide-button" data-testid="carrier-link" target="_blank" rel="noreferrer noopener" href={carrier.link.replace('{}', encodeURIComponent(carrier.tracking))}>
        <Icon name="pin" />{t('carrier-way.follow')}</a>}
      {gone && carrier.phone && <a class="quiet wide-button" data-testid="carrier-phone" href={`tel:${carrier.phone.replace(/[^\d+]/g, '')}`}><Icon name="phone" />{t('carrier-way.call', { name: carrier.name })}</a>}
    </section>
  );
}
