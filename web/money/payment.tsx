// payment.tsx: how one order is paid: the VietQR with all that is in it, or cash at the door, and how far it is.
// Follows the market by itself; without a network it shows what this phone saw last.
import { useCallback, useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { get, post, type Problem } from '../shared/api.ts';
import { newKey } from '../shared/key.ts';
import { money } from '../shared/money.ts';
import { Newest } from '../shared/newest.ts';
import { onReturn } from '../shared/page.ts';
import { phoneKeep } from '../shared/store.ts';
import { errorText, t } from '../shared/text.ts';
import { clock } from '../shared/time.ts';
import { Icon } from '../shared/ui/icons.tsx';
import { CopyLine } from '../shared/ui/copy.tsx';
import { keepPayment, keepWay, keepWish, keptPayment, keptWay, keptWish, spaced, standOf, standTone, standWords, svgUrl, untold, wishHeard, type Way } from './pay.ts';
import { PayFirst } from './pay-first.tsx';
import { CreditPart } from './credit.tsx';
import { qrPng, saveFile } from './picture.ts';
import type { PayQr, PaymentAnswer } from './types.ts';

const LOOK_MS = 8000;      // the socket is the fast way; this heals what it could not tell

export interface PaymentProps {
  code: string;
  own: boolean;            // looked at by its buyer, whose choice the market is told; false until that is known
  theirs?: boolean;        // looked at by who sells, not by its buyer
  over?: boolean;          // the time its goods were kept is over, and nothing newer was heard: no transfer is asked for
  news?: unknown;          // changes whenever something about the order was heard: ask again
  onWay?(way: Way): void;  // the way that is shown, at first and whenever another is chosen
}

/** Tells the market what the buyer chose; what it cannot hear now is told with the next answer. */
async function tellWish(code: string): Promise<void> {
  const wish = keptWish(phoneKeep, code);
  if (!wish) return;
  let taken = true;
  try {
    await post(`/orders/${encodeURIComponent(code)}/pay-way`, wish);
  } catch (e) {
    if ((e as Problem).passing) return;        // anything else will not change by asking again
    taken = false;
  }
  wishHeard(phoneKeep, code, wish, taken);
}

export function PaymentPart({ code, news, own, theirs, over, onWay: onShown }: PaymentProps) {
  const [answer, setAnswer] = useState<PaymentAnswer | null>(() => keptPayment(phoneKeep, code));
  const [oldAt, setOldAt] = useState<number | null>(null);
  const [trouble, setTrouble] = useState<string | null>(null);
  const told = useRef<Way | null>(null);       // by itself, once: a refusal is not asked for again

  const payment = useMemo(() => new Newest(() => get<PaymentAnswer>(`/orders/${encodeURIComponent(code)}/payment`)), [code]);
  const load = useCallback(async () => {
    try {
      const fresh = await payment.ask();
      keepPayment(phoneKeep, code, fresh, Date.now());
      setAnswer(fresh);
      setOldAt(null);
      setTrouble(null);
      const way = own && !keptWish(phoneKeep, code) ? untold(fresh, keptWay(phoneKeep)) : null;
      if (way && way !== told.current) keepWish(phoneKeep, code, { way: (told.current = way), key: newKey() }, Date.now());
      await tellWish(code);
    } catch (e) {
      const kept = keptPayment(phoneKeep, code);
      if ((e as Problem).passing && kept) setOldAt(kept.at);
      else setTrouble((e as Problem).code);
    }
  }, [code, own]);
  useEffect(() => void load(), [load, news]);
  const open = answer === null || answer.payment.due > 0;
  useEffect(() => {
    const timer = setInterval(() => { if (open && document.visibilityState === 'visible') void load(); }, LOOK_MS);
    const stop = onReturn(() => void load());
    return () => { clearInterval(timer); stop(); };
  }, [load, open]);

  if (!answer) return trouble ? <p class="soft">{errorText(trouble)}</p> : null;
  const onWay = (way: Way) => {
    keepWay(phoneKeep, way);
    keepWish(phoneKeep, code, { way, key: newKey() }, Date.now());
    void tellWish(code);
  };
  return <PaymentView answer={answer} oldAt={oldAt} first={keptWish(phoneKeep, code)?.way ?? answer.way ?? keptWay(phoneKeep)} onWay={onWay} onShown={onShown} onPaid={load} code={code} theirs={theirs} over={over} />;
}

interface ViewProps { code: string; theirs?: boolean; over?: boolean; answer: PaymentAnswer; oldAt: number | null; first: Way; onWay(way: Way): void; onShown?(way: Way): void; onPaid(): Promise<void> }

export function PaymentView({ code, theirs, over, answer: { payment, qr, cash, credit, way_differed }, oldAt, first, onWay, onShown, onPaid }: ViewProps) {
  const [chosen, setWay] = useState<Way>(first);
  const may = cash?.may !== false;
  const way = may ? chosen : 'bank';
  useEffect(() => onShown?.(way), [way]);
  const stand = standOf(payment);
  if (stand === 'none' && !credit?.have) return null;
  const choose = (next: Way) => { setWay(next); onWay(next); };
  return (
    <section class="block pay" aria-labelledby="pay-title">
      <h2 id="pay-title">{t('pay.title')}</h2>
      {stand !== 'none' && <p class={`pay-state ${standTone[stand]}`} role="status" data-testid="pay-state" data-state={stand}>
        {standTone[stand] === 'ok' && <Icon name="check" />}<span>{standWords(payment)}</span>
      </p>}
      {oldAt !== null && !over && <p class="soft pay-old" data-testid="pay-old">{t('pay.old', { time: clock(oldAt) })}</p>}
      {credit && credit.have > 0 && <CreditPart code={code} credit={credit} theirs={theirs} onPaid={onPaid} />}
      {payment.due > 0 && (
        <>
          {way_differed && <p class="pay-note" role="note" data-testid="pay-differed">{t(`pay.differed-${way}`)}</p>}
          {cash?.pay_first && <PayFirst why={cash.pay_first} rules={cash} way={qr ? 'bank' : 'none'} />}
          {qr && (
            <div class="pay-ways" role="group" aria-label={t('pay.how')}>
              {(['bank', 'cash'] as const).map((w) => (
                <button key={w} type="button" class="quiet" aria-pressed={way === w} data-testid={`pay-${w}`} disabled={w === 'cash' && !may} onClick={() => choose(w)}>
                  <Icon name={w === 'bank' ? 'qr' : 'person'} />{t(`pay.by-${w}`)}</button>
              ))}
            </div>
          )}
          {qr && way === 'bank' ? over ? <p class="pay-note" role="status" data-testid="pay-over">{t('hold.over-wait')}</p> : <ByBank qr={qr} /> : may && <p class="pay-cash" data-testid="pay-cash-words">{t('pay.cash-words', { due: money(payment.due) })}</p>}
        </>
      )}
    </section>
  );
}

function ByBank({ qr }: { qr: PayQr }) {
  const [failed, setFailed] = useState(false);
  const save = () => qrPng(qr).then((png) => { setFailed(false); saveFile(png, `${qr.memo}.png`); }, () => setFailed(true));
  return (
    <div class="pay-bank">
      <img class="pay-qr" data-testid="pay-qr" src={svgUrl(qr.svg)} width="264" height="264" alt={t('pay.qr-alt', { amount: money(qr.amount), code: qr.memo })} />
      <button type="button" class="quiet wide-button" data-testid="pay-save" onClick={() => void save()}>{t('pay.save')}</button>
      {failed && <p class="soft" role="status">{t('pay.save-failed')}</p>}
      <p class="soft">{t('pay.save-how')}</p>
      <dl class="copy-lines">
        <CopyLine name={t('pay.amount')} shown={money(qr.amount)} value={String(qr.amount)} testid="pay-amount" />
        <CopyLine name={t('pay.account')} shown={spaced(qr.number)} value={qr.number} testid="pay-number" />
        <CopyLine name={t('pay.memo')} shown={qr.memo} value={qr.memo} testid="pay-memo" />
        <div class="copy-line"><dt>{t('pay.bank')}</dt><dd data-testid="pay-bank-name">{qr.bank ?? qr.bin}<br />{qr.holder}</dd></div>
      </dl>
      <p class="pay-note">{t('pay.memo-note', { code: qr.memo })}</p>
      {!qr.receives && <p class="pay-note">{t('pay.bank-unknown')}</p>}
    </div>
  );
}
