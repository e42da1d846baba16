// settings.tsx: one's own password and second factor, whether the office must have one, the bounds of cash at the door, and tax rates: which count now, which will, which did, and (for an admin) other ones from a day to come.
import { useRef, useState } from 'preact/hooks';
import { post, type Problem } from '../shared/api.ts';
import { newKey } from '../shared/key.ts';
import { errorText, t, type Key } from '../shared/text.ts';
import { Icon } from '../shared/ui/icons.tsx';
import { NewPassword, useHasPassword } from '../shared/ui/new-password.tsx';
import { Notice, Sheet } from '../shared/ui/parts.tsx';
import { CashBounds } from './cash-bounds.tsx';
import { FactorRule } from './factor-rule.tsx';
import { useAnswer } from './load.ts';
import { MyFactor } from './my-factor.tsx';
import type { TabProps } from './office.tsx';
import { dayOf, percent, readPercent, tomorrow } from './percent.ts';
import type { TaxRate } from './types.ts';

const FIELDS = ['goods_vat', 'goods_income', 'transport_vat', 'transport_income', 'services_vat', 'services_income'] as const;
type Field = (typeof FIELDS)[number];

export function Settings(props: TabProps) {
  return <><MyPassword {...props} /><MyFactor {...props} /><FactorRule {...props} /><CashBounds {...props} /><Rates {...props} /></>;
}

function MyPassword({ onTold }: TabProps) {
  const had = useHasPassword();
  const [set, setSet] = useState(false);
  const [open, setOpen] = useState(false);
  const first = had === false && !set;
  if (had === null) return null;
  return (
    <section class="block" data-testid="my-password">
      <h2>{t('password.title')}</h2>
      {first && <p class="soft" data-testid="password-none">{t('password.none')}</p>}
      <button type="button" class="quiet wide-button" data-testid="password-open" onClick={() => setOpen(true)}>{t(first ? 'password.first' : 'password.change')}</button>
      {open && (
        <Sheet title={t(first ? 'password.first' : 'password.change')} onClose={() => setOpen(false)} testid="new-password-sheet">
          <NewPassword first={first} onDone={() => { setOpen(false); setSet(true); onTold(t('password.done')); }} />
        </Sheet>
      )}
    </section>
  );
}

function Rates({ me, onTrouble, onTold }: TabProps) {
  const [found, load] = useAnswer<{ rates: TaxRate[] }>('/tax-rates', onTrouble);
  const [setting, setSetting] = useState(false);
  const rates = (found?.rates ?? []).filter((r) => r.state !== 'replaced').reverse();
  const now = rates.find((r) => r.state === 'now');
  return (
    <section class="block">
      <h2>{t('tax.title')}</h2>
      <p class="soft">{t('tax.lead')}</p>
      <ul class="tasks">{rates.map((r) => <Rate key={r.from} rate={r} />)}</ul>
      {me.roles.includes('admin') && now && <button type="button" class="quiet wide-button" data-testid="tax-add" onClick={() => setSetting(true)}><Icon name="plus" />{t('tax.add')}</button>}
      {setting && now && <RateSheet now={now} onClose={() => setSetting(false)} onDone={(from) => { setSetting(false); onTold(t('tax.set', { day: dayOf(from) })); void load(); }} />}
    </section>
  );
}

function Rate({ rate }: { rate: TaxRate }) {
  const line = (kind: 'goods' | 'transport' | 'services') => t(`tax.${kind}`, { vat: percent(rate[`${kind}_vat`]), income: percent(rate[`${kind}_income`]) });
  return (
    <li class="task" data-testid={`tax-${rate.from ?? 'law'}`} data-state={rate.state}>
      <p><strong>{rate.from === null ? t('tax.law') : t('tax.from', { day: dayOf(rate.from) })}</strong> · {t(`tax.${rate.state}` as Key)}</p>
      <p>{line('goods')}</p>
      <p>{line('transport')}</p>
      <p>{line('services')}</p>
      {rate.made_by !== null && <p class="soft">{t('tax.by', { name: rate.made_by })}</p>}
    </li>
  );
}

/** The key stays until the market has answered for good: a lost answer never becomes a second setting. */
function RateSheet({ now, onDone, onClose }: { now: TaxRate; onDone(from: string): void; onClose(): void }) {
  const tried = useRef<{ key: string; content: string } | null>(null);
  const first = tomorrow(Date.now());
  const [from, setFrom] = useState(first);
  const [texts, setTexts] = useState<Record<Field, string>>(() => Object.fromEntries(FIELDS.map((f) => [f, percent(now[f])])) as Record<Field, string>);
  const [wrong, setWrong] = useState<string | null>(null);
  const points = FIELDS.map((f) => [f, readPercent(texts[f])] as const);
  const fine = from >= first && points.every(([, p]) => p !== null);
  const send = async (e: Event) => {
    e.preventDefault();
    const content = { from, ...Object.fromEntries(points) };
    const said = JSON.stringify(content);
    if (tried.current?.content !== said) tried.current = { key: newKey(), content: said };
    try {
      await post('/tax-rates', { key: tried.current.key, ...content });
      onDone(from);
    } catch (problem) {
      if (!(problem as Problem).passing) tried.current = null;
      setWrong(errorText((problem as Problem).actCode));
    }
  };
  return (
    <Sheet title={t('tax.add')} onClose={onClose} testid="tax-sheet">
      <form class="order-form" onSubmit={(e) => void send(e)}>
        <Notice text={wrong} tone="bad" />
        <label class="field"><span>{t('tax.first-day')}</span>
          <input data-testid="tax-from" type="date" min={first} required value={from} onInput={(e) => setFrom(e.currentTarget.value)} /></label>
        {FIELDS.map((f) => (
          <label key={f} class="field"><span>{t(`tax.field-${f}`)}</span>
            <input data-testid={`tax-${f}`} inputMode="decimal" autoComplete="off" maxLength={6} value={texts[f]} aria-invalid={readPercent(texts[f]) === null}
              onInput={(e) => setTexts({ ...texts, [f]: e.currentTarget.value })} /></label>
        ))}
        <p class="soft">{t('tax.promise')}</p>
        <button type="submit" class="primary big" data-testid="tax-save" disabled={!fine}>{t('tax.save')}</button>
      </form>
    </Sheet>
  );
}
