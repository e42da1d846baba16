// cash.tsx: cash on its way from the door to the office: what waits for my count, what I hold, and per person and day
// what was to be expected, was taken, handed on and is left.
import { money } from '../shared/money.ts';
import { t } from '../shared/text.ts';
import { useAnswer } from './load.ts';
import type { TabProps } from './office.tsx';
import { dayLines, type DayLine } from './cash-days.ts';
import { Pocket } from './pocket.tsx';
import type { CashDay, CashExpected } from './types.ts';

const DAYS_MS = 14 * 24 * 3600_000;
const LOOK_MS = 15_000;

export function Cash({ me, onTrouble, onTold }: TabProps) {
  const from = Math.floor((Date.now() - DAYS_MS) / 86_400_000) * 86_400_000;
  const [found, load] = useAnswer<{ days: CashDay[] }>(`/cash?from=${from}`, onTrouble, LOOK_MS);
  const [trips] = useAnswer<{ days: CashExpected[] }>(`/cash/expected?from=${from}`, onTrouble, LOOK_MS);
  const days = dayLines(found?.days ?? [], trips?.days ?? []);
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

function CashTable({ days }: { days: DayLine[] }) {
  return (
    <ul class="tasks">{days.map((d) => (
      <li key={`${d.day} ${d.person}`} class="task" data-testid={`cash-${d.person}-${d.day}`}>
        <p><strong>{d.name}</strong> · {d.day.split('-').reverse().join('/')}{d.stops > 0 && ` · ${t('cash.stops', { n: d.stops })}`}</p>
        <dl class={`figures ${d.expected === null ? '' : 'four'}`}>
          {d.expected !== null && <div><dt>{t('cash.expected')}</dt><dd>{money(d.expected)}</dd></div>}
          <div><dt>{t('cash.collected')}</dt><dd>{money(d.collected)}</dd></div>
          <div><dt>{t('cash.remitted')}</dt><dd>{money(d.remitted)}</dd></div>
          {d.balance !== null && <div class={d.balance > 0 ? 'open' : ''}><dt>{t('cash.holds')}</dt><dd>{money(d.balance)}</dd></div>}
        </dl>
      </li>
    ))}</ul>
  );
}
