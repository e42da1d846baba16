// order-pick.tsx: choosing the order some money is for: those the market suggests, or a code typed in. Each card shows
// whose order it is before anything is booked.
import { useState } from 'preact/hooks';
import { get, type Problem } from '../shared/api.ts';
import { money } from '../shared/money.ts';
import { t } from '../shared/text.ts';
import { moment } from '../shared/time.ts';
import type { Order } from '../shared/types.ts';
import { useAnswer } from './load.ts';
import type { PaymentAnswer, Suggestion, Task } from './types.ts';

async function look(code: string): Promise<Suggestion> {
  const path = `/orders/${encodeURIComponent(code)}`;
  const [{ order }, { payment }] = await Promise.all([get<{ order: Order }>(path), get<PaymentAnswer>(`${path}/payment`)]);
  return { order: order.code, name: order.name, stall_name: order.stall_name, placed_at: order.placed_at, total: order.total, due: payment.due, why: 'code' };
}

export function OrderPick({ task, onPick, onTrouble }: { task: Task; onPick(code: string): void; onTrouble(code: string): void }) {
  const [suggested] = useAnswer<{ suggestions: Suggestion[] }>(`/payment-tasks/${task.id}/suggestions`, onTrouble);
  const [typed, setTyped] = useState<Suggestion[]>([]);
  const [code, setCode] = useState('');
  const find = async () => {
    try {
      const found = await look(code.trim().toUpperCase());
      setTyped((list) => [found, ...list.filter((f) => f.order !== found.order)]);
    } catch (e) {
      onTrouble((e as Problem).actCode);
    }
  };
  const cards = [...typed, ...(suggested?.suggestions ?? []).filter((s) => !typed.some((f) => f.order === s.order))];
  return (
    <>
      <form class="order-form pick-form" onSubmit={(e) => { e.preventDefault(); if (code.trim()) void find(); }}>
        <label class="field"><span>{t('task.code')}</span>
          <input data-testid="pick-code" maxLength={24} autoComplete="off" autoCapitalize="characters" value={code} onInput={(e) => setCode(e.currentTarget.value)} /></label>
        <button type="submit" class="quiet" data-testid="pick-look" disabled={!code.trim()}>{t('task.look')}</button>
      </form>
      <ul class="tasks">{cards.map((s) => (
        <li key={s.order} class="task" data-testid={`pick-${s.order}`} data-why={s.why}>
          <p><strong>{s.order}</strong> · {s.name}</p>
          <p class="soft">{s.stall_name} · {moment(s.placed_at, Date.now())}</p>
          <p>{t('task.due', { total: money(s.total), due: money(s.due) })}</p>
          {s.why !== 'code' && <p class="task-near">{t(`task.why-${s.why}`)}</p>}
          <button type="button" class={s.due === task.amount ? 'primary' : 'quiet'} data-testid={`pick-yes-${s.order}`} onClick={() => onPick(s.order)}>{t('task.is-order', { code: s.order })}</button>
        </li>
      ))}</ul>
    </>
  );
}
