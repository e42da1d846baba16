// cash-bounds.tsx: how far a telephone number is driven to for cash: what counts now, what did, and (for an admin) other bounds.
import { useRef, useState } from 'preact/hooks';
import { post, type Problem } from '../shared/api.ts';
import { newKey } from '../shared/key.ts';
import { groups, money, readMoney } from '../shared/money.ts';
import { errorText, t } from '../shared/text.ts';
import { moment } from '../shared/time.ts';
import { Notice, Sheet } from '../shared/ui/parts.tsx';
import { useAnswer } from './load.ts';
import type { TabProps } from './office.tsx';
import type { CashBound, CashRules } from './types.ts';

/** A whole number of `most` at the most; null when it is none. Pure. */
export function readWhole(text: string, least: number, most: number): number | null {
  const said = /^\d{1,9}$/.test(text.trim()) ? Number(text) : null;
  return said !== null && said >= least && said <= most ? said : null;
}

/** What one number may owe; "0": nothing, everything is paid first. Pure. */
export function readOwed(text: string): number | null {
  return text.trim() === '0' ? 0 : readMoney(text);
}

export function CashBounds({ me, onTrouble, onTold }: TabProps) {
  const [found, load] = useAnswer<{ bounds: CashBound[] }>('/cash-bounds', onTrouble);
  const [setting, setSetting] = useState(false);
  const [now, ...past] = found?.bounds ?? [];
  if (!now) return null;
  return (
    <section class="block" data-testid="cash-bounds" data-owed={now.owed_max}>
      <h2>{t('bounds.title')}</h2>
      <p class="soft">{t('bounds.lead')}</p>
      <ul class="tasks"><li class="task"><Bound bound={now} /></li></ul>
      {me.roles.includes('admin') && <button type="button" class="quiet wide-button" data-testid="bounds-change" onClick={() => setSetting(true)}>{t('bounds.change')}</button>}
      {past.length > 0 && (
        <details data-testid="bounds-past"><summary>{t('bounds.past')}</summary>
          <ul class="tasks">{past.map((b) => <li key={b.made_at} class="task"><Bound bound={b} /></li>)}</ul></details>
      )}
      {setting && <BoundsSheet now={now} onClose={() => setSetting(false)} onDone={() => { setSetting(false); onTold(t('bounds.set')); void load(); }} />}
    </section>
  );
}

function Bound({ bound }: { bound: CashBound }) {
  return (
    <>
      <p>{t('bounds.refusals', { n: bound.refusals, days: bound.days })}</p>
      <p>{bound.owed_max ? t('bounds.owed', { max: money(bound.owed_max) }) : t('bounds.owed-none')}</p>
      {bound.made_by !== null && bound.made_at !== null && <p class="soft">{t('tax.by', { name: bound.made_by })} · {moment(bound.made_at, Date.now())}</p>}
    </>
  );
}

/** The key stays until the market has answered for good: a lost answer never becomes a second setting. */
function BoundsSheet({ now, onDone, onClose }: { now: CashRules; onDone(): void; onClose(): void }) {
  const tried = useRef<{ key: string; content: string } | null>(null);
  const [refusals, setRefusals] = useState(String(now.refusals));
  const [days, setDays] = useState(String(now.days));
  const [owed, setOwed] = useState(groups(now.owed_max));
  const [wrong, setWrong] = useState<string | null>(null);
  const content = { refusals: readWhole(refusals, 1, 50), days: readWhole(days, 1, 730), owed_max: readOwed(owed) };
  const fine = Object.values(content).every((v) => v !== null);
  const send = async (e: Event) => {
    e.preventDefault();
    const said = JSON.stringify(content);
    if (tried.current?.content !== said) tried.current = { key: newKey(), content: said };
    try {
      await post('/cash-bounds', { key: tried.current.key, ...content });
      onDone();
    } catch (problem) {
      if (!(problem as Problem).passing) tried.current = null;
      setWrong(errorText((problem as Problem).actCode));
    }
  };
  const field = (id: 'refusals' | 'days' | 'owed_max', text: string, set: (text: string) => void) => (
    <label class="field"><span>{t(`bounds.field-${id}`)}</span>
      <input data-testid={`bounds-${id}`} inputMode="numeric" autoComplete="off" maxLength={14} value={text} aria-invalid={content[id] === null}
        onInput={(e) => set(e.currentTarget.value)} /></label>
  );
  return (
    <Sheet title={t('bounds.change')} onClose={onClose} testid="bounds-sheet">
      <form class="order-form" onSubmit={(e) => void send(e)}>
        <Notice text={wrong} tone="bad" />
        {field('refusals', refusals, setRefusals)}
        {field('days', days, setDays)}
        {field('owed_max', owed, setOwed)}
        <p class="soft">{t('bounds.promise')}</p>
        <button type="submit" class="primary big" data-testid="bounds-save" disabled={!fine}>{t('bounds.save')}</button>
      </form>
    </Sheet>
  );
}
