// statement.tsx: what a farmer earned, was paid and is still owed: on the screen, on paper, as a table for a spreadsheet.
// The farmer reads; the office may mark a payout.
import { useState } from 'preact/hooks';
import { money } from '../shared/money.ts';
import { errorText, t, type Key } from '../shared/text.ts';
import { day, moment } from '../shared/time.ts';
import type { Person } from '../shared/types.ts';
import { Notice, Shell, type Tone } from '../shared/ui/parts.tsx';
import { useAnswer } from './load.ts';
import { PayeeLines } from './payee.tsx';
import { PayoutSheet } from './payout.tsx';
import { percent } from './percent.ts';
import { monthOf, periodQuery, type Period } from './period.ts';
import { saveFile } from './picture.ts';
import type { Payee, Settlement, SettlementRow } from './types.ts';

const CHOICES: readonly { name: 'month' | 'last' | 'all'; period(): Period }[] = [
  { name: 'month', period: () => monthOf(Date.now(), 0) }, { name: 'last', period: () => monthOf(Date.now(), 1) }, { name: 'all', period: () => ({ from: 0, to: null }) },
];
const KINDS = ['charge', 'adjust', 'reverse', 'payout', 'direct'];

export function StatementPage({ me, office }: { me: Person; office: boolean }) {
  const asked = Number(new URLSearchParams(location.search).get('person')) || null;
  const id = office && asked ? asked : me.id;
  const [choice, setChoice] = useState(CHOICES[0]!);
  const [told, setTold] = useState<{ text: string; tone: Tone } | null>(null);
  const [paying, setPaying] = useState(false);
  const trouble = (code: string) => setTold({ text: errorText(code), tone: 'bad' });
  const [found, load] = useAnswer<{ settlement: Settlement; csv: string }>(`/people/${id}/settlement${periodQuery(choice.period())}`, trouble);
  const [people] = useAnswer<{ people: Person[] }>(office && id !== me.id ? '/people' : null, trouble);
  const name = id === me.id ? me.name : people?.people.find((p) => p.id === id)?.name ?? '';
  const s = found?.settlement;
  const save = () => saveFile(new Blob([found!.csv], { type: 'text/csv;charset=utf-8' }), `cho-nuong-${id}-${day(Date.now()).replaceAll('/', '-')}.csv`);
  return (
    <Shell say={s ? t('st.say', { earned: money(s.earned), paid: money(s.paid), payable: money(s.payable) }) : undefined}>
      <h1>{t('st.title')}</h1>
      <p class="st-name" data-testid="st-name">{name}</p>
      <Notice text={told?.text ?? null} tone={told?.tone} onClose={() => setTold(null)} />
      <div class="chips no-print" role="group" aria-label={t('st.period')}>
        {CHOICES.map((c) => <button key={c.name} type="button" class="chip" data-testid={`period-${c.name}`} aria-pressed={choice.name === c.name} onClick={() => setChoice(c)}>{t(`st.${c.name}`)}</button>)}
      </div>
      <p class="only-print">{t(`st.${choice.name}`)} · {t('st.printed', { time: moment(Date.now(), 0) })}</p>
      {s && <Figures s={s} />}
      {office && me.roles.includes('admin') && s && s.payable > 0 && <button type="button" class="primary wide-button no-print" data-testid="payout" onClick={() => setPaying(true)}>{t('st.pay', { amount: money(s.payable) })}</button>}
      {s && <Rows s={s} />}
      {s && <Tax s={s} />}
      {found && (
        <div class="st-acts no-print">
          <button type="button" class="quiet" data-testid="print" onClick={() => window.print()}>{t('st.print')}</button>
          <button type="button" class="quiet" data-testid="csv" onClick={save}>{t('st.csv')}</button>
        </div>
      )}
      {id === me.id && (me.stalls ?? []).map((slug) => <OwnPayee key={slug} slug={slug} onTrouble={trouble} />)}
      <p class="only-print st-sign">{t('st.sign')}</p>
      {paying && s && <PayoutSheet farmer={id} name={name} payable={s.payable} onTrouble={trouble} onClose={() => setPaying(false)}
        onDone={() => { setPaying(false); setTold({ text: t('st.paid-marked'), tone: 'ok' }); void load(); }} />}
    </Shell>
  );
}

function Figures({ s }: { s: Settlement }) {
  const figures: [Key, number, string][] = [['st.earned', s.earned, 'earned'], ['st.paid', s.paid, 'paid'], ['st.payable', s.payable, 'payable']];
  if (s.taken_back > 0) figures.splice(1, 0, ['st.taken-back', s.taken_back, 'taken-back']);
  return (
    <>
      <dl class="figures big-figures">
        {figures.map(([key, amount, mark]) => <div key={key} class={mark === 'payable' ? 'open' : ''}><dt>{t(key)}</dt><dd data-testid={`st-${mark}`} data-dong={amount}>{money(amount)}</dd></div>)}
      </dl>
      {s.clawback > 0 && <p class="pay-note" data-testid="st-clawback">{t('st.clawback', { amount: money(s.clawback) })}</p>}
    </>
  );
}

function Rows({ s }: { s: Settlement }) {
  if (s.rows.length === 0) return <p class="soft" data-testid="st-empty">{t('st.empty')}</p>;
  return (
    <div class="st-scroll" role="region" aria-label={t('st.title')} tabIndex={0}><table class="st-rows" data-testid="st-rows">
      <caption class="hidden">{t('st.title')}</caption>
      <thead><tr><th scope="col">{t('st.when')}</th><th scope="col" class="sum">{t('pay.amount')}</th><th scope="col" class="sum">{t('st.balance')}</th></tr></thead>
      <tbody>
        {s.opening !== 0 && <tr><th scope="row">{t('st.opening')}</th><td /><td class="sum">{money(s.opening)}</td></tr>}
        {s.rows.map((row, i) => <Row key={i} row={row} />)}
      </tbody>
      <tfoot><tr><th scope="row">{t('st.closing')}</th><td /><td class="sum">{money(s.closing)}</td></tr></tfoot>
    </table></div>
  );
}

function Row({ row }: { row: SettlementRow }) {
  const kind = t((KINDS.includes(row.kind) ? `st.kind-${row.kind}` : 'st.kind-other') as Key);
  return (
    <tr data-kind={row.kind}>
      <th scope="row">{kind}{row.order && ` ${row.order}`}<small>{moment(row.at, Date.now())}{row.words && ` · ${row.words}`}</small></th>
      <td class={`sum ${row.amount < 0 ? 'minus' : 'plus'}`}>{row.amount > 0 && '+'}{money(row.amount)}</td>
      <td class="sum">{money(row.balance)}</td>
    </tr>
  );
}

function Tax({ s }: { s: Settlement }) {
  const lines = s.tax.filter((x) => x.amount !== 0);
  if (lines.length === 0) return null;
  return (
    <section class="block" data-testid="st-tax">
      <h2>{t('st.tax')}</h2>
      {lines.map((x) => <p key={`${x.kind}-${x.since}`}>{t(`st.tax-${x.kind}`, { amount: money(x.amount), vat: money(x.vat), income: money(x.income) })} <small>{t('st.tax-rate', { vat: percent(x.vat_points), income: percent(x.income_points) })}</small></p>)}
    </section>
  );
}

/** A farmer sees where buyers pay to, and cannot change it: nobody changes a payout account alone. */
function OwnPayee({ slug, onTrouble }: { slug: string; onTrouble(code: string): void }) {
  const [found] = useAnswer<{ payee: Payee }>(`/stalls/${slug}/payee`, onTrouble);
  if (!found) return null;
  return <section class="block" data-testid={`own-payee-${slug}`}><h2>{t('payee.mine')}</h2><PayeeLines payee={found.payee} /><p class="soft no-print">{t('payee.ask')}</p></section>;
}
