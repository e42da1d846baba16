// carriers.tsx: delivery companies that collect at the door: what each owes, orders handed to it, its lists brought in, and
// by day what was to be expected, what it says it collected and what it paid on. What does not fit is shown first.
import { useState } from 'preact/hooks';
import { ask, post, type Problem } from '../shared/api.ts';
import { newKey } from '../shared/key.ts';
import { money } from '../shared/money.ts';
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

export function Carriers({ onTrouble, onTold }: TabProps) {
  const [found, load] = useAnswer<{ carriers: Carrier[] }>('/carriers', onTrouble);
  const [adding, setAdding] = useState(false);
  return (
    <section class="block">
      <h2>{t('carrier.title')}</h2>
      <p class="soft">{t('carrier.lead')}</p>
      <ul class="tasks">{(found?.carriers ?? []).map((c) => <CarrierCard key={c.id} carrier={c} onTrouble={onTrouble} onTold={onTold} onChange={() => void load()} />)}</ul>
      <button type="button" class="quiet wide-button" data-testid="carrier-add" onClick={() => setAdding(true)}><Icon name="plus" />{t('carrier.add')}</button>
      {adding && <OneField title={t('carrier.add')} labels={[t('carrier.name')]} testid="carrier-sheet" save={t('carrier.save')} onClose={() => setAdding(false)}
        onSave={async ([name]) => { await post('/carriers', { key: newKey(), name }); setAdding(false); onTold(t('carrier.added')); void load(); }} />}
    </section>
  );
}

interface CardProps { carrier: Carrier; onTrouble(code: string): void; onTold(words: string): void; onChange(): void }

function CarrierCard({ carrier, onTrouble, onTold, onChange }: CardProps) {
  const [report, load] = useAnswer<{ report: CarrierReport }>(`/carriers/${carrier.id}?from=${Math.floor((Date.now() - DAYS_MS) / 86_400_000) * 86_400_000}`, onTrouble);
  const [handing, setHanding] = useState(false);
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
      else onTrouble(code);
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
      <button type="button" class="quiet" data-testid={`carrier-hand-${carrier.id}`} onClick={() => setHanding(true)}>{t('carrier.hand')}</button>
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
      {handing && <OneField title={t('carrier.hand')} labels={[t('task.code'), t('carrier.tracking')]} testid="parcel-sheet" save={t('carrier.hand')} onClose={() => setHanding(false)}
        onSave={async ([order, tracking]) => { await post(`/carriers/${carrier.id}/parcels`, { key: newKey(), order, tracking }); setHanding(false); onTold(t('carrier.handed', { order: order!.toUpperCase() })); changed(); }} />}
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

interface FieldProps { title: string; labels: string[]; testid: string; save: string; onSave(values: string[]): Promise<void>; onClose(): void }

function OneField({ title, labels, testid, save, onSave, onClose }: FieldProps) {
  const [values, setValues] = useState(() => labels.map(() => ''));
  const [busy, setBusy] = useState(false);
  const [wrong, setWrong] = useState<string | null>(null);
  const send = async (e: Event) => {
    e.preventDefault();
    setBusy(true);
    setWrong(null);
    try {
      await onSave(values.map((v) => v.trim()));
    } catch (problem) {
      const { code, extras } = problem as Problem;
      const why = (['not-confirmed', 'with-carrier', 'on-a-trip', 'closed', 'cod-refusals', 'cod-cap'] as const).find((r) => r === extras.reason);
      setWrong(why ? t(`carrier.no-${why}`) : code === 'not-found' ? t('carrier.no-order') : errorText(code));
      setBusy(false);
    }
  };
  return (
    <Sheet title={title} onClose={onClose} testid={testid}>
      <form class="order-form" onSubmit={(e) => void send(e)}>
        <Notice text={wrong} tone="bad" />
        {labels.map((label, i) => (
          <label key={label} class="field"><span>{label}</span>
            <input data-testid={`${testid}-${i}`} maxLength={80} autoComplete="off" value={values[i]} onInput={(e) => setValues(values.map((v, at) => (at === i ? e.currentTarget.value : v)))} /></label>
        ))}
        <button type="submit" class="primary big" data-testid={`${testid}-save`} disabled={busy || values.some((v) => !v.trim())}>{save}</button>
      </form>
    </Sheet>
  );
}
