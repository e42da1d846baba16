// stall.tsx: the buyer's page: the picture, the lots, the order. Everything on it is live.
import { useEffect, useRef, useState } from 'preact/hooks';
import { Notice, OldWords, Sheet, Shell, type Tone } from '../shared/ui/parts.tsx';
import { useDraft } from '../shared/ui/draft.ts';
import { useStall } from '../shared/ui/hooks.ts';
import type { Problem } from '../shared/api.ts';
import { newKey } from '../shared/key.ts';
import { money } from '../shared/money.ts';
import { mostAt, priceOf } from '../shared/flash.ts';
import { firstQuantity } from '../shared/quantity.ts';
import { forgetMe, type Me } from '../shared/store.ts';
import { errorText, quantityText, t } from '../shared/text.ts';
import type { Lot, Order, OrderDraft, Snapshot, Wait } from '../shared/types.ts';
import type { Outcome, Waiting } from '../shared/queue.ts';
import { withOrder } from '../shared/stall-state.ts';
import { correct, setLine, type Line } from './basket.ts';
import { LotCard } from './lot-card.tsx';
import { OrderSheet, type Sending } from './order-sheet.tsx';
import { OrdersList } from './orders-list.tsx';
import { outbox, startOutbox } from './outbox.ts';
import { Offer } from './offer.tsx';
import { Player } from './player.tsx';
import { WaitSheet } from './wait-sheet.tsx';
import { useWaits, WaitsList } from './waits.tsx';
import { useKeepStall } from './stall-kept.ts';
import type { Watcher } from './watcher.ts';

interface Open { lines: Line[]; sending: Sending; key: string | null }

export function StallPage({ slug, first, oldAt, watcher }: { slug: string; first: Snapshot | null; oldAt: number | null; watcher: Watcher }) {
  const [old, setOld] = useState(oldAt);            // of when everything here is, until the market has been heard
  const { snap, up, renew } = useStall(slug, first, {
    onLink: (is) => is && setOld(null),
    onState: (s) => watcher.update(s),
    onRow: (row) => row.kind.startsWith('order.') && setTurn(row.id),
    onRefused: (code) => { watcher.close(); setTold({ text: errorText(code), tone: 'bad' }); },
  });
  const known = useRef(false);                      // does the socket know whose orders to tell about?
  const [{ wanted }, want] = useDraft(`wanted.${slug}`, { wanted: {} as Record<number, number> });
  const [open, setOpen] = useState<Open | null>(null);
  const [told, setTold] = useState<{ text: string; tone: Tone; line?: number } | null>(null);     // `line`: true only as long as one waits for that lot
  const [own, setOwn] = useState<Order[]>([]);      // answered over HTTPS; the socket may bring the same ones
  const [waiting, setWaiting] = useState<readonly Waiting[]>(outbox.waiting(slug));
  const [turn, setTurn] = useState(0);              // something about orders: the lines may have moved
  const { waits, joined, left } = useWaits(slug, turn);
  const [lineUp, setLineUp] = useState<Lot | null>(null);
  const poster = usePoster(snap, watcher);
  useKeepStall(slug, snap, old === null);

  useEffect(startOutbox, []);
  useEffect(() => {
    outbox.onChange = () => setWaiting(outbox.waiting(slug));
    outbox.onOutcome = (item, outcome) => {
      if (item.draft.stall !== slug) return;
      if (outcome.kind === 'saved') saved(item, outcome.order);
      else refused(item, outcome);
    };
  });

  const saved = (item: Waiting, order: Order) => {
    setOwn((list) => withOrder(list, order));
    if (order.placed_by) forgetMe();
    if (!known.current) renew();                    // the first order made a session; the socket is older than it
    known.current = true;
    if (open?.key === item.key) setOpen({ ...open, sending: { kind: 'saved', order }, key: null });
    else setTold({ text: t('order-saved', { code: order.code }), tone: 'ok' });
  };
  const refused = (item: Waiting, { problem }: Outcome & { kind: 'refused' }) => {
    const c = correct(item.draft, problem, snap?.lots ?? []);
    const fee = problem.extras.fee;
    const words = fee === undefined ? limitWords(problem, c.lot) ?? refusalWords(problem.code, c.lot, c.available, c.price) : t('delivery.fee-changed', { fee: money(fee) });
    setTold({ text: words, tone: 'warn' });
    if (open?.key !== item.key) return;
    setOpen(c.lines.length ? { lines: c.lines, sending: { kind: 'choosing' }, key: null } : null);
  };

  const begin = (lot: Lot) => {
    setTold(null);
    const quantity = Math.min(wanted[lot.id] ?? firstQuantity(lot.unit, lot.available), mostAt(lot, priceOf(lot)));
    setOpen({ lines: setLine([], lot, quantity), sending: { kind: 'choosing' }, key: null });
  };
  const send = (me: Me, note: string, more: Pick<OrderDraft, 'delivery' | 'credit'>) => {
    const key = newKey();
    setTold(null);
    setOpen({ ...open!, sending: { kind: 'sending' }, key });
    const at = navigator.onLine ? {} : { at: Date.now() };
    outbox.add(key, { stall: slug, ...at, lines: open!.lines, ...me, ...(note ? { note } : {}), ...more });
  };

  const inLine = (wait: Wait) => {
    setLineUp(null);
    joined(wait);
    setTold({ text: t('wait.joined'), tone: 'ok', line: wait.lot });
    setTurn((n) => n + 1);
    if (!known.current) renew();                    // it may have made a session
    known.current = true;
  };
  const answered = (order: Order) => {
    setOwn((list) => withOrder(list, order));
    setTold({ text: order.state === 'cancelled' ? t('offer.passed') : t('order-saved', { code: order.code }), tone: 'ok' });
  };
  const said = told?.line === undefined || waits.some((w) => w.lot === told.line) ? told : null;
  const orders = own.reduceRight(keepNewest, snap?.orders ?? []);
  const lots = (snap?.lots ?? []).filter((l) => l.state === 'open');
  const offers = snap?.mine ? [] : orders.filter((o) => o.offer && o.state === 'placed');
  const closed = snap?.stall.state === 'closed';
  return (
    <Shell say={snap ? pageWords(snap) : ''} aside={!up && <span class="offline" role="status">{t('no-net')}</span>} wide>
      <OldWords at={old} />
      <div class="stall">
        <div class="stall-left">
          <Player watcher={watcher} snap={snap} poster={poster} />
          <div class="stall-title">
            <h1 data-testid="stall-name">{snap?.stall.name ?? slug}</h1>
            {snap && <p>{snap.stall.village}</p>}
          </div>
        </div>
        <div class="stall-right">
          {!open && <Notice text={said?.text ?? null} tone={said?.tone} onClose={() => setTold(null)} />}
          {offers.map((o) => <Offer key={o.code} order={o} onOrder={answered} />)}
          {closed && <p class="closed-words">{t('picture.closed')}</p>}
          <section aria-labelledby="today">
            <h2 id="today">{t('today')}</h2>
            {lots.length === 0 && <p class="soft">{t('no-lots')}</p>}
            <ul class="lots">
              {lots.map((lot) => (
                <LotCard key={lot.id} lot={lot} open={!closed} quantity={wanted[lot.id] ?? firstQuantity(lot.unit, lot.available)}
                  onQuantity={(q) => want({ wanted: { ...wanted, [lot.id]: q } })} onOrder={() => begin(lot)}
                  waits={waits.some((w) => w.lot === lot.id)} offer={offers.find((o) => o.lines.some((l) => l.lot === lot.id)) ?? null} onWait={() => setLineUp(lot)} />
              ))}
            </ul>
          </section>
          <WaitsList waits={waits} onLeft={(wait) => { left(wait); setTurn((n) => n + 1); }} />
          <OrdersList orders={snap?.mine ? own : orders} waiting={waiting} lots={snap?.lots ?? []} onMerged={(o) => setOwn((list) => withOrder(list, o))} />
          {snap?.stall.about && <section class="block"><h2>{t('about')}</h2><p>{snap.stall.about}</p></section>}
        </div>
      </div>
      {lineUp && <WaitSheet slug={slug} lot={lineUp} onClose={() => setLineUp(null)} onJoined={inLine} />}
      {open && (snap ? (
        <OrderSheet lots={snap.lots} lines={open.lines} sending={open.sending} trouble={told?.text ?? null}
          onLines={(lines) => setOpen({ ...open, lines })} onSend={send} onClose={() => setOpen(null)} />
      ) : <Sheet title={t('sending')} onClose={() => setOpen(null)}><p>{t('no-net')}</p></Sheet>)}
    </Shell>
  );
}

/** The socket's version of an order wins over the one we were answered, unless it has not come yet. */
function keepNewest(list: Order[], order: Order): Order[] {
  return list.some((o) => o.code === order.code) ? list : withOrder(list, order);
}

function limitWords({ code, extras }: Problem, lot: Lot | null): string | null {
  if (code !== 'buyer-limit' || !lot) return null;
  return t('limit-reached', { name: lot.name, limit: quantityText(lot.unit, extras.limit ?? 0), had: quantityText(lot.unit, extras.had ?? 0) });
}

function refusalWords(code: string, lot: Lot | null, available: number | null, price: number | null): string {
  if (lot && available !== null)
    return available > 0 ? t('only-left', { amount: quantityText(lot.unit, available), name: lot.name }) : t('none-left', { name: lot.name });
  if (lot && price !== null) return t('price-now', { name: lot.name, price: money(price), unit: t(`unit.${lot.unit}`) });
  return errorText(code);
}

function pageWords(s: Snapshot): string {
  const lots = s.lots.filter((l) => l.state === 'open' && l.available > 0);
  return `${s.stall.name}, ${s.stall.village}. ${t('today')}: ${lots.map((l) => l.name).join(', ')}. ${t('say.how')}`;
}

/** The stall's newest picture: looked at again every few seconds only while the video is not what is seen. */
function usePoster(snap: Snapshot | null, watcher: Watcher): string | null {
  const [turn, setTurn] = useState(0);
  const still = snap?.room.state === 'live' && (watcher.saving === 'audio' || watcher.phase === 'full' || watcher.waitsForTap);
  useEffect(() => {
    if (!still) return;
    const timer = setInterval(() => setTurn((n) => n + 1), 5000);
    return () => clearInterval(timer);
  }, [still]);
  if (!snap?.poster) return null;
  return turn ? `${snap.poster}${snap.poster.includes('?') ? '&' : '?'}n=${turn}` : snap.poster;
}
