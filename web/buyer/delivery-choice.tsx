// delivery-choice.tsx: where the order is brought to and what that costs, before it is sent.
import { useEffect, useState } from 'preact/hooks';
import { get } from '../shared/api.ts';
import { feeOf, weightOf, type Zone } from '../shared/delivery.ts';
import { money } from '../shared/money.ts';
import { t } from '../shared/text.ts';
import type { Lot } from '../shared/types.ts';
import type { Line } from './basket.ts';

export interface Choice { zone: number; point: number | null }

/** Zones that are driven to; none when they cannot be had: then the way is arranged with the farmer. */
export function useZones(): Zone[] {
  const [zones, setZones] = useState<Zone[]>([]);
  useEffect(() => {
    get<{ zones: Zone[] }>('/zones').then((a) => setZones(a.zones.filter((z) => z.state === 'open')), () => {});
  }, []);
  return zones;
}

export function feeFor(zones: readonly Zone[], choice: Choice | null, lines: readonly Pick<Line, 'lot' | 'quantity'>[], lots: readonly Pick<Lot, 'id' | 'unit'>[]): number | null {
  const zone = choice && zones.find((z) => z.id === choice.zone);
  if (!zone) return null;
  const goods = lines.map((l) => ({ unit: lots.find((x) => x.id === l.lot)?.unit ?? 'kg', quantity: l.quantity }));
  return feeOf(zone, weightOf(zone, goods));
}

interface Props { zones: Zone[]; chosen: Choice | null; fee: number | null; onChoose(choice: Choice | null): void }

export function DeliveryChoice({ zones, chosen, fee, onChoose }: Props) {
  if (zones.length === 0) return null;
  const value = chosen ? `${chosen.zone}-${chosen.point ?? ''}` : '';
  const choose = (text: string) => {
    const [zone, point] = text.split('-');
    onChoose(zone ? { zone: Number(zone), point: point ? Number(point) : null } : null);
  };
  return (
    <label class="field"><span>{t('delivery.how')}</span>
      <select data-testid="order-delivery" value={value} onChange={(e) => choose(e.currentTarget.value)}>
        <option value="">{t('delivery.later')}</option>
        {zones.map((z) => [
          <option key={z.id} value={`${z.id}-`}>{t('delivery.door', { zone: z.name })}</option>,
          ...z.points.filter((p) => p.state === 'open').map((p) => <option key={`${z.id}-${p.id}`} value={`${z.id}-${p.id}`}>{t('delivery.point', { point: `${p.name}, ${p.place}` })}</option>),
        ])}
      </select>
      {fee !== null && <strong class="fee" data-testid="order-fee" data-amount={fee}>{t('delivery.fee')}: {money(fee)}</strong>}
    </label>
  );
}
