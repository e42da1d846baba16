// cash.tsx: cash on its way from the door to the office: what waits for my count, what I hold, and per person and day
// what was taken, handed on and is left.
import { money } from '../shared/money.ts';
import { t } from '../shared/text.ts';
import { useAnswer } from './load.ts';
import type { TabProps } from './office.tsx';
import { Pocket } from './pocket.tsx';
import type { CashDay } from './types.ts';

const DAYS_MS = 14 * 24 * 3600_000;
const LOOK_MS = 15_000;

export function Cash({ me, onTrouble, onTold }: TabProps) {
  const from = Math.floor((Date.now() - DAYS_MS) / 86_400_000) * 86_400_000;
  const [found, load] = useAnswer<{ days: CashDay[] }>(`/cash?from=${from}`, onTrouble, LOOK_MS);
  const days = [...(found?.days ?? [])].reverse();
  return (
    <>
      <Pocket me={me} onTrouble={onTrouble} onTold={onTold} onChange={() => void load()} />
      <section class="block">
        <h2>{t('cash.days')}</h2>
        {found && days.length === 0 && <p class="soft">{t('cash.none')}</p>}
        {days.length > 0 && <CashTable days={days} />}
      </section>
    </>
  );
}

function CashTable({ days }: { days: CashDay[] }) {
  return (
    <ul class="tasks">{days.map((d) => (
      <li key={`${d.day} ${d.person}`} class="task" data-testid={`cash-${d.person}-${d.day}`}>
        <p><strong>{d.name}</strong> · {d.day.split('-').reverse().join('/')}</p>
        <dl class="figures">
          <div><dt>{t('cash.collected')}</dt><dd>{money(d.collected + d.taken_over)}</dd></div>
          <div><dt>{t('cash.remitted')}</dt><dd>{money(d.remitted)}</dd></div>
          <div class={d.balance > 0 ? 'open' : ''}><dt>{t('cash.holds')}</dt><dd>{money(d.balance)}</dd></div>
        </dl>
      </li>
    ))}</ul>
  );
}
