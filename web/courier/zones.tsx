// zones.tsx: where the market drives to and what that costs; pickup points. Orders keep the fee they were shown.
import { useEffect, useState } from 'preact/hooks';
import { get, post } from '../shared/api.ts';
import type { Zone } from '../shared/delivery.ts';
import { newKey } from '../shared/key.ts';
import { money, readMoney } from '../shared/money.ts';
import { postOnce } from '../shared/once.ts';
import { readQuantity } from '../shared/quantity.ts';
import { quantityText, t } from '../shared/text.ts';
import { useAct } from '../shared/ui/act.ts';
import { Notice } from '../shared/ui/parts.tsx';

const NEW_ZONE = { name: '', base: '10.000', included: '3', per_kg: '2.000', share: '70' };
const NEW_POINT = { zone: '', name: '', place: '' };
const dong = (text: string) => (text.trim() === '0' ? 0 : readMoney(text));

export function Zones({ onTrouble }: { onTrouble(e: unknown): void }) {
  const [zones, setZones] = useState<Zone[]>([]);
  const [zone, setZone] = useState(NEW_ZONE);
  const [point, setPoint] = useState(NEW_POINT);
  const load = () => get<{ zones: Zone[] }>('/zones').then((a) => setZones(a.zones), onTrouble);
  useEffect(() => { void load(); }, []);
  const zoneAct = useAct(), pointAct = useAct();
  const saveZone = (e: Event) => {
    e.preventDefault();
    const base = dong(zone.base), per_kg = dong(zone.per_kg), included = zone.included.trim() === '0' ? 0 : readQuantity('kg', zone.included), share = zone.share.trim() ? Number(zone.share.replace(',', '.')) : NaN;
    const wrong = !zone.name.trim() ? 'name' : base === null ? 'base' : included === null ? 'included' : per_kg === null ? 'per_kg' : share >= 0 && share <= 100 ? null : 'share';
    if (wrong) return zoneAct.say(t('zones.wrong', { field: t(`zones.${wrong}`) }));
    void zoneAct.act(async () => {
      await postOnce('/zones', { name: zone.name.trim(), base, included, per_kg, courier_points: Math.round(share * 100) });
      setZone(NEW_ZONE);
      await load();
    });
  };
  const toggle = async (z: Zone) => {
    const { id, name, base, included, per_kg, piece_grams, courier_points } = z;
    try {
      await post('/zones', { key: newKey(), id, name, base, included, per_kg, piece_grams, courier_points, state: z.state === 'open' ? 'closed' : 'open' });
      await load();
    } catch (x) { onTrouble(x); }
  };
  const savePoint = (e: Event) => {
    e.preventDefault();
    const wrong = !point.zone ? t('zones.of') : !point.name.trim() ? t('zones.point') : point.place.trim() ? null : t('field.place');
    if (wrong) return pointAct.say(t('zones.wrong', { field: wrong }));
    void pointAct.act(async () => {
      await postOnce('/points', { zone: Number(point.zone), name: point.name.trim(), place: point.place.trim() });
      setPoint(NEW_POINT);
      await load();
    });
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
      <form class="new-trip" onSubmit={saveZone}>
        {(['name', 'base', 'included', 'per_kg', 'share'] as const).map((f) => (
          <label key={f} class="field"><span>{t(`zones.${f}`)}</span>
            <input data-testid={`zone-${f}`} maxLength={80} value={zone[f]} onInput={(e) => setZone({ ...zone, [f]: e.currentTarget.value })} /></label>
        ))}
        <Notice text={zoneAct.trouble} tone="bad" />
        <button type="submit" class="quiet" data-testid="zone-save" disabled={zoneAct.busy}>{t('zones.add')}</button>
      </form>
      <form class="new-trip" onSubmit={savePoint}>
        <label class="field"><span>{t('zones.of')}</span>
          <select data-testid="point-zone" value={point.zone} onChange={(e) => setPoint({ ...point, zone: e.currentTarget.value })}>
            <option value="">…</option>{zones.map((z) => <option key={z.id} value={z.id}>{z.name}</option>)}</select></label>
        <label class="field"><span>{t('zones.point')}</span>
          <input data-testid="point-name" maxLength={80} value={point.name} onInput={(e) => setPoint({ ...point, name: e.currentTarget.value })} /></label>
        <label class="field"><span>{t('field.place')}</span>
          <input data-testid="point-place" maxLength={200} value={point.place} onInput={(e) => setPoint({ ...point, place: e.currentTarget.value })} /></label>
        <Notice text={pointAct.trouble} tone="bad" />
        <button type="submit" class="quiet" data-testid="point-save" disabled={pointAct.busy}>{t('zones.add-point')}</button>
      </form>
    </section>
  );
}
