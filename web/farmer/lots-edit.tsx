// lots-edit.tsx: what is left, with quick - and +, and a form for one more lot. Each press is its own small change with
// its own key, sent one after the other, so that a slow network never loses or doubles a press.
import { useRef, useState } from 'preact/hooks';
import { patch } from '../shared/api.ts';
import { newKey } from '../shared/key.ts';
import { money } from '../shared/money.ts';
import { postOnce } from '../shared/once.ts';
import { readPrice } from '../shared/price.ts';
import { readQuantity, step } from '../shared/quantity.ts';
import { quantityText, t, type Key } from '../shared/text.ts';
import type { Lot, Unit } from '../shared/types.ts';
import { useDraft } from '../shared/ui/draft.ts';
import { Icon } from '../shared/ui/icons.tsx';
import { useAct } from '../shared/ui/act.ts';
import { Notice, Sheet } from '../shared/ui/parts.tsx';
import { Produce } from '../shared/ui/produce.tsx';
import { sendPhoto } from './lot-photo.ts';
import { PhotoPart, PhotoSheet, usePhoto } from './photo-part.tsx';
import { Presses } from './presses.ts';

export function LotsEdit({ slug, lots, onTrouble }: { slug: string; lots: Lot[]; onTrouble(code: string): void }) {
  const [adding, setAdding] = useState(false);
  const [price, setPrice] = useState<Lot | null>(null);
  const [photo, setPhoto] = useState<number | null>(null);
  const pictured = lots.find((l) => l.id === photo);       // as it is now, not as it was when pressed
  return (
    <section class="block" aria-labelledby="go-lots">
      <h2 id="go-lots">{t('go.lots')}</h2>
      <ul class="lots-edit">{lots.map((lot) => <LotRow key={lot.id} lot={lot} onTrouble={onTrouble} onPrice={() => setPrice(lot)} onPhoto={() => setPhoto(lot.id)} />)}</ul>
      <button type="button" class="quiet wide-button" data-testid="lot-add" onClick={() => setAdding(true)}><Icon name="plus" />{t('go.add-lot')}</button>
      {adding && <LotForm slug={slug} onClose={() => setAdding(false)} />}
      {pictured && <PhotoSheet lot={pictured} onClose={() => setPhoto(null)} />}
      {price && <PriceForm lot={price} onClose={() => setPrice(null)} />}
    </section>
  );
}

interface RowProps { lot: Lot; onTrouble(code: string): void; onPrice(): void; onPhoto(): void }

function LotRow({ lot, onTrouble, onPrice, onPhoto }: RowProps) {
  const [pending, setPending] = useState(0);
  const presses = useRef<Presses | null>(null);
  presses.current ??= new Presses({
    send: (add, key) => patch(`/lots/${lot.id}`, { add, key }),
    onPending: setPending, onTrouble,
  });
  const shown = Math.max(0, lot.available + pending);
  const s = step(lot.unit);
  return (
    <li class="lot-edit">
      <button type="button" class="photo-edit" data-testid={`lot-photo-${lot.id}`} aria-label={t('photo.of', { name: lot.name })} onClick={onPhoto}>
        <Produce name={lot.name} picture={lot.picture} /><span class="photo-badge"><Icon name="camera" /></span></button>
      <div class="lot-words">
        <h3>{lot.name}</h3>
        <button type="button" class="price-edit" data-testid={`lot-price-${lot.id}`} onClick={onPrice}>{money(lot.price)}<small>/{t(`unit.${lot.unit}`)}</small><span class="hidden"> {t('go.change-price', { name: lot.name })}</span></button>
      </div>
      <div class="stepper" role="group" aria-label={t('go.left-of', { name: lot.name })}>
        <button type="button" data-testid={`lot-minus-${lot.id}`} aria-label={t('less', { name: lot.name })} disabled={shown === 0}
          onClick={() => presses.current!.press(-Math.min(s, shown))}><Icon name="minus" /></button>
        <output class={pending ? 'pending' : ''} data-testid={`lot-stock-${lot.id}`} data-available={lot.available}>{quantityText(lot.unit, shown)}</output>
        <button type="button" data-testid={`lot-plus-${lot.id}`} aria-label={t('more', { name: lot.name })}
          onClick={() => presses.current!.press(s)}><Icon name="plus" /></button>
      </div>
    </li>
  );
}

const UNITS: Unit[] = ['kg', 'bunch', 'piece'];

function LotForm({ slug, onClose }: { slug: string; onClose(): void }) {
  const [{ name, unit, price, amount, limit }, write, sent] = useDraft(`lot.${slug}`, { name: '', unit: 'kg' as Unit, price: '', amount: '', limit: '' });
  const [wrong, setWrong] = useState<'name' | 'price' | 'amount' | 'limit' | null>(null);
  const { busy, trouble, act } = useAct();
  const { photo, taking, take } = usePhoto();
  const { dong, echo, doubt } = readPrice(price, unit);
  const [made, setMade] = useState<Lot | null>(null);       // on sale already; only its picture is not sent

  const send = (e: Event) => {
    e.preventDefault();
    const quantity = readQuantity(unit, amount);
    const most = limit.trim() ? readQuantity(unit, limit) : 0;
    const bad = !name.trim() ? 'name' : dong === null ? 'price' : quantity === null ? 'amount' : most === null ? 'limit' : null;
    setWrong(bad);
    if (bad) return document.getElementById(`lot-${bad}`)?.focus();
    void act(async () => {
      const { lot } = await postOnce<{ lot: Lot }>(`/stalls/${slug}/lots`, { name: name.trim(), unit, price: dong, amount: quantity, ...(most ? { limit: most } : {}) });
      sent();
      if (photo) {
        setMade(lot);
        await sendPhoto(lot.id, photo);
      }
      onClose();
    });
  };
  const again = () => act(async () => {
    await sendPhoto(made!.id, photo!);
    onClose();
  });

  const part = <PhotoPart name={made?.name ?? name} shown={photo?.url ?? null} taking={taking} busy={busy} onFile={(file) => void take(file)} />;
  if (made) return (
    <Sheet title={t('photo.of', { name: made.name })} onClose={onClose} testid="lot-form">
      {part}
      <Notice text={trouble} tone="bad" />
      <Notice text={busy ? null : t('photo.lot-there')} tone="warn" />
      <button type="button" class="primary big" data-testid="photo-again" disabled={busy} onClick={() => void again()}>{t('photo.send-again')}</button>
    </Sheet>
  );
  return (
    <Sheet title={t('go.add-lot')} onClose={onClose} testid="lot-form">
      <form class="order-form" onSubmit={send} noValidate>
        {part}
        <Field id="lot-name" label="lot.name" hint="lot.name-hint" wrong={wrong === 'name'} value={name} onInput={(name) => write({ name })} max={80} />
        <fieldset class="units"><legend>{t('lot.unit')}</legend>
          {UNITS.map((u) => (
            <label key={u}><input type="radio" name="unit" value={u} checked={unit === u} onChange={() => write({ unit: u })} data-testid={`lot-unit-${u}`} /><span>{t(`unit.${u}`)}</span></label>
          ))}
        </fieldset>
        <Field id="lot-price" label="lot.price" hint="lot.price-hint" wrong={wrong === 'price'} value={price} onInput={(price) => write({ price })} numeric echo={echo} doubt={doubt} />
        <Field id="lot-amount" label="lot.amount" hint={unit === 'kg' ? 'lot.amount-kg' : 'lot.amount-n'} wrong={wrong === 'amount'} value={amount} onInput={(amount) => write({ amount })} numeric
          echo={readQuantity(unit, amount) !== null ? quantityText(unit, readQuantity(unit, amount)!) : null} />
        <Field id="lot-limit" label="lot.limit" hint={unit === 'kg' ? 'lot.limit-kg' : 'lot.limit-n'} wrong={wrong === 'limit'} value={limit} onInput={(limit) => write({ limit })} numeric
          echo={readQuantity(unit, limit) !== null ? quantityText(unit, readQuantity(unit, limit)!) : null} />
        <Notice text={trouble} tone="bad" />
        <button type="submit" class="primary big" data-testid="lot-save" disabled={busy || taking === 'shrinking'}>{t('lot.save')}</button>
      </form>
    </Sheet>
  );
}

function PriceForm({ lot, onClose }: { lot: Lot; onClose(): void }) {
  const [price, setPrice] = useState(String(lot.price));
  const { dong, echo, doubt } = readPrice(price, lot.unit);
  const { busy, trouble, act } = useAct();
  const send = (e: Event) => {
    e.preventDefault();
    void act(async () => {
      await patch(`/lots/${lot.id}`, { price: dong, key: newKey() });
      onClose();
    });
  };
  return (
    <Sheet title={t('go.change-price', { name: lot.name })} onClose={onClose}>
      <form class="order-form" onSubmit={send} noValidate>
        <Field id="lot-new-price" label="lot.price" hint="lot.price-hint" wrong={dong === null && !doubt} value={price} onInput={setPrice} numeric echo={echo} doubt={doubt} />
        <Notice text={trouble} tone="bad" />
        <button type="submit" class="primary big" data-testid="lot-price-save" disabled={dong === null || busy}>{t('lot.save')}</button>
      </form>
    </Sheet>
  );
}

interface FieldProps {
  id: string; label: Key; hint: Key; value: string; wrong: boolean; numeric?: boolean; max?: number; echo?: string | null;
  doubt?: string | null;       // instead of the echo
  onInput(text: string): void;
}

function Field({ id, label, hint, value, wrong, numeric, max = 20, echo, doubt, onInput }: FieldProps) {
  return (
    <label class={`field ${wrong ? 'wrong' : ''}`}>
      <span>{t(label)}</span>
      <input id={id} data-testid={id} inputMode={numeric ? 'decimal' : 'text'} maxLength={max} autoComplete="off" placeholder={t(hint)} aria-invalid={wrong}
        value={value} onInput={(e) => onInput(e.currentTarget.value)} />
      {wrong && !doubt && <em role="alert">{t('wrong.example', { example: t(hint) })}</em>}
      {doubt ? <em data-testid={`${id}-doubt`}>{doubt}</em> : numeric && !wrong && <b class="echo">{echo ?? '\u00a0'}</b>}
    </label>
  );
}
