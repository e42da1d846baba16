// lot-card.tsx: one lot on sale: what, for how much, how much is left, how much do you want.
import { lineAmount, money } from '../shared/money.ts';
import { mostOf } from '../shared/quantity.ts';
import { quantityText, t } from '../shared/text.ts';
import type { Lot } from '../shared/types.ts';
import { Speaker, Stepper } from '../shared/ui/parts.tsx';
import { Produce } from '../shared/ui/produce.tsx';

interface Props { lot: Lot; quantity: number; open: boolean; onQuantity(q: number): void; onOrder(): void }

export function LotCard({ lot, quantity, open, onQuantity, onOrder }: Props) {
  const left = lot.available > 0 && lot.state === 'open';
  const most = mostOf(lot);
  const wanted = Math.min(quantity, most);
  return (
    <li class={`lot ${left ? '' : 'sold'}`} data-testid={`lot-${lot.id}`} aria-labelledby={`lot-name-${lot.id}`}>
      <Produce name={lot.name} picture={lot.picture} />
      <div class="lot-words">
        <h3 id={`lot-name-${lot.id}`}>{lot.name}</h3>
        <p class="price" data-testid={`price-${lot.id}`}>{money(lot.price)}<small>/{t(`unit.${lot.unit}`)}</small></p>
        <p class="stock" data-testid={`stock-${lot.id}`} data-available={lot.available}>
          {left ? t('left', { amount: quantityText(lot.unit, lot.available) }) : t('sold-out')}
        </p>
      </div>
      <Speaker text={spoken(lot)} />
      {lot.note && <p class="lot-note">{lot.note}</p>}
      {lot.tolerance > 0 && left && <p class="lot-note">{t('tolerance', { percent: lot.tolerance })}</p>}
      {lot.limit !== null && left && <p class="lot-note" data-testid={`limit-${lot.id}`}>{t('limit', { amount: quantityText(lot.unit, lot.limit) })}</p>}
      {left && open && (
        <div class="lot-buy">
          <Stepper id={lot.id} name={lot.name} unit={lot.unit} quantity={wanted} least={Math.min(1, lot.available)}
            available={most} onChange={onQuantity} />
          <button type="button" class="primary" data-testid={`order-${lot.id}`} onClick={onOrder}>
            <span>{t('order')}</span><small>{money(lineAmount(lot.unit, lot.price, wanted))}</small>
          </button>
        </div>
      )}
    </li>
  );
}

function spoken(lot: Lot): string {
  if (lot.available <= 0) return `${lot.name}. ${t('sold-out')}.`;
  return t('say.lot', {
    name: lot.name, price: lot.price, unit: t(`say.${lot.unit}`), left: quantityText(lot.unit, lot.available).replace('kg', t('say.kg')),
  });
}
