// order-page.tsx: one order, for the buyer who made it (or the farmer and the cadre); changes by itself.
import { useEffect, useState } from 'preact/hooks';
import { get, Problem } from '../shared/api.ts';
import { keepFor, keptFor } from '../shared/kept.ts';
import { money } from '../shared/money.ts';
import { Newest } from '../shared/newest.ts';
import { timedOnce } from '../shared/once.ts';
import { onReturn } from '../shared/page.ts';
import { phoneText } from '../shared/phone.ts';
import { phoneKeep } from '../shared/store.ts';
import { moment } from '../shared/time.ts';
import { errorText, t, type Key } from '../shared/text.ts';
import type { Order, Row } from '../shared/types.ts';
import { useAct } from '../shared/ui/act.ts';
import { useStall } from '../shared/ui/hooks.ts';
import { IconLine, Notice, Opening, Sheet, Shell } from '../shared/ui/parts.tsx';
import { aboutOrder, keptPayment, type Way } from '../money/pay.ts';
import { PaymentPart } from '../money/payment.tsx';
import { Countdown } from './countdown.tsx';
import { Offer } from './offer.tsx';
import { OrderLineRow, type Refused } from './order-line.tsx';
import { aboutOrder as newsOf, Tell } from './tell.tsx';
import { keptRefused, WayPart } from './way.tsx';

const LIST = 'cx.order';     // what this phone saw last, for a day without network
const WHYS = ['changed-mind', 'mistake', 'too-slow'] as const;
const STEPS = ['placed', 'confirmed', 'closed'] as const;

export function OrderPage({ code }: { code: string }) {
  const [order, setOrder] = useState<Order | null>(() => keptFor<Order>(phoneKeep, LIST, code)?.value ?? null);
  const [oldAt, setOldAt] = useState<number | null>(null);
  const [trouble, setTrouble] = useState<string | null>(null);
  const [asking, setAsking] = useState(false);
  const [news, setNews] = useState(0);
  const [refused, setRefused] = useState<Refused[]>(() => keptRefused(code));
  const [busy, setBusy] = useState(false);
  const ending = useAct();
  const [over, setOver] = useState(false);             // the time its goods are kept
  const [way, setWay] = useState<Way | null>(null);     // to pay, as it is shown
  const [stranger, setStranger] = useState(false);     // this phone did not place it, and nobody is logged in
  const [why, setWhy] = useState<(typeof WHYS)[number]>('changed-mind');
  const { snap } = useStall(order?.stall ?? '', null, {
    onState: (s) => { const o = s.orders.find((x) => x.code === code); if (o) seen(o); },
    onRow: (row: Row) => aboutOrder(row, code) && setNews(row.id),
  });
  const [newest] = useState(() => new Newest(() => get<{ order: Order }>(`/orders/${encodeURIComponent(code)}`)));
  const seen = (fresh: Order) => {
    newest.heard();
    keepFor(phoneKeep, LIST, code, fresh, Date.now());
    setOrder(fresh);
    setOldAt(null);
    setTrouble(null);
  };
  useEffect(() => {
    const load = () => void newest.ask().then((a) => seen(a.order), (e: Problem) => {
      const kept = e.passing ? keptFor<Order>(phoneKeep, LIST, code) : null;
      if (kept) setOldAt(kept.at);
      else {
        const strange = e.status === 401 || e.status === 403 || e.status === 404;      // 404: to somebody else who is known, the market does not say that it is there
        setStranger(strange);
        setTrouble(strange ? t('order.not-yours') : errorText(e.code));
      }
    });
    load();
    return onReturn(load);
  }, []);

  useEffect(() => {                      // money that came may have ended the time its goods are kept
    if (news) void newest.ask().then((a) => seen(a.order), () => {});
  }, [news]);

  const cancel = () => ending.act(async () => {
    seen((await timedOnce<{ order: Order }>(`/orders/${encodeURIComponent(code)}/cancel`, { why })).order);
    setAsking(false);
  });

  const answer = async (lot: number, answered: 'accept' | 'decline') => {
    setBusy(true);
    try {
      seen((await timedOnce<{ order: Order }>(`/orders/${encodeURIComponent(code)}/extra`, { lot, answer: answered })).order);
    } catch (e) {
      setTrouble(errorText((e as Problem).actCode));
    }
    setBusy(false);
  };

  const got = asking ? keptPayment(phoneKeep, code)?.payment.received ?? 0 : 0;
  const step = order?.closed_at ? 'closed' : order?.state;
  return (
    <Shell say={order ? `${t('order-saved', { code: spell(order.code) })}. ${t(`order.${order.state}`)}.` : undefined}>
      <h1 class="order-code">{code}</h1>
      <Notice text={trouble ?? (oldAt === null ? null : t('order-old', { time: moment(oldAt, Date.now()) }))} tone={trouble ? 'bad' : 'warn'} />
      {!order && !trouble && <Opening />}
      {stranger && !order && (
        <>
          <a class="primary wide-button" data-testid="order-login" href={`/login?to=/orders/${encodeURIComponent(code)}`}>{t('login.title')}</a>
          <a class="quiet wide-button" href="/">{t('home.stalls')}</a>
        </>
      )}
      {order && (
        <>
          {order.state === 'cancelled' ? (
            <p class="order-state cancelled" data-testid="order-state" data-state={order.state}>{t('order.cancelled')}{endWords(order) && `: ${endWords(order)}`}
              {order.merged_into && <> <a href={`/orders/${order.merged_into}`} data-testid="merged-into">{order.merged_into}</a></>}</p>
          ) : (
            <ol class="steps" data-testid="order-state" data-state={step}>
              {STEPS.map((s, i) => (
                <li key={s} class={i <= STEPS.indexOf(step as 'placed') ? 'done' : ''} aria-current={s === step ? 'step' : undefined}>{t(`order.${s}`)}</li>
              ))}
            </ol>
          )}
          {order.offer && order.state === 'placed' && !snap?.mine && <Offer order={order} onOrder={seen} />}
          <div class="paper">
            <table class="bill">
              <caption>{order.stall_name} · {moment(order.placed_at, Date.now())}</caption>
              <tbody>{order.lines.map((l) => (
                <OrderLineRow key={l.lot} line={l} refused={refused.find((r) => r.lot === l.lot)} busy={busy} mayAnswer={!snap?.mine && !order.closed_at} onAnswer={(a) => void answer(l.lot, a)} />
              ))}
              {order.delivery && <tr data-testid="fee" data-amount={order.delivery.amount}><th scope="row">{t('delivery.fee')}<small>{order.delivery.point_name ?? order.delivery.zone_name}</small></th><td>{money(order.delivery.amount)}</td></tr>}</tbody>
              <tfoot><tr><th scope="row">{t('total')}</th><td>{money(order.total)}</td></tr></tfoot>
            </table>
          </div>
          <WayPart code={code} news={news} onRefused={setRefused} />
          {!snap?.mine && !order.closed_at && order.state !== 'cancelled' && <Tell about={newsOf(code)} />}
          {(!order.offer || snap?.mine) && <Countdown order={order} way={way} onOver={setOver} />}
          <PaymentPart code={code} news={news} own={snap?.mine === false} theirs={snap?.mine} over={over && order.state === 'placed'} onWay={setWay} />
          <section class="block" aria-label={t('deliver-to')}>
            <h2>{t('deliver-to')}</h2>
            <IconLine icon="person">{order.name}</IconLine>
            <IconLine icon="phone"><a href={`tel:${order.phone}`}>{phoneText(order.phone)}</a></IconLine>
            <IconLine icon="pin">{order.place}</IconLine>
            {order.placed_by && <IconLine icon="check"><span data-testid="placed-by">{t('order.placed-by', { name: order.placed_by })}</span></IconLine>}
            {order.note && <p class="soft">{order.note}</p>}
          </section>
          <a class="primary wide-button" href={`/s/${order.stall}`}>{t('back-to-stall')}</a>
          {order.state === 'placed' && !order.offer && <button type="button" class="quiet wide-button red" data-testid="order-cancel" onClick={() => setAsking(true)}>{t('cancel-order')}</button>}
        </>
      )}
      {asking && (
        <Sheet title={t('cancel-order')} onClose={() => setAsking(false)}>
          <p>{t('cancel-sure')}</p>
          {got > 0 && <p class="notice warn" data-testid="cancel-money">{t('cancel-money', { got: money(got) })}</p>}
          <fieldset class="whys"><legend>{t('because.title')}</legend>
            {WHYS.map((w) => <label key={w}><input type="radio" name="why" checked={why === w} onChange={() => setWhy(w)} data-testid={`why-${w}`} /><span>{t(`because.${w}`)}</span></label>)}
          </fieldset>
          <Notice text={ending.trouble} tone="bad" />
          <button type="button" class="danger big" data-testid="order-cancel-sure" disabled={ending.busy} onClick={() => void cancel()}>{t('cancel-yes')}</button>
          <button type="button" class="quiet wide-button" onClick={() => setAsking(false)}>{t('cancel-no')}</button>
        </Sheet>
      )}
    </Shell>
  );
}

/** Why it ended: the coded reason in the page's language, and the words that came with it. */
function endWords({ why, reason }: Order): string {
  if (reason === 'expired') return t('reason.expired');
  const words = why && why !== 'other' ? t(`because.${why}` as Key) : '';
  return [words, reason && reason !== why ? reason : ''].filter(Boolean).join('. ');
}

/** Letters one by one, for the voice. */
const spell = (code: string) => code.split('').join(' ');
