// way.tsx: where the buyer's order is: on which trip, how many doors before, about when, and the four digits for the door.
import { useEffect, useMemo, useState } from 'preact/hooks';
import { get } from '../shared/api.ts';
import { keepFor, keptFor } from '../shared/kept.ts';
import { Newest } from '../shared/newest.ts';
import { phoneKeep } from '../shared/store.ts';
import { t, type Key } from '../shared/text.ts';
import { clock } from '../shared/time.ts';
import { Icon } from '../shared/ui/icons.tsx';

interface Way {
  state: 'waiting' | 'arrived' | 'delivered' | 'partial' | 'failed'; trip_state: 'planned' | 'loaded' | 'moving' | 'closed'; reason: string;
  done_at: number | null; ahead: number; expected_at: number | null; code: string | null; courier_name: string; courier_phone: string | null;
  spot: { lat: number; lon: number; at: number } | null;
}
const LIST = 'cx.way';
const REFRESH_MS = 20_000;     // the socket tells of doors; the courier's place moves between them

export function WayPart({ code, news }: { code: string; news: number }) {
  const [way, setWay] = useState<Way | null>(() => keptFor<Way>(phoneKeep, LIST, code)?.value ?? null);
  const newest = useMemo(() => new Newest(() => get<{ delivery: Way | null }>(`/orders/${encodeURIComponent(code)}/delivery`)), [code]);
  const load = () => newest.ask().then(({ delivery }) => {
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
