// lot-card.tsx: one lot on sale: what, for how much, how much is left, how much do you want.
import { lineAmount, money } from '../shared/money.ts';
import { flashOf, mostAt, priceOf } from '../shared/flash.ts';
import { quantityText, t } from '../shared/text.ts';
import type { Lot, Order } from '../shared/types.ts';
import { Speaker, Stepper } from '../shared/ui/parts.tsx';
import { Icon } from '../shared/ui/icons.tsx';
import { Produce } from '../shared/ui/produce.tsx';
import { FlashClock } from './flash-clock.tsx';
import { OfferLink } from './offer.tsx';
import { day, moment, weekday } from '../shared/time.ts';

interface Props { lot: Lot; quantity: number; open: boolean; waits: boolean; offer: Order | null; onQuantity(q: number): void; onOrder(): void; onWait(): void }

export function LotCard({ lot, quantity, open, waits, offer, onQuantity, onOrder, onWait }: Props) {
  const left = lot.available > 0 && lot.state === 'open';
  const price = priceOf(lot);
  const flash = left ? flashOf(lot) : null;
  const most = mostAt(lot, price);
  const ahead = lot.harvest && !lot.harvest.picked_at ? lot.harvest : null;
  const wanted = Math.min(quantity, most);
  return (
    <li class={`lot ${left ? '' : 'sold'}`} data-testid={`lot-${lot.id}`} aria-labelledby={`lot-name-${lot.id}`}>
      <Produce name={lot.name} picture={lot.picture} />
      <div class="lot-words">
        <h3 id={`lot-name-${lot.id}`}>{lot.name}</h3>
        <p class={`price ${flash ? 'flash' : ''}`} data-testid={`price-${lot.id}`} data-price={price}>{money(price)}<small>/{t(`unit.${lot.unit}`)}</small>
          {flash && <> <s><span class="hidden">{t('flash.before')} </span>{money(lot.price)}</s></>}</p>
        <p class="stock" data-testid={`stock-${lot.id}`} data-available={lot.available}>
          {left ? t('left', { amount: quantityText(lot.unit, lot.available) }) : t('sold-out')}
        </p>
      </div>
      <Speaker text={spoken(lot)} />
      {flash && <p class="lot-flash" data-testid={`flash-${lot.id}`} data-left={flash.left}><Icon name="clock" /><FlashClock flash={flash} />
        <span>{t('flash.left', { amount: quantityText(lot.unit, flash.left) })}{flash.limit !== null && ` · ${t('limit', { amount: quantityText(lot.unit, flash.limit) })}`}</span></p>}
      {ahead && <p class="lot-ahead" data-testid={`harvest-${lot.id}`}><Icon name="clock" />{t('harvest.words', { day: `${weekday(ahead.pick_at)} ${day(ahead.pick_at)}`, until: moment(ahead.order_until, 0) })}</p>}
      {lot.note && <p class="lot-note">{lot.note}</p>}
      {lot.tolerance > 0 && left && <p class="lot-note">{t('tolerance', { percent: lot.tolerance })}</p>}
      {lot.limit !== null && left && <p class="lot-note" data-testid={`limit-${lot.id}`}>{t('limit', { amount: quantityText(lot.unit, lot.limit) })}</p>}
      {left && open && (
        <div class="lot-buy">
          <Stepper id={lot.id} name={lot.name} unit={lot.unit} quantity={wanted} least={Math.min(1, lot.available)}
            available={most} onChange={onQuantity} />
          <button type="button" class="primary" data-testid={`order-${lot.id}`} onClick={onOrder}>
            <span>{t('order')}</span><small>{money(lineAmount(lot.unit, price, wanted))}</small>
          </button>
        </div>
      )}
      {offer && <OfferLink order={offer} lot={lot.id} />}
      {waits && !offer && <a class="lot-turn" href="#waits" data-testid={`in-line-${lot.id}`}><Icon name="clock" /><strong>{t('wait.mine')}</strong></a>}
      {!left && lot.state === 'open' && open && !waits && !offer && <button type="button" class="quiet wide-button lot-wait" data-testid={`wait-${lot.id}`} onClick={onWait}><Icon name="clock" />{t('wait.button')}</button>}
      <a class="lot-from" href={`/o/${lot.id}`} data-testid={`from-${lot.id}`}><Icon name="pin" />{t('from.link')}<span class="hidden">: {lot.name}</span></a>
    </li>
  );
}

function spoken(lot: Lot): string {
  if (lot.available <= 0) return `${lot.name}. ${t('sold-out')}.`;
  return t('say.lot', {
    name: lot.name, price: priceOf(lot), unit: t(`say.${lot.unit}`), left: quantityText(lot.unit, lot.available).replace('kg', t('say.kg')),
  });
}
