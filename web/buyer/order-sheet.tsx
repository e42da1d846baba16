// order-sheet.tsx: the second tap. First order: name, phone, place once. Later: only "send".
import { useState } from 'preact/hooks';
import { Speaker, Notice, Sheet, Stepper, typed } from '../shared/ui/parts.tsx';
import { useDraft } from '../shared/ui/draft.ts';
import { Produce } from '../shared/ui/produce.tsx';
import { Icon } from '../shared/ui/icons.tsx';
import { lineAmount, money } from '../shared/money.ts';
import { phoneText, readPhone } from '../shared/phone.ts';
import { recallMe, rememberMe, type Me } from '../shared/store.ts';
import { quantityText, t } from '../shared/text.ts';
import type { Lot, Order, OrderDraft } from '../shared/types.ts';
import { mostAt } from '../shared/flash.ts';
import { step } from '../shared/quantity.ts';
import { setLine, takeLess, total, type Line } from './basket.ts';
import { Countdown } from './countdown.tsx';
import { DeliveryChoice, feeFor, useZones, type Choice } from './delivery-choice.tsx';
import { PayFirst, payFirstWhy, useMyCash } from '../money/pay-first.tsx';
import { PaymentPart } from '../money/payment.tsx';
import type { Way } from '../money/pay.ts';

export type Sending = { kind: 'choosing' } | { kind: 'sending' } | { kind: 'saved'; order: Order };

interface Props {
  lots: Lot[]; lines: Line[]; sending: Sending; trouble: string | null;
  onLines(lines: Line[]): void; onSend(me: Me, note: string, more: Pick<OrderDraft, 'delivery' | 'credit'>): void; onClose(): void;
}

export function OrderSheet(p: Props) {
  if (p.sending.kind === 'saved') return <Saved order={p.sending.order} onClose={p.onClose} />;
  if (p.sending.kind === 'sending')
    return (
      <Sheet title={t('sending')} onClose={p.onClose} testid="order-sheet">
        <div class="sending" role="status"><span class="spinner" aria-hidden="true" /><p>{t('sending-kept')}</p></div>
      </Sheet>
    );
  return <Choosing {...p} />;
}

function Choosing({ lots, lines, trouble, onLines, onSend, onClose }: Props) {
  const [known] = useState(knownMe);
  const [{ note, ...me }, write, sent] = useDraft('order', { name: '', phone: '', place: '', note: '', ...known });
  const [editing, setEditing] = useState(!known || known.name !== me.name || readPhone(known.phone) !== readPhone(me.phone) || known.place !== me.place);
  const [wrong, setWrong] = useState<keyof Me | null>(null);
  const zones = useZones();
  const [way, setWay] = useState<Choice | null>(null);
  const fee = feeFor(zones, way, lines, lots);
  const mine = useMyCash();
  const [fromCredit, setFromCredit] = useState(false);
  const usable = Math.min(mine?.credit ?? 0, total(lines, lots) + (fee ?? 0));
  const why = payFirstWhy(mine, readPhone(me.phone), total(lines, lots) + (fee ?? 0));
  const others = lots.filter((l) => l.state === 'open' && l.available > 0 && !lines.some((x) => x.lot === l.id));

  const send = (e: Event) => {
    e.preventDefault();
    const phone = readPhone(me.phone);
    const bad = !me.name.trim() ? 'name' : !phone ? 'phone' : !me.place.trim() ? 'place' : null;
    setWrong(bad);
    if (bad) {
      setEditing(true);
      document.getElementById(`order-${bad}`)?.focus();
      return;
    }
    const clean = { name: me.name.trim(), phone: phone!, place: me.place.trim() };
    rememberMe(clean);
    sent();
    const delivery = way && fee !== null ? { zone: way.zone, ...(way.point ? { point: way.point } : {}), fee } : null;
    onSend(clean, note.trim(), { ...(delivery ? { delivery } : {}), ...(fromCredit && usable > 0 ? { credit: usable } : {}) });
  };

  return (
    <Sheet title={t('your-order')} onClose={onClose} testid="order-sheet">
      <form class="order-form" onSubmit={send} noValidate>
        <Notice text={trouble} tone="warn" />
        <ul class="lines">
          {lines.map((line) => <LineRow key={line.lot} line={line} lot={lots.find((l) => l.id === line.lot)!} alone={lines.length === 1}
            onQuantity={(q) => onLines(setLine(lines, lots.find((l) => l.id === line.lot)!, q))}
            onLess={(less) => onLines(takeLess(lines, lots.find((l) => l.id === line.lot)!, less))} />)}
        </ul>
        {why && mine && <PayFirst why={why} rules={mine} way="later" />}
        {others.length > 0 && lines.length > 0 && (
          <div class="chips" role="group" aria-label={t('add-more')}>
            <span>{t('add-more')}</span>
            {others.slice(0, 4).map((l) => (
              <button key={l.id} type="button" class="chip" onClick={() => onLines(setLine(lines, l, Math.min(l.unit === 'kg' ? 1000 : 1, l.available)))}>
                <Icon name="plus" />{l.name}</button>
            ))}
          </div>
        )}
        {editing ? <Fields me={me} wrong={wrong} onChange={write} /> : <Known me={me} onEdit={() => setEditing(true)} />}
        <DeliveryChoice zones={zones} chosen={way} fee={fee} onChoose={setWay} />
        <label class="field"><span>{t('field.note')}</span>
          <input data-testid="order-note" maxLength={300} value={note} onInput={(e) => write({ note: e.currentTarget.value })} /></label>
        {usable > 0 && (
          <label class="take-less"><input type="checkbox" data-testid="order-credit" checked={fromCredit} onChange={(e) => setFromCredit(e.currentTarget.checked)} /><span>{t('credit.tick', { sum: money(usable) })}</span></label>
        )}
        <div class="sheet-end">
          {why && <p class="pay-first-short">{t('pay.first')}</p>}
          <button type="submit" class="primary big" data-testid="order-send" disabled={lines.length === 0}>
            <span>{t('send-order')}</span><strong>{money(total(lines, lots) + (fee ?? 0))}</strong>
          </button>
        </div>
      </form>
    </Sheet>
  );
}

interface RowProps { line: Line; lot: Lot; alone: boolean; onQuantity(q: number): void; onLess(less: boolean): void }

function LineRow({ line, lot, alone, onQuantity, onLess }: RowProps) {
  return (
    <li>
      <p><Produce name={lot.name} picture={lot.picture} /><strong>{lot.name}</strong><span>{money(lineAmount(lot.unit, line.price, line.quantity))}</span></p>
      <Stepper mark="line-" id={lot.id} name={lot.name} unit={lot.unit} quantity={line.quantity} least={alone ? Math.min(1, lot.available) : 0}
        available={mostAt(lot, line.price)} onChange={onQuantity} />
      {line.quantity > step(lot.unit) && (
        <label class="take-less"><input type="checkbox" data-testid={`take-less-${lot.id}`} checked={line.min !== undefined} onChange={(e) => onLess(e.currentTarget.checked)} /><span>{t('take-less')}</span></label>
      )}
      {line.quantity > lot.available && <p class="short" role="status">{lot.available > 0 ? t('left', { amount: quantityText(lot.unit, lot.available) }) : t('sold-out')}</p>}
    </li>
  );
}

/** Who ordered from this phone before, with the number as it is typed here. */
export function knownMe(): Me | null {
  const me = recallMe();
  return me && { ...me, phone: phoneText(me.phone) };
}

const FIELDS = [
  { id: 'name', auto: 'name', mode: 'text', max: 80 }, { id: 'phone', auto: 'tel', mode: 'tel', max: 20 },
  { id: 'place', auto: 'street-address', mode: 'text', max: 200 },
] as const;

export function Fields({ me, wrong, onChange }: { me: Me; wrong: keyof Me | null; onChange(me: Me): void }) {
  return (
    <>
      {FIELDS.map((f) => (
        <label key={f.id} class={`field ${wrong === f.id ? 'wrong' : ''}`}>
          <span>{t(`field.${f.id}`)}</span>
          <input id={`order-${f.id}`} data-testid={`order-${f.id}`} name={f.id} autoComplete={f.auto} inputMode={f.mode} {...typed(f.mode)}
            maxLength={f.max} required aria-invalid={wrong === f.id} aria-describedby={wrong === f.id ? `wrong-${f.id}` : undefined}
            placeholder={t(`hint.${f.id}`)} value={me[f.id]} onInput={(e) => onChange({ ...me, [f.id]: e.currentTarget.value })} />
          {wrong === f.id && <em id={`wrong-${f.id}`}>{t(`wrong.${f.id}`)}</em>}
        </label>
      ))}
    </>
  );
}

function Known({ me, onEdit }: { me: Me; onEdit(): void }) {
  return (
    <div class="known">
      <p><strong>{me.name}</strong> · {phoneText(me.phone)}<br />{me.place}</p>
      <button type="button" class="quiet" data-testid="order-edit" onClick={onEdit}>{t('edit')}</button>
    </div>
  );
}

function Saved({ order, onClose }: { order: Order; onClose(): void }) {
  const words = t('order-saved', { code: order.code });
  const [way, setWay] = useState<Way | null>(null);
  const [over, setOver] = useState(false);
  return (
    <Sheet title={t('thanks')} onClose={onClose} testid="order-sheet">
      <div class="saved">
        <span class="tick" aria-hidden="true"><Icon name="check" /></span>
        <p class="saved-words" role="status" data-testid="order-saved" data-code={order.code}>{words}</p>
        <p>{order.lines.map((l) => `${l.name} ${quantityText(l.unit, l.quantity)}`).join(', ')} · <strong>{money(order.total)}</strong></p>
        {order.placed_by && <p data-testid="saved-for">{t('deliver-to')}: <strong>{order.name}</strong> · {phoneText(order.phone)}</p>}
        <p class="soft">{t('saved-next')}</p>
        <Speaker text={words} />
      </div>
      <Countdown order={order} way={way} onOver={setOver} />
      <PaymentPart code={order.code} own={!order.placed_by} over={over} onWay={setWay} />
      <div class="saved">
        <a class="quiet wide-button" href={`/orders/${order.code}`}>{t('see-order')}</a>
        <button type="button" class="primary big" data-testid="order-close" onClick={onClose}>{t('go-on-watching')}</button>
      </div>
    </Sheet>
  );
}
