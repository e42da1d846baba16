// pocket.tsx: a person's own cash: what they should hold, handing it on, and counting what another hands to them.
// Money has moved only when the one who takes it has counted it. Also for a courier's page.
import { useState } from 'preact/hooks';
import { groups, money, readMoney } from '../shared/money.ts';
import { postOnce } from '../shared/once.ts';
import { t } from '../shared/text.ts';
import { clock } from '../shared/time.ts';
import type { Person } from '../shared/types.ts';
import { useAct } from '../shared/ui/act.ts';
import { Notice, Sheet } from '../shared/ui/parts.tsx';
import { useAnswer } from './load.ts';
import type { Handover } from './types.ts';

const LOOK_MS = 10_000;
interface Props { me: Person; onTrouble(code: string): void; onTold(words: string): void; onChange?(): void }

export function Pocket({ me, onTrouble, onTold, onChange }: Props) {
  const [found, load] = useAnswer<{ handovers: Handover[]; balance: number }>('/handovers', onTrouble, LOOK_MS);
  const [giving, setGiving] = useState(false);
  const [counting, setCounting] = useState<Handover | null>(null);
  const mine = found?.handovers.filter((h) => h.taker === me.id) ?? [];
  const sent = found?.handovers.filter((h) => h.giver === me.id) ?? [];
  const after = (words: string) => { setGiving(false); setCounting(null); onTold(words); onChange?.(); void load(); };
  return (
    <section class="block">
      <h2>{t('cash.mine')}</h2>
      <p class="task-sum" data-testid="pocket" data-dong={found?.balance}>{money(found?.balance ?? 0)}</p>
      {(found?.balance ?? 0) > 0 && <button type="button" class="quiet wide-button" data-testid="cash-give" onClick={() => setGiving(true)}>{t('cash.give')}</button>}
      <ul class="tasks">
        {mine.map((h) => (
          <li key={h.id} class="task" data-testid={`handover-${h.id}`}>
            <p>{t('cash.gives-you', { name: h.giver_name, amount: money(h.amount), time: clock(h.given_at) })}</p>
            <button type="button" class="primary" data-testid={`count-${h.id}`} onClick={() => setCounting(h)}>{t('cash.count')}</button>
          </li>
        ))}
        {sent.map((h) => <li key={h.id} class="task" data-testid={`handover-${h.id}`}>{t('cash.waits', { name: h.taker_name, amount: money(h.amount) })}</li>)}
      </ul>
      {counting && <CountSheet handover={counting} onDone={() => after(t('cash.counted'))} onClose={() => setCounting(null)} />}
      {giving && <GiveSheet most={found?.balance ?? 0} onDone={() => after(t('cash.given'))} onTrouble={onTrouble} onClose={() => setGiving(false)} />}
    </section>
  );
}

interface SheetProps { onDone(): void; onClose(): void }

/** "0" is a count too: nothing was there. */
const readCount = (text: string) => (text.trim() === '0' ? 0 : readMoney(text));

function CountSheet({ handover, onDone, onClose }: SheetProps & { handover: Handover }) {
  const [text, setText] = useState(groups(handover.amount));
  const [reason, setReason] = useState('');
  const counted = readCount(text);
  const differs = counted !== null && counted !== handover.amount;
  const { busy, trouble, act } = useAct();
  const take = (e: Event) => {
    e.preventDefault();
    void act(async () => {
      await postOnce(`/handovers/${handover.id}/take`, { counted, ...(differs ? { reason: reason.trim() } : {}) });
      onDone();
    });
  };
  return (
    <Sheet title={t('cash.count')} onClose={onClose} testid="count-sheet">
      <form class="order-form" onSubmit={take}>
        <p>{t('cash.gives-you', { name: handover.giver_name, amount: money(handover.amount), time: clock(handover.given_at) })}</p>
        <label class="field"><span>{t('cash.i-counted')}</span>
          <input data-testid="counted" inputMode="numeric" autoComplete="off" value={text} onInput={(e) => setText(e.currentTarget.value)} /></label>
        {differs && <label class="field"><span>{t('cash.why-differs')}</span>
          <input data-testid="count-reason" maxLength={300} value={reason} onInput={(e) => setReason(e.currentTarget.value)} /></label>}
        <Notice text={trouble} tone="bad" />
        <button type="submit" class="primary big" data-testid="count-yes" disabled={busy || counted === null || (differs && !reason.trim())}>
          {counted === null ? t('cash.count') : t('cash.took', { amount: money(counted) })}</button>
      </form>
    </Sheet>
  );
}

function GiveSheet({ most, onDone, onTrouble, onClose }: SheetProps & { most: number; onTrouble(code: string): void }) {
  const [text, setText] = useState(groups(most));
  const amount = readMoney(text);
  const [found] = useAnswer<{ takers: { id: number; name: string }[] }>('/cash/takers', onTrouble);
  const { busy, trouble, act } = useAct();
  const give = (to: number) => act(async () => {
    await postOnce('/handovers', { to, amount });
    onDone();
  });
  return (
    <Sheet title={t('cash.give')} onClose={onClose} testid="give-sheet">
      <label class="field"><span>{t('pay.amount')}</span>
        <input data-testid="give-amount" inputMode="numeric" autoComplete="off" value={text} onInput={(e) => setText(e.currentTarget.value)} /></label>
      {amount === null || amount > most ? <p class="pay-note">{t('cash.too-much', { most: money(most) })}</p> : (
        <>
          <p>{t('cash.give-whom')}</p>
          <Notice text={trouble} tone="bad" />
          <ul class="picks">{(found?.takers ?? []).map((p) => <li key={p.id}><button type="button" class="quiet" data-testid={`give-to-${p.id}`} disabled={busy} onClick={() => void give(p.id)}>{p.name}</button></li>)}</ul>
        </>
      )}
    </Sheet>
  );
}
