// goods.tsx: what a farmer (or a cadre for him) says of each lot beside price and amount: a flash price, where it comes from, what was
// picked, what spoiled; and who waits.
import { useEffect, useState } from 'preact/hooks';
import { get, post, type Problem } from '../shared/api.ts';
import { flashOf } from '../shared/flash.ts';
import { newKey } from '../shared/key.ts';
import { money } from '../shared/money.ts';
import { errorText, quantityText, t, type Key } from '../shared/text.ts';
import { day, moment, weekday } from '../shared/time.ts';
import type { Lot, Wait } from '../shared/types.ts';
import { useStall } from '../shared/ui/hooks.ts';
import { Icon } from '../shared/ui/icons.tsx';
import { Notice, Opening, Shell, type Tone } from '../shared/ui/parts.tsx';
import { Produce } from '../shared/ui/produce.tsx';
import { FlashForm, HarvestForm, OriginForm, PickedForm, SpoilForm, type Done } from './forms.tsx';
import type { Writeoff } from './types.ts';

type Form = 'flash' | 'origin' | 'picked' | 'spoil';

export function GoodsPage({ slug }: { slug: string }) {
  const [told, setTold] = useState<{ text: string; tone: Tone } | null>(null);
  const [open, setOpen] = useState<{ form: Form; lot: Lot } | 'harvest' | null>(null);
  const [turn, setTurn] = useState(0);
  const { snap } = useStall(slug, null, { onRow: (row) => setTurn(row.id), onRefused: (code) => setTold({ text: errorText(code), tone: 'bad' }) });
  const done: Done = (text, tone = 'ok') => { setOpen(null); setTold({ text, tone }); setTurn((n) => n + 1); };
  const endFlash = (lot: Lot) => post(`/lots/${lot.id}/flash/end`, { key: newKey() }).then(() => done(t('flash.ended')), (e: Problem) => done(errorText(e.actCode), 'bad'));
  const forms = { flash: FlashForm, origin: OriginForm, picked: PickedForm, spoil: SpoilForm };
  const Shown = open && open !== 'harvest' ? forms[open.form] : null;
  return (
    <Shell>
      <h1>{t('goods.title')}</h1>
      <p class="soft">{snap?.stall.name}</p>
      <Notice text={told?.text ?? null} tone={told?.tone} onClose={() => setTold(null)} />
      <button type="button" class="primary wide-button" data-testid="harvest-add" onClick={() => setOpen('harvest')}><Icon name="plus" />{t('harvest.add')}</button>
      {!snap && !told && <Opening />}
      <ul class="goods">{(snap?.lots ?? []).map((lot) => <GoodsRow key={lot.id} lot={lot} onForm={(form) => setOpen({ form, lot })} onEndFlash={() => void endFlash(lot)} />)}</ul>
      <Waiting slug={slug} turn={turn} />
      <Writeoffs slug={slug} turn={turn} />
      <a class="quiet wide-button" href={`/golive?stall=${slug}`}>{t('go.title')}</a>
      {Shown && open && open !== 'harvest' && <Shown lot={open.lot} live={snap?.live?.state === 'live'} onClose={() => setOpen(null)} onDone={done} />}
      {open === 'harvest' && <HarvestForm slug={slug} onClose={() => setOpen(null)} onDone={done} />}
    </Shell>
  );
}

function GoodsRow({ lot, onForm, onEndFlash }: { lot: Lot; onForm(form: Form): void; onEndFlash(): void }) {
  const flash = flashOf(lot);
  const ahead = lot.harvest && !lot.harvest.picked_at ? lot.harvest : null;
  return (
    <li class="goods-row" data-testid={`goods-${lot.id}`} data-state={lot.state}>
      <div class="goods-head"><Produce name={lot.name} picture={lot.picture} />
        <div class="lot-words"><h2>{lot.name}</h2><p>{money(lot.price)}/{t(`unit.${lot.unit}`)} · {t('left', { amount: quantityText(lot.unit, lot.available) })}</p></div></div>
      {ahead && <p class="lot-ahead">{t('harvest.words', { day: `${weekday(ahead.pick_at)} ${day(ahead.pick_at)}`, until: moment(ahead.order_until, 0) })}</p>}
      {flash && <p class="lot-flash" data-testid={`flash-on-${lot.id}`}>{t('flash.on', { price: money(flash.price), left: quantityText(lot.unit, flash.left), time: moment(flash.ends_at, Date.now()) })}</p>}
      <div class="goods-acts">
        {ahead && <button type="button" class="primary" data-testid={`picked-${lot.id}`} onClick={() => onForm('picked')}><Icon name="check" />{t('picked.button')}</button>}
        {lot.flash ? <button type="button" class="quiet red" data-testid={`flash-end-${lot.id}`} onClick={onEndFlash}><Icon name="stop" />{t('flash.end')}</button>
          : lot.state === 'open' && <button type="button" class="quiet" data-testid={`flash-${lot.id}`} onClick={() => onForm('flash')}><Icon name="clock" />{t('flash.button')}</button>}
        <button type="button" class="quiet" data-testid={`origin-${lot.id}`} onClick={() => onForm('origin')}><Icon name="pin" />{t('from.title')}</button>
        <button type="button" class="quiet" data-testid={`spoil-${lot.id}`} onClick={() => onForm('spoil')}><Icon name="minus" />{t('spoil.button')}</button>
        <a class="quiet" data-testid={`label-${lot.id}`} href={`/labels?lot=${lot.id}`}><Icon name="qr" />{t('label.button')}</a>
      </div>
    </li>
  );
}

function Waiting({ slug, turn }: { slug: string; turn: number }) {
  const [waits, setWaits] = useState<Wait[]>([]);
  useEffect(() => { get<{ waits: Wait[] }>(`/waits?stall=${slug}`).then((a) => setWaits(a.waits), () => {}); }, [slug, turn]);
  if (waits.length === 0) return null;
  return (
    <section class="block" aria-labelledby="who-waits"><h2 id="who-waits">{t('wait.who')}</h2>
      <ul class="plain-list">{waits.map((w) => <li key={w.id} data-testid={`who-waits-${w.id}`} data-state={w.state}>{w.name} · {quantityText(w.unit, w.quantity)} {w.lot_name}
        {w.state === 'offered' && <em> · {t('wait.asked')}</em>}</li>)}</ul>
    </section>
  );
}

function Writeoffs({ slug, turn }: { slug: string; turn: number }) {
  const [list, setList] = useState<Writeoff[]>([]);
  useEffect(() => { get<{ writeoffs: Writeoff[] }>(`/stalls/${slug}/writeoffs`).then((a) => setList(a.writeoffs), () => {}); }, [slug, turn]);
  if (list.length === 0) return null;
  return (
    <section class="block" aria-labelledby="spoiled"><h2 id="spoiled">{t('spoil.list')}</h2>
      <ul class="plain-list">{list.slice(0, 30).map((w) => (
        <li key={w.id} data-testid={`writeoff-${w.id}`}>{quantityText(w.unit, w.amount)} {w.name} · {t(`because.${w.reason}` as Key)} · {t('because.bears', { who: t(`bears.${w.bears}` as Key) })}
          {w.order && ` · ${w.order}`} · {moment(w.device_at ?? w.at, Date.now())}{w.back_at && <em> · {t('because.back')}</em>}</li>
      ))}</ul>
    </section>
  );
}
