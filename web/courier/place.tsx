// place.tsx: buyers of this trip may see where it is, when the courier says so; only while this page is open and the trip moves.
import { useEffect, useState } from 'preact/hooks';
import { post } from '../shared/api.ts';
import { t } from '../shared/text.ts';

const EVERY_MS = 20_000;

export function Place({ trip }: { trip: number }) {
  const [on, setOn] = useState(false);
  const [failed, setFailed] = useState(false);
  useEffect(() => {
    if (!on) return;
    let last = 0;
    const watch = navigator.geolocation.watchPosition(
      ({ coords }) => {
        setFailed(false);
        if (Date.now() - last < EVERY_MS) return;
        last = Date.now();
        const spot = { lat: Math.round(coords.latitude * 1e6), lon: Math.round(coords.longitude * 1e6) };
        post(`/trips/${trip}/spot`, spot).catch(() => { /* the next one may get through; an old place is no use */ });
      },
      () => setFailed(true), { enableHighAccuracy: true, maximumAge: 10_000 });
    return () => navigator.geolocation.clearWatch(watch);
  }, [on, trip]);
  return (
    <label class="check"><input type="checkbox" data-testid="share-place" checked={on} onChange={(e) => setOn(e.currentTarget.checked)} />
      <span>{failed ? t('courier.place-failed') : t('courier.share-place')}</span></label>
  );
}
