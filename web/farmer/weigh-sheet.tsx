// weigh-sheet.tsx: what the scale shows, typed with a thumb: a number pad big enough for wet hands, and in words what the
// difference means before it is saved.
import { useState } from 'preact/hooks';
import { lineAmount, money } from '../shared/money.ts';
import { timedOnce } from '../shared/once.ts';
import { padPress, readWeight } from '../shared/quantity.ts';
import { quantityText, t } from '../shared/text.ts';
import type { OrderLine } from '../shared/types.ts';
import { useAct } from '../shared/ui/act.ts';
import { Notice, Sheet } from '../shared/ui/parts.tsx';

const PAD = ['1', '2', '3', '4', '5', '6', '7', '8', '9', ',', '0', '<'] as const;

export type Verdict = 'less' | 'more' | 'extra' | 'exact' | 'none';

/** What a weight means for a line, as the market will decide it. */
export function verdictOf(line: Pick<OrderLine, 'quantity'>, tolerance: number, weighed: number): Verdict {
  if (weighed === 0) return 'none';
  if (weighed === line.quantity) return 'exact';
  if (weighed < line.quantity) return 'less';
  return weighed > line.quantity + Math.floor((line.quantity * tolerance) / 100) ? 'extra' : 'more';
}

interface Props { code: string; line: OrderLine; tolerance: number; onClose(): void }

export function WeighSheet({ code, line, tolerance, onClose }: Props) {
  const [text, setText] = useState('');
  const { busy, trouble, act } = useAct();
  const weighed = readWeight(line.unit, text);
  const verdict = weighed === null ? null : verdictOf(line, tolerance, weighed);

  const save = () => act(async () => {
    await timedOnce(`/orders/${code}/weigh`, { lot: line.lot, weighed });
    onClose();
  });

  return (
    <Sheet title={line.name} onClose={onClose} testid="weigh-sheet">
      <p class="soft">{t('weigh.ordered', { amount: quantityText(line.unit, line.quantity) })}</p>
      <output class="weigh-text" data-testid="weigh-text" aria-live="polite">{text || '0'}<small>{t(`unit.${line.unit}`)}</small></output>
      <p class={`weigh-verdict ${verdict ?? ''}`} role="status" data-testid="weigh-verdict" data-verdict={verdict ?? undefined}>
        {verdict && weighed !== null ? verdictWords(verdict, line, weighed) : '\u00a0'}
      </p>
      <div class="pad" role="group" aria-label={t('weigh')}>
        {PAD.map((k) => (
          <button key={k} type="button" data-testid={`pad-${k === ',' ? 'comma' : k === '<' ? 'erase' : k}`} disabled={k === ',' && line.unit !== 'kg'}
            aria-label={k === '<' ? t('weigh.erase') : undefined} onClick={() => setText(padPress(line.unit, text, k))}>{k === '<' ? '⌫' : k}</button>
        ))}
      </div>
      <Notice text={trouble} tone="bad" />
      <button type="button" class="primary big" data-testid="weigh-save" disabled={weighed === null || busy} onClick={() => void save()}>
        <span>{t('weigh.save')}</span>{weighed !== null && <strong>{money(lineAmount(line.unit, line.price, weighed))}</strong>}
      </button>
    </Sheet>
  );
}

function verdictWords(verdict: Verdict, line: OrderLine, weighed: number): string {
  const amount = quantityText(line.unit, Math.abs(weighed - line.quantity));
  return verdict === 'exact' || verdict === 'none' ? t(`weigh.${verdict}`) : t(`weigh.${verdict}`, { amount });
}
