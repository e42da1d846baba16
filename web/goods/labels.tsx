// labels.tsx: paper labels of a lot or of an order's goods: name, weight, who and where, and the code that opens the page about it.
import { useEffect, useState } from 'preact/hooks';
import { get, type Problem } from '../shared/api.ts';
import { errorText, quantityText, t } from '../shared/text.ts';
import { day } from '../shared/time.ts';
import { Icon } from '../shared/ui/icons.tsx';
import { Notice, Shell } from '../shared/ui/parts.tsx';
import type { Label } from './types.ts';

const COPIES = [1, 4, 8, 12];

export function LabelsPage() {
  const [labels, setLabels] = useState<Label[] | null>(null);
  const [copies, setCopies] = useState(1);
  const [trouble, setTrouble] = useState<string | null>(null);
  useEffect(() => {
    const asked = new URLSearchParams(location.search);
    asked.delete('lang');
    get<{ labels: Label[] }>(`/labels?${asked}`).then((a) => setLabels(a.labels), (e: Problem) => {
      if (e.status === 401) location.replace(`/login?to=${encodeURIComponent(location.pathname + location.search)}`);
      setTrouble(errorText(e.code));
    });
  }, []);
  const all = (labels ?? []).flatMap((l) => Array.from({ length: copies }, (_, n) => ({ l, n })));
  return (
    <Shell wide>
      <h1 class="no-print">{t('label.title')}</h1>
      <Notice text={trouble} tone="bad" />
      <div class="label-acts no-print" role="group" aria-label={t('label.copies')}>
        {COPIES.map((n) => <button key={n} type="button" class="chip" aria-pressed={copies === n} data-testid={`copies-${n}`} onClick={() => setCopies(n)}>{n} ×</button>)}
        <button type="button" class="primary" data-testid="print" disabled={!labels} onClick={() => window.print()}><Icon name="qr" />{t('label.print')}</button>
      </div>
      <ul class="labels">{all.map(({ l, n }) => <LabelCard key={`${l.lot}-${n}`} label={l} />)}</ul>
    </Shell>
  );
}

function LabelCard({ label: l }: { label: Label }) {
  return (
    <li class="label" data-testid="label" data-lot={l.lot}>
      <div class="label-words">
        <strong>{l.name}{l.quantity !== null && ` · ${quantityText(l.unit, l.quantity)}`}</strong>
        <p>{l.farmer} · {l.village}</p>
        {l.plot && <p>{l.plot}</p>}
        {l.picked_at && <p>{t('label.picked', { day: day(l.picked_at) })}</p>}
        {l.code && <p class="label-code">{l.code} · {l.buyer}</p>}
        <small>Chợ Nương · {t('label.scan')}</small>
      </div>
      <img class="label-qr" src={`data:image/svg+xml;utf8,${encodeURIComponent(l.svg)}`} alt={t('label.qr', { url: l.url })} data-testid="label-qr" data-url={l.url} />
    </li>
  );
}
