// zones.tsx: where the market drives to and what that costs; pickup points. Orders keep the fee they were shown.
import { useEffect, useState } from 'preact/hooks';
import { get, post } from '../shared/api.ts';
import type { Zone } from '../shared/delivery.ts';
import { newKey } from '../shared/key.ts';
import { money, readMoney } from '../shared/money.ts';
import { readQuantity } from '../shared/quantity.ts';
import { quantityText, t } from '../shared/text.ts';

const NEW_ZONE = { name: '', base: '10.000', included: '3', per_kg: '2.000', share: '70' };
const NEW_POINT = { zone: '', name: '', place: '' };
const dong = (text: string) => (text.trim() === '0' ? 0 : readMoney(text));

export function Zones({ onTrouble }: { onTrouble(e: unknown): void }) {
  const [zones, setZones] = useState<Zone[]>([]);
  const [zone, setZone] = useState(NEW_ZONE);
  const [point, setPoint] = useState(NEW_POINT);
  const load = () => get<{ zones: Zone[] }>('/zones').then((a) => setZones(a.zones), onTrouble);
  useEffect(() => { void load(); }, []);
  const saveZone = async (e: Event) => {
    e.preventDefault();
    const base = dong(zone.base), per_kg = dong(zone.per_kg), included = zone.included.trim() === '0' ? 0 : readQuantity('kg', zone.included), share = Number(zone.share);
    if (!zone.name.trim() || base === null || per_kg === null || included === null || !(share >= 0 && share <= 100)) return;
    try {
      await post('/zones', { key: newKey(), name: zone.name.trim(), base, included, per_kg, courier_points: Math.round(share * 100) });
      setZone(NEW_ZONE);
      await load();
    } catch (x) { onTrouble(x); }
  };
  const toggle = async (z: Zone) => {
    const { id, name, base, included, per_kg, piece_grams, courier_points } = z;
    try {
      await post('/zones', { key: newKey(), id, name, base, included, per_kg, piece_grams, courier_points, state: z.state === 'open' ? 'closed' : 'open' });
      await load();
    } catch (x) { onTrouble(x); }
  };
  const savePoint = async (e: Event) => {
    e.preventDefault();
    if (!point.zone || !point.name.trim() || !point.place.trim()) return;
    try {
      await post('/points', { key: newKey(), zone: Number(point.zone), name: point.name.trim(), place: point.place.trim() });
      setPoint(NEW_POINT);
      await load();
    } catch (x) { onTrouble(x); }
  };
  return (
    <section class="block" aria-label={t('zones.title')}>
      <h2>{t('zones.title')}</h2>
      <ul class="plan">{zones.map((z) => (
        <li key={z.id} data-testid={`zone-${z.id}`}>
          <span><strong>{z.name}</strong> {t('zones.rule', { base: money(z.base), included: quantityText('kg', z.included), per_kg: money(z.per_kg), share: z.courier_points / 100 })}
            <small>{z.points.map((p) => ` ${p.name}`).join(',')}</small></span>
          <button type="button" class="quiet" onClick={() => void toggle(z)}>{t(z.state === 'open' ? 'zones.close' : 'zones.open')}</button>
        </li>
      ))}</ul>
      <form class="new-trip" onSubmit={(e) => void saveZone(e)}>
        {(['name', 'base', 'included', 'per_kg', 'share'] as const).map((f) => (
          <label key={f} class="field"><span>{t(`zones.${f}`)}</span>
            <input data-testid={`zone-${f}`} maxLength={80} value={zone[f]} onInput={(e) => setZone({ ...zone, [f]: e.currentTarget.value })} /></label>
        ))}
        <button type="submit" class="quiet" data-testid="zone-save">{t('zones.add')}</button>
      </form>
      <form class="new-trip" onSubmit={(e) => void savePoint(e)}>
        <label class="field"><span>{t('zones.of')}</span>
          <select data-testid="point-zone" value={point.zone} onChange={(e) => setPoint({ ...point, zone: e.currentTarget.value })}>
            <option value="">…</option>{zones.map((z) => <option key={z.id} value={z.id}>{z.name}</option>)}</select></label>
        <label class="field"><span>{t('zones.point')}</span>
          <input data-testid="point-name" maxLength={80} value={point.name} onInput={(e) => setPoint({ ...point, name: e.currentTarget.value })} /></label>
        <label class="field"><span>{t('field.place')}</span>
          <input data-testid="point-place" maxLength={200} value={point.place} onInput={(e) => setPoint({ ...point, place: e.currentTarget.value })} /></label>
        <button type="submit" class="quiet" data-testid="point-save">{t('zones.add-point')}</button>
      </form>
    </section>
  );
}
