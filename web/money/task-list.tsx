// task-list.tsx: the queues: each item says what is known of it and offers what may become of it.
import { useEffect, useState } from 'preact/hooks';
import type { Problem } from '../shared/api.ts';
import { money } from '../shared/money.ts';
import { postOnce } from '../shared/once.ts';
import { phoneText } from '../shared/phone.ts';
import { t } from '../shared/text.ts';
import { moment } from '../shared/time.ts';
import { Icon } from '../shared/ui/icons.tsx';
import { Opening } from '../shared/ui/parts.tsx';
import { DecideSheet, type Decision } from './decide.tsx';
import { useAnswer } from './load.ts';
import type { TabProps } from './office.tsx';
import { PayRefundSheet } from './refund-sheet.tsx';
import { deedsOf, grouped, knownKind, nearCodes, type Deed } from './tasks.ts';
import type { Refund, Task } from './types.ts';

const LOOK_MS = 15_000;

export function Tasks({ me, onTrouble, onTold, onCount }: TabProps & { onCount(n: number): void }) {
  const [found, load] = useAnswer<{ tasks: Task[] }>('/payment-tasks', onTrouble, LOOK_MS);
  const [granted, loadRefunds] = useAnswer<{ refunds: Refund[] }>('/refunds?state=granted', onTrouble, LOOK_MS);
  const [asking, setAsking] = useState<{ task: Task; deed: Deed } | null>(null);
  const [paying, setPaying] = useState<Refund | null>(null);
  const tasks = (found?.tasks ?? []).filter((x) => knownKind(x.kind));
  const refunds = granted?.refunds ?? [];
  useEffect(() => { if (found) onCount(tasks.length); }, [tasks.length, found]);

  const decide = async (task: Task, decision: Decision) => {
    setAsking(null);
    try {
      if (decision.deed === 'refund') await postOnce(`/orders/${task.order}/refunds`, { amount: task.amount, reason: decision.reason });
      else await postOnce(`/payment-tasks/${task.id}`, decision.body);
      onTold(t('task.done'));
    } catch (e) {
      onTrouble((e as Problem).actCode);
    }
    await Promise.all([load(), loadRefunds()]);
  };

  return (
    <>
      {!found && <Opening />}
      {found && tasks.length === 0 && refunds.length === 0 && <p class="all-clear" data-testid="all-clear"><Icon name="check" />{t('task.none')}</p>}
      {grouped(tasks).map(([kind, list]) => (
        <section key={kind} class="block" data-testid={`queue-${kind}`}>
          <h2>{t(`task.${kind}`)}<span class="count">{list.length}</span></h2>
          <p class="soft">{t(`task.${kind}-what`)}</p>
          <ul class="tasks">{list.map((task) => <TaskCard key={task.id} task={task} onDeed={(deed) => setAsking({ task, deed })}
            onMatch={(order) => void decide(task, { deed: 'match', body: { outcome: 'matched', order } })}
            onSame={() => void decide(task, { deed: 'same', body: { outcome: 'joined' } })} />)}</ul>
        </section>
      ))}
      {refunds.length > 0 && (
        <section class="block" data-testid="queue-refunds">
          <h2>{t('refund.title')}<span class="count">{refunds.length}</span></h2>
          <p class="soft">{t('refund.what')}</p>
          <ul class="tasks">{refunds.map((r) => (
            <li key={r.id} class="task" data-testid={`refund-${r.id}`}>
              <p class="task-sum">{money(r.amount)}</p>
              <p><a href={`/orders/${r.order}`}>{r.order}</a> · {r.name} · {phoneText(r.phone)}</p>
              <p class="soft">{r.reason} · {t('refund.granted-by', { name: r.granted_by })}</p>
              {me.roles.includes('admin') ? <button type="button" class="primary" data-testid={`refund-pay-${r.id}`} onClick={() => setPaying(r)}>{t('refund.pay')}</button>
                : <p class="soft">{t('refund.admin-pays')}</p>}
            </li>
          ))}</ul>
        </section>
      )}
      {asking && <DecideSheet task={asking.task} deed={asking.deed} onTrouble={onTrouble} onClose={() => setAsking(null)} onDecide={(d) => void decide(asking.task, d)} />}
      {paying && <PayRefundSheet refund={paying} onClose={() => setPaying(null)} onDone={() => { setPaying(null); onTold(t('refund.paid')); void loadRefunds(); }} />}
    </>
  );
}

interface CardProps { task: Task; onDeed(deed: Deed): void; onMatch(order: string): void; onSame(): void }

function TaskCard({ task, onDeed, onMatch, onSame }: CardProps) {
  const near = task.kind === 'unmatched' ? nearCodes(task) : [];
  return (
    <li class="task" data-testid={`task-${task.id}`} data-kind={task.kind}>
      <p class="task-sum">{task.kind === 'under' ? t('task.under-sum', { sum: money(task.amount) }) : money(task.amount)}</p>
      <p>{moment(task.paid_at ?? task.made_at, Date.now())}{task.order && <> · <a href={`/orders/${task.order}`}>{task.order}</a></>}{task.payer && ` · ${task.payer}`}</p>
      {task.memo && <p class="task-memo">{task.memo}</p>}
      {task.reference && <p class="soft">{t('task.reference', { reference: task.reference })}</p>}
      {near.length > 0 && <p class="task-near">{t('task.near')}</p>}
      <div class="task-acts">
        {near.slice(0, 3).map((code) => (
          <button key={code} type="button" class="primary" data-testid={`match-${task.id}-${code}`} onClick={() => onMatch(code)}><Icon name="check" />{t('task.is-order', { code })}</button>
        ))}
        {deedsOf(task).map((deed) => (
          <button key={deed} type="button" class={near.length === 0 && deed === deedsOf(task)[0] ? 'primary' : 'quiet'} data-testid={`${deed}-${task.id}`}
            onClick={() => (deed === 'same' ? onSame() : onDeed(deed))}>
            {deed === 'refund' ? t('deed.refund', { amount: money(task.amount) }) : t(deed === 'match' && near.length > 0 ? 'deed.match-other' : `deed.${deed}`)}</button>
        ))}
      </div>
    </li>
  );
}
