// decide.tsx: the sheet in which an item of a queue gets its one disposition: an order, a person, or a reason.
import { useState } from 'preact/hooks';
import { money } from '../shared/money.ts';
import { t } from '../shared/text.ts';
import { Sheet } from '../shared/ui/parts.tsx';
import { PersonPick } from './person-pick.tsx';
import { OrderPick } from './order-pick.tsx';
import { reasonsFor, type Deed } from './tasks.ts';
import { useAnswer } from './load.ts';
import type { Carrier, Task } from './types.ts';

export type Decision =
  | { deed: 'refund'; reason: string }
  | { deed: Exclude<Deed, 'refund'>; body: { outcome: 'matched' | 'joined' | 'banked' | 'carrier' | 'seen'; order?: string; person?: number; carrier?: number; reason?: string } };

interface Props { task: Task; deed: Deed; onDecide(d: Decision): void; onTrouble(code: string): void; onClose(): void }

export function DecideSheet({ task, deed, onDecide, onTrouble, onClose }: Props) {
  const title = `${deed === 'refund' ? t('deed.refund', { amount: money(task.amount) }) : t(`deed.${deed}`)}`;
  return (
    <Sheet title={title} onClose={onClose} testid="decide-sheet">
      <p class="soft">{money(task.amount)}{task.memo && ` · ${task.memo}`}</p>
      {deed === 'match' && <OrderPick task={task} onTrouble={onTrouble} onPick={(order) => onDecide({ deed, body: { outcome: 'matched', order } })} />}
      {deed === 'banked' && <PersonPick lead={t('deed.banked-who')} roles={['courier', 'farmer', 'cadre', 'admin']} onTrouble={onTrouble}
        onPick={(p) => onDecide({ deed, body: { outcome: 'banked', person: p.id } })} />}
      {deed === 'carrier' && <CarrierPick onTrouble={onTrouble} onPick={(carrier) => onDecide({ deed, body: { outcome: 'carrier', carrier } })} />}
      {(deed === 'refund' || deed === 'seen') && <Reasons task={task} deed={deed}
        onReason={(reason) => onDecide(deed === 'refund' ? { deed, reason } : { deed, body: { outcome: 'seen', reason } })} />}
    </Sheet>
  );
}

function CarrierPick({ onPick, onTrouble }: { onPick(id: number): void; onTrouble(code: string): void }) {
  const [found] = useAnswer<{ carriers: Carrier[] }>('/carriers', onTrouble);
  if (found?.carriers.length === 0) return <p>{t('carrier.none')}</p>;
  return (
    <ul class="picks">{(found?.carriers ?? []).map((c) => (
      <li key={c.id}><button type="button" class="quiet" data-testid={`pick-carrier-${c.id}`} onClick={() => onPick(c.id)}>{c.name}<small>{t('carrier.owes')} {money(c.balance)}</small></button></li>
    ))}</ul>
  );
}

/** A usual reason is one tap and done; anything else is written. */
function Reasons({ task, deed, onReason }: { task: Task; deed: Deed; onReason(reason: string): void }) {
  const [own, setOwn] = useState('');
  return (
    <form class="order-form" onSubmit={(e) => { e.preventDefault(); if (own.trim()) onReason(own.trim()); }}>
      <div class="reasons" role="group" aria-label={t('reason.why')}>
        {reasonsFor(task, deed).map((key, i) => (
          <button key={key} type="button" class="chip" data-testid={`why-${i + 1}`} onClick={() => onReason(t(key))}>{t(key)}</button>
        ))}
      </div>
      <label class="field"><span>{t('why.other')}</span>
        <textarea data-testid="why-own" rows={2} maxLength={300} value={own} onInput={(e) => setOwn(e.currentTarget.value)} /></label>
      <button type="submit" class="primary big" data-testid="why-send" disabled={!own.trim()}>{t('why.send')}</button>
    </form>
  );
}
