// forms.tsx: the sheets of the goods' page.
import { useEffect, useState } from 'preact/hooks';
import { get } from '../shared/api.ts';
import { money } from '../shared/money.ts';
import { postOnce, timedOnce } from '../shared/once.ts';
import { readPrice } from '../shared/price.ts';
import { readQuantity, readWeight } from '../shared/quantity.ts';
import { quantityText, t, type Key } from '../shared/text.ts';
import { moment } from '../shared/time.ts';
import type { Lot, Unit } from '../shared/types.ts';
import { useDraft } from '../shared/ui/draft.ts';
import { useAct } from '../shared/ui/act.ts';
import { Notice, Sheet, type Tone } from '../shared/ui/parts.tsx';
import type { Certificate, Origin } from './types.ts';

export type Done = (text: string, tone?: Tone) => void;
export interface FormProps { lot: Lot; live: boolean; onClose(): void; onDone: Done }

/** Sends once; what came of it in words. `said` may look at the answer. What is refused is said in the sheet, which stays as it was filled in. */
function useSend<T = unknown>(onDone: Done, said: (answer: T) => [string, Tone?]) {
  const { busy, trouble, say, act } = useAct();
  const send = (path: string, body: object, ms?: number) => act(async () => onDone(...said(await postOnce<T>(path, body, ms))));
  const sendTimed = (path: string, body: object) => act(async () => onDone(...said(await timedOnce<T>(path, body))));
  return { busy, send, sendTimed, say, trouble: <Notice text={trouble} tone="bad" /> };
}

interface FieldProps { id: string; label: Key; value: string; echo?: string | null; doubt?: string | null; type?: 'text' | 'date' | 'datetime-local' | 'time'; numeric?: boolean; onInput(text: string): void }

/** `doubt`: what is wrong with it, instead of how it reads. */
function Field({ id, label, value, echo, doubt, type = 'text', numeric, onInput }: FieldProps) {
  const unread = numeric && value.trim() !== '' && echo === null ? (id.endsWith('price') ? 'lot.price-hint' : 'lot.amount-n') : null;     // what was typed is no such number
  return (
    <label class={`field ${doubt ? 'wrong' : ''}`}><span>{t(label)}</span>
      <input id={id} data-testid={id} type={type as 'text'} inputMode={numeric ? 'decimal' : undefined} maxLength={80} autoComplete="off" value={value} onInput={(e) => onInput(e.currentTarget.value)} />
      {doubt ? <em data-testid={`${id}-doubt`}>{doubt}</em> : unread ? <em role="alert">{t('wrong.example', { example: t(unread) })}</em> : echo !== undefined && <b class="echo">{echo ?? '\u00a0'}</b>}</label>
  );
}

const amountEcho = (text: string, unit: Unit) => (readQuantity(unit, text) === null ? null : quantityText(unit, readQuantity(unit, text)!));

function Choice<T extends string>({ legend, name, all, chosen, words, onChoose }: { legend: Key; name: string; all: readonly T[]; chosen: T; words(x: T): string; onChoose(x: T): void }) {
  return (
    <fieldset class="whys"><legend>{t(legend)}</legend>
      {all.map((x) => <label key={x}><input type="radio" name={name} checked={chosen === x} data-testid={`${name}-${x}`} onChange={() => onChoose(x)} /><span>{words(x)}</span></label>)}
    </fieldset>
  );
}

const MINUTES = ['5', '10', '30', '60'] as const;

export function FlashForm({ lot, onClose, onDone }: FormProps) {
  const [price, setPrice] = useState('');
  const [amount, setAmount] = useState('');
  const [limit, setLimit] = useState('');
  const [minutes, setMinutes] = useState<(typeof MINUTES)[number]>('10');
  const { busy, send, trouble } = useSend(onDone, () => [t('flash.started')]);
  const { dong, echo, doubt } = readPrice(price, lot.unit), most = readQuantity(lot.unit, amount), each = limit.trim() ? readQuantity(lot.unit, limit) : 0;
  const good = dong !== null && dong < lot.price && most !== null && each !== null;
  return (
    <Sheet title={t('flash.title', { name: lot.name })} onClose={onClose} testid="flash-form">
      <form class="order-form" noValidate onSubmit={(e) => { e.preventDefault(); if (good) void send(`/lots/${lot.id}/flash`, { price: dong, amount: most, minutes: Number(minutes), ...(each ? { limit: each } : {}) }); }}>
        <p class="soft">{t('flash.normal', { price: money(lot.price) })}</p>
        <Field id="flash-price" label="flash.price" value={price} numeric onInput={setPrice} echo={echo} doubt={dong !== null && dong >= lot.price ? t('flash.too-dear') : doubt} />
        <Field id="flash-amount" label="flash.amount" value={amount} numeric onInput={setAmount} echo={amountEcho(amount, lot.unit)} />
        <Field id="flash-limit" label="lot.limit" value={limit} numeric onInput={setLimit} echo={amountEcho(limit, lot.unit)} />
        <Choice legend="flash.how-long" name="minutes" all={MINUTES} chosen={minutes} words={(m) => t('flash.minutes', { n: m })} onChoose={(m) => setMinutes(m)} />
        {trouble}
        <button type="submit" class="primary big" data-testid="flash-save" disabled={!good || busy}>{t('flash.start')}</button>
      </form>
    </Sheet>
  );
}

export function PickedForm({ lot, onClose, onDone }: FormProps) {
  const [amount, setAmount] = useState('');
  const { busy, sendTimed, trouble } = useSend<{ missing: number }>(onDone, (a) => (a.missing ? [t('picked.missing', { amount: quantityText(lot.unit, a.missing) }), 'warn'] : [t('picked.done')]));
  const picked = readWeight(lot.unit, amount);
  return (
    <Sheet title={t('picked.title', { name: lot.name })} onClose={onClose} testid="picked-form">
      <form class="order-form" noValidate onSubmit={(e) => { e.preventDefault(); if (picked !== null) void sendTimed(`/lots/${lot.id}/picked`, { amount: picked }); }}>
        <p>{t('picked.how')}</p>
        <Field id="picked-amount" label="picked.amount" value={amount} numeric onInput={setAmount} echo={amountEcho(amount, lot.unit)} />
        {trouble}
        <button type="submit" class="primary big" data-testid="picked-save" disabled={picked === null || busy}>{t('lot.save')}</button>
      </form>
    </Sheet>
  );
}

const SPOILS = ['spoiled', 'pests', 'weather', 'on-the-way', 'refused-back', 'returned'] as const;

export function SpoilForm({ lot, onClose, onDone }: FormProps) {
  const [amount, setAmount] = useState('');
  const [order, setOrder] = useState('');
  const [why, setWhy] = useState<(typeof SPOILS)[number]>('spoiled');
  const { busy, sendTimed, trouble } = useSend(onDone, () => [t('spoil.done')]);
  const gone = readQuantity(lot.unit, amount);
  return (
    <Sheet title={t('spoil.title', { name: lot.name })} onClose={onClose} testid="spoil-form">
      <form class="order-form" noValidate onSubmit={(e) => { e.preventDefault(); if (gone !== null) void sendTimed(`/lots/${lot.id}/writeoffs`, { amount: gone, reason: why, ...(order.trim() ? { order: order.trim() } : {}) }); }}>
        <Field id="spoil-amount" label="spoil.amount" value={amount} numeric onInput={setAmount} echo={amountEcho(amount, lot.unit)} />
        <Choice legend="because.title" name="spoil-why" all={SPOILS} chosen={why} words={(w) => t(`because.${w}`)} onChoose={(w) => setWhy(w)} />
        <Field id="spoil-order" label="spoil.order" value={order} onInput={setOrder} />
        {trouble}
        <button type="submit" class="primary big" data-testid="spoil-save" disabled={gone === null || busy}>{t('spoil.save')}</button>
      </form>
    </Sheet>
  );
}

/** "2026-11-27T18:00", by the commune's clock, as ms; null when it is none. */
export function readLocal(text: string): number | null {
  const ms = Date.parse(`${text}:00+07:00`);
  return Number.isFinite(ms) ? ms : null;
}

/** The other way: what an input of local time shows. */
export const localText = (ms: number) => new Date(ms + 7 * 3600_000).toISOString().slice(0, 16);

export function HarvestForm({ slug, onClose, onDone }: { slug: string; onClose(): void; onDone: Done }) {
  const [{ name, unit, price, amount, pick, until }, write, sent] = useDraft(`harvest.${slug}`, { name: '', unit: 'kg' as Unit, price: '', amount: '', pick: '', until: '' });
  const { busy, send, trouble } = useSend(onDone, () => { sent(); return [t('harvest.added')]; });
  const { dong, echo, doubt } = readPrice(price, unit), promised = readQuantity(unit, amount), pickAt = readLocal(pick), untilAt = until ? readLocal(until) : pickAt;
  const good = name.trim() && dong !== null && promised !== null && pickAt !== null && untilAt !== null && untilAt <= pickAt && untilAt > Date.now();
  return (
    <Sheet title={t('harvest.add')} onClose={onClose} testid="harvest-form">
      <form class="order-form" noValidate onSubmit={(e) => { e.preventDefault(); if (good) void send(`/stalls/${slug}/lots`, { name: name.trim(), unit, price: dong, amount: promised, pick_at: pickAt, order_until: untilAt }); }}>
        <Field id="harvest-name" label="lot.name" value={name} onInput={(name) => write({ name })} />
        <Choice legend="lot.unit" name="harvest-unit" all={['kg', 'bunch', 'piece'] as const} chosen={unit} words={(u) => t(`unit.${u}`)} onChoose={(u) => write({ unit: u })} />
        <Field id="harvest-price" label="lot.price" value={price} numeric onInput={(price) => write({ price })} echo={echo} doubt={doubt} />
        <Field id="harvest-amount" label="harvest.amount" value={amount} numeric onInput={(amount) => write({ amount })} echo={amountEcho(amount, unit)} />
        <Field id="harvest-pick" label="harvest.pick" value={pick} type="datetime-local" onInput={(pick) => write({ pick })} echo={pickAt === null ? null : moment(pickAt, 0)} />
        <Field id="harvest-until" label="harvest.until" value={until} type="datetime-local" onInput={(until) => write({ until })} echo={null} doubt={untilAt !== null && pickAt !== null && untilAt > pickAt ? t('harvest.too-late') : null} />
        {trouble}
        <button type="submit" class="primary big" data-testid="harvest-save" disabled={!good || busy}>{t('lot.save')}</button>
      </form>
    </Sheet>
  );
}

export function OriginForm({ lot, live, onClose, onDone }: FormProps) {
  const [from, setFrom] = useState<Origin | null>(null);
  // What was typed stands, also when the answer comes later than the typing.
  const [typedPlot, setPlot] = useState<string | null>(null);
  const [typedPicked, setPicked] = useState<string | null>(null);
  const { busy, send, trouble } = useSend(onDone, () => [t('from.saved')]);
  useEffect(() => { get<Origin>(`/lots/${lot.id}/origin`).then(setFrom, () => {}); }, [lot.id]);
  const plot = typedPlot ?? from?.origin.plot ?? '';
  const picked = typedPicked ?? (from?.origin.picked_at ? localText(from.origin.picked_at) : '');
  const pickedAt = picked ? readLocal(picked) : null;
  const at = `/lots/${lot.id}/origin`;
  return (
    <Sheet title={t('from.of', { name: lot.name })} onClose={onClose} testid="origin-form">
      <form class="order-form" noValidate onSubmit={(e) => { e.preventDefault(); void send(at, { plot: plot.trim(), ...(pickedAt ? { picked_at: pickedAt } : {}) }); }}>
        <Field id="origin-plot" label="from.plot" value={plot} onInput={setPlot} />
        <Field id="origin-picked" label="from.when" value={picked} type="datetime-local" onInput={setPicked} echo={pickedAt ? moment(pickedAt, 0) : null} />
        {live && <button type="button" class="quiet wide-button" data-testid="origin-moment" disabled={busy} onClick={() => void send(at, { moment: 0 })}>{t('from.moment')}</button>}
        {from?.origin.moment_at && <p class="soft">{t('from.seen', { time: moment(from.origin.moment_at, Date.now()) })}</p>}
        {trouble}
        <button type="submit" class="primary big" data-testid="origin-save" disabled={busy || !from}>{t('lot.save')}</button>
      </form>
      <Papers lot={lot} papers={from?.certificates ?? []} onDone={onDone} />
    </Sheet>
  );
}

const KINDS = ['vietgap', 'ocop', 'organic', 'other'] as const;
const PAPER_BYTES = 1_000_000;
const FILE_MS = 90_000;           // of such a file over one bar of 3G

function Papers({ lot, papers, onDone }: { lot: Lot; papers: Certificate[]; onDone: Done }) {
  const [kind, setKind] = useState<(typeof KINDS)[number]>('vietgap');
  const { busy, send, say, trouble } = useSend(onDone, () => [t('paper.saved')]);
  const away = useSend(onDone, () => [t('paper.gone')]);
  const add = async (file: File | undefined) => {
    if (!file) return;
    if (file.size > PAPER_BYTES) return say(t('paper.too-big'));
    await send(`/lots/${lot.id}/certificates`, { kind, file: base64(new Uint8Array(await file.arrayBuffer())) }, FILE_MS);
  };
  return (
    <section class="block" aria-labelledby="own-papers"><h3 id="own-papers">{t('from.papers')}</h3>
      <ul class="plain-list">{papers.map((p) => (
        <li key={p.id}><a href={`/api/v1/certificates/${p.id}`}>{t(`paper.${p.kind}`)} · {moment(p.at, 0)}</a>
          <button type="button" class="quiet" data-testid={`paper-away-${p.id}`} onClick={() => void away.send(`/lots/${lot.id}/certificates/remove`, { certificate: p.id })}>{t('paper.remove')}</button></li>
      ))}</ul>
      <Choice legend="paper.which" name="paper-kind" all={KINDS} chosen={kind} words={(k) => t(`paper.${k}`)} onChoose={(k) => setKind(k)} />
      {trouble}{away.trouble}
      <label class="field"><span>{busy ? t('sending-file') : t('paper.file')}</span>
        <input type="file" accept="application/pdf,image/jpeg,image/png" data-testid="paper-file" disabled={busy} onChange={(e) => { const input = e.currentTarget; void add(input.files?.[0]).then(() => { input.value = ''; }); }} /></label>
    </section>
  );
}

function base64(bytes: Uint8Array): string {
  let text = '';
  for (let i = 0; i < bytes.length; i += 8192) text += String.fromCharCode(...bytes.subarray(i, i + 8192));
  return btoa(text);
}
