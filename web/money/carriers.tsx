// carriers.tsx: delivery companies that collect at the door: what each owes, orders handed to it, its lists brought in, and
// by day what was to be expected, what it says it collected and what it paid on. What does not fit is shown first.
import { useRef, useState } from 'preact/hooks';
import { ask, post, type Problem } from '../shared/api.ts';
import { newKey } from '../shared/key.ts';
import { groups, money, readMoney } from '../shared/money.ts';
import { errorText, t, type Key } from '../shared/text.ts';
import { moment } from '../shared/time.ts';
import { Icon } from '../shared/ui/icons.tsx';
import { Notice, Sheet } from '../shared/ui/parts.tsx';
import { useAnswer } from './load.ts';
import type { TabProps } from './office.tsx';
import { dayOf } from './percent.ts';
import { base64 } from './statement-words.ts';
import type { Carrier, CarrierReport, ListCounts } from './types.ts';

const DAYS_MS = 31 * 24 * 3600_000;
const FILE_MAX = 700_000;
const SEND_MS = 60_000;

export function Carriers({ me, onTrouble, onTold }: TabProps) {
  const [found, load] = useAnswer<{ carriers: Carrier[] }>('/carriers', onTrouble);
  const [adding, setAdding] = useState(false);
  return (
    <section class="block">
      <h2>{t('carrier.title')}</h2>
      <p class="soft">{t('carrier.lead')}</p>
      <ul class="tasks">{(found?.carriers ?? []).map((c) => <CarrierCard key={c.id} carrier={c} admin={me.roles.includes('admin')} onTrouble={onTrouble} onTold={onTold} onChange={() => void load()} />)}</ul>
      <button type="button" class="quiet wide-button" data-testid="carrier-add" onClick={() => setAdding(true)}><Icon name="plus" />{t('carrier.add')}</button>
      {adding && <OneField title={t('carrier.add')} labels={[t('carrier.name'), t('carrier.phone'), t('carrier.link')]} optional={[1, 2]} testid="carrier-sheet" save={t('carrier.save')} onClose={() => setAdding(false)}
        onSave={async ([name, phone, link], key) => { await post('/carriers', { key, name, phone, link }); setAdding(false); onTold(t('carrier.added')); void load(); }} />}
    </section>
  );
}

interface CardProps { carrier: Carrier; admin: boolean; onTrouble(code: string): void; onTold(words: string): void; onChange(): void }

function CarrierCard({ carrier, admin, onTrouble, onTold, onChange }: CardProps) {
  const [report, load] = useAnswer<{ report: CarrierReport }>(`/carriers/${carrier.id}?from=${Math.floor((Date.now() - DAYS_MS) / 86_400_000) * 86_400_000}`, onTrouble);
  const [sheet, setSheet] = useState<'hand' | 'edit' | 'away' | { back: string } | null>(null);
  const done = (words: string) => { setSheet(null); onTold(words); changed(); };
  const [words, setWords] = useState<{ good: boolean; lines: string[] } | null>(null);
  const [busy, setBusy] = useState(false);
  const changed = () => { onChange(); void load(); };
  const bring = async (file: File | undefined) => {
    if (!file) return;
    if (file.size > FILE_MAX) return setWords({ good: false, lines: [t('import.bad-too-big')] });
    setBusy(true);
    setWords(null);
    try {
      const bytes = new Uint8Array(await file.arrayBuffer());
      const { counts } = await ask<{ counts: ListCounts }>('POST', `/carriers/${carrier.id}/lists`, { key: newKey(), file: base64(bytes) }, SEND_MS);
      setWords({ good: counts.unknown + counts.changed === 0, lines: listWords(counts) });
      changed();
    } catch (e) {
      const { code, field, extras } = e as Problem;
      if (code === 'bad-field' && field === 'file') setWords({ good: false, lines: [refusalWords(extras as { reason?: string; row?: number })] });
      else onTrouble((e as Problem).actCode);
    }
    setBusy(false);
  };
  const { days = [], differences = [] } = report?.report ?? {};
  return (
    <li class="task" data-testid={`carrier-${carrier.id}`}>
      <p><strong>{carrier.name}</strong></p>
      <dl class="figures">
        <div class={carrier.balance !== 0 ? 'open' : ''}><dt>{t('carrier.owes')}</dt><dd data-testid={`carrier-owes-${carrier.id}`}>{money(carrier.balance)}</dd></div>
        <div><dt>{t('carrier.under-way')}</dt><dd>{carrier.under_way}</dd></div>
      </dl>
      <button type="button" class="quiet" data-testid={`carrier-hand-${carrier.id}`} onClick={() => setSheet('hand')}>{t('carrier.hand')}</button>
      <button type="button" class="quiet" data-testid={`carrier-edit-${carrier.id}`} onClick={() => setSheet('edit')}>{t('edit')}</button>
      {admin && carrier.balance !== 0 && <button type="button" class="quiet" data-testid={`carrier-away-${carrier.id}`} onClick={() => setSheet('away')}>{t('carrier.away')}</button>}
      <label class={`quiet file-button wide-button ${busy ? 'off' : ''}`}>{busy ? t('sending') : t('carrier.bring')}
        <input type="file" data-testid={`carrier-file-${carrier.id}`} accept=".csv,.xlsx,.txt,text/csv" disabled={busy}
          onChange={(e) => { const input = e.currentTarget; void bring(input.files?.[0]).then(() => { input.value = ''; }); }} /></label>
      <div role="status" data-testid={`carrier-result-${carrier.id}`} class={words ? `result ${words.good ? 'ok' : 'warn'}` : ''}>
        {words && <ul>{words.lines.map((line) => <li key={line}>{line}</li>)}</ul>}
      </div>
      {differences.length > 0 && (
        <><h3 class="task-near">{t('carrier.differences')}</h3>
          <ul class="plain-list">{differences.map((d) => (
            <li key={d.tracking} data-testid={`difference-${d.tracking}`} data-what={d.what}>
              <strong>{d.tracking}</strong>{d.order && <> · <a href={`/orders/${d.order}`}>{d.order}</a></>}<br />
              {t(`carrier.what-${d.what}` as Key, { expected: money(d.expected), collected: money(d.collected) })} · <span class="soft">{moment(d.at, Date.now())}</span>
              {d.what === 'waiting' && <button type="button" class="quiet wide-button" data-testid={`back-${d.tracking}`} onClick={() => setSheet({ back: d.tracking })}>{t('carrier.back')}</button>}
            </li>))}</ul></>
      )}
      {days.slice().reverse().map((d) => (
        <div key={d.day} data-testid={`carrier-day-${carrier.id}-${d.day}`}>
          <p class="soft">{dayOf(d.day)}</p>
          <dl class="figures four">
            <div><dt>{t('cash.expected')}</dt><dd>{money(d.expected)}</dd></div>
            <div><dt>{t('cash.collected')}</dt><dd>{money(d.collected)}</dd></div>
            <div><dt>{t('carrier.fees')}</dt><dd>{money(d.fees)}</dd></div>
            <div><dt>{t('carrier.paid-on')}</dt><dd>{money(d.remitted)}</dd></div>
          </dl>
        </div>
      ))}
      {sheet === 'hand' && <OneField title={t('carrier.hand')} labels={[t('task.code'), t('carrier.tracking')]} testid="parcel-sheet" save={t('carrier.hand')} onClose={() => setSheet(null)}
        onSave={async ([order, tracking], key) => { await post(`/carriers/${carrier.id}/parcels`, { key, order, tracking }); done(t('carrier.handed', { order: order!.toUpperCase() })); }} />}
      {sheet === 'edit' && <OneField title={carrier.name} labels={[t('carrier.name'), t('carrier.phone'), t('carrier.link')]} values={[carrier.name, carrier.phone, carrier.link]} optional={[1, 2]} testid="carrier-form" save={t('carrier.keep')} onClose={() => setSheet(null)}
        onSave={async ([name, phone, link], key) => { await post('/carriers', { key, id: carrier.id, name, phone, link, state: carrier.state }); done(t('carrier.kept')); }} />}
      {sheet === 'away' && <OneField title={t('carrier.away')} lead={t(carrier.balance > 0 ? 'carrier.away-owes' : 'carrier.away-owed', { amount: money(Math.abs(carrier.balance)) })} labels={[t('pay.amount'), t('carrier.why')]}
        values={[groups(Math.abs(carrier.balance)), '']} fits={([text]) => (readMoney(text!) ?? Infinity) <= Math.abs(carrier.balance)} testid="away-sheet" save={t('carrier.away')} onClose={() => setSheet(null)}
        onSave={async ([text, reason], key) => { await post(`/carriers/${carrier.id}/differences`, { key, amount: Math.sign(carrier.balance) * readMoney(text!)!, reason }); done(t('carrier.away-done')); }} />}
      {sheet !== null && typeof sheet === 'object' && <OneField title={t('carrier.back')} lead={t('carrier.back-lead', { tracking: sheet.back })} labels={[]} testid="back-sheet" save={t('carrier.back-yes')} onClose={() => setSheet(null)}
        onSave={async (_, key) => { await post(`/carriers/${carrier.id}/returns`, { key, tracking: sheet.back }); done(t('carrier.back-done')); }} />}
    </li>
  );
}

function listWords(c: ListCounts): string[] {
  return (['booked', 'known', 'changed', 'unknown'] as const).filter((k) => c[k] > 0 || (k === 'booked' && c.known === 0)).map((k) => t(`carrier.list-${k}`, { n: c[k] }));
}

const LIST_REASONS = ['no-header', 'mixed-amounts', 'bad-row', 'row-twice', 'too-many-rows', 'no-rows'] as const;

function refusalWords({ reason, row }: { reason?: string; row?: number }): string {
  const known = LIST_REASONS.find((r) => r === reason);
  return known ? t(`carrier.bad-${known}`, { row: row ?? 0 }) : t('carrier.bad-file');
}

interface FieldProps {
  title: string; lead?: string; labels: string[]; values?: string[]; optional?: number[]; testid: string; save: string;
  fits?(values: string[]): boolean; onSave(values: string[], key: string): Promise<void>; onClose(): void;
}

/** The key stays while the content does and no answer has come: what was lost on the way is not done twice. */
function OneField({ title, lead, labels, values: before, optional = [], testid, save, fits = () => true, onSave, onClose }: FieldProps) {
  const tried = useRef<{ key: string; content: string } | null>(null);
  const [values, setValues] = useState(() => before ?? labels.map(() => ''));
  const [busy, setBusy] = useState(false);
  const [wrong, setWrong] = useState<string | null>(null);
  const send = async (e: Event) => {
    e.preventDefault();
    setBusy(true);
    setWrong(null);
    const clean = values.map((v) => v.trim()), content = JSON.stringify(clean);
    if (tried.current?.content !== content) tried.current = { key: newKey(), content };
    try {
      await onSave(clean, tried.current.key);
    } catch (problem) {
      if (!(problem as Problem).passing) tried.current = null;
      const { code, extras } = problem as Problem;
      const why = (['not-confirmed', 'order-closed', 'with-carrier', 'on-a-trip', 'closed', 'cod-refusals', 'cod-cap'] as const).find((r) => r === extras.reason);
      setWrong(why ? t(`carrier.no-${why}`) : code === 'not-found' ? t('carrier.no-order') : errorText((problem as Problem).actCode));
      setBusy(false);
    }
  };
  return (
    <Sheet title={title} onClose={onClose} testid={testid}>
      <form class="order-form" onSubmit={(e) => void send(e)}>
        <Notice text={wrong} tone="bad" />
        {lead && <p>{lead}</p>}
        {labels.map((label, i) => (
          <label key={label} class="field"><span>{label}</span>
            <input data-testid={`${testid}-${i}`} maxLength={200} autoComplete="off" value={values[i]} onInput={(e) => setValues(values.map((v, at) => (at === i ? e.currentTarget.value : v)))} /></label>
        ))}
        <button type="submit" class="primary big" data-testid={`${testid}-save`} disabled={busy || !fits(values) || values.some((v, i) => !v.trim() && !optional.includes(i))}>{save}</button>
      </form>
    </Sheet>
  );
}
