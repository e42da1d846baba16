// order-pick.tsx: choosing the order some money is for: the likely ones as cards, or a code typed in. The card shows
// whose order it is before anything is booked.
import { useEffect, useState } from 'preact/hooks';
import { get, type Problem } from '../shared/api.ts';
import { money } from '../shared/money.ts';
import { t } from '../shared/text.ts';
import type { Order } from '../shared/types.ts';
import type { PaymentAnswer, Task } from './types.ts';
import { nearCodes } from './tasks.ts';

interface Found { order: Order; due: number }

async function look(code: string): Promise<Found> {
  const [{ order }, { payment }] = await Promise.all([get<{ order: Order }>(`/orders/${code}`), get<PaymentAnswer>(`/orders/${code}/payment`)]);
  return { order, due: payment.due };
}

export function OrderPick({ task, onPick, onTrouble }: { task: Task; onPick(code: string): void; onTrouble(code: string): void }) {
  const [found, setFound] = useState<Found[]>([]);
  const [code, setCode] = useState('');
  const add = async (one: string) => {
    try {
      const next = await look(one);
      setFound((list) => [next, ...list.filter((f) => f.order.code !== next.order.code)]);
    } catch (e) {
      onTrouble((e as Problem).code);
    }
  };
  useEffect(() => { for (const one of nearCodes(task).slice(0, 4)) void add(one); }, []);
  return (
    <>
      <form class="order-form pick-form" onSubmit={(e) => { e.preventDefault(); if (code.trim()) void add(encodeURIComponent(code.trim().toUpperCase())); }}>
        <label class="field"><span>{t('task.code')}</span>
          <input data-testid="pick-code" maxLength={24} autoComplete="off" autoCapitalize="characters" value={code} onInput={(e) => setCode(e.currentTarget.value)} /></label>
        <button type="submit" class="quiet" data-testid="pick-look" disabled={!code.trim()}>{t('task.look')}</button>
      </form>
      <ul class="tasks">{found.map(({ order, due }) => (
        <li key={order.code} class="task" data-testid={`pick-${order.code}`}>
          <p><strong>{order.code}</strong> · {order.name} · {order.stall_name}</p>
          <p>{t('task.due', { total: money(order.total), due: money(due) })}</p>
          <button type="button" class={due === task.amount ? 'primary' : 'quiet'} data-testid={`pick-yes-${order.code}`} onClick={() => onPick(order.code)}>{t('task.is-order', { code: order.code })}</button>
        </li>
      ))}</ul>
    </>
  );
}
