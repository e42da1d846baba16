// order-line.tsx: a line of an order as its buyer sees it: what was ordered, what the scale showed, and, when that is more than
// was agreed, the question; and what the door did not take, with the reason.
import { lineAmount, money } from '../shared/money.ts';
import { quantityText, t, type Key } from '../shared/text.ts';
import type { OrderLine } from '../shared/types.ts';

/** What the door did not take of a line. */
export interface Refused { lot: number; brought: number; taken: number; why: string }

interface Props { line: OrderLine; refused?: Refused; busy: boolean; mayAnswer: boolean; onAnswer(answer: 'accept' | 'decline'): void }

export function OrderLineRow({ line, refused, busy, mayAnswer, onAnswer }: Props) {
  const weighed = line.weighed ?? null;
  return (
    <tr data-testid={`line-${line.lot}`} data-state={line.state}>
      <th scope="row">
        {line.name}
        <small>{t('line.ordered', { amount: quantityText(line.unit, line.quantity) })} × {money(line.price)}</small>
        {refused && <small class="refused" data-testid={`refused-${line.lot}`} data-why={refused.why}>{t(refused.taken ? 'line.refused' : 'line.refused-all', {
          taken: quantityText(line.unit, refused.taken), refused: quantityText(line.unit, refused.brought - refused.taken), why: t(`stop-why.${refused.why}` as Key) })}</small>}
        {weighed !== null && !refused && <small class="weighed" data-testid={`weighed-${line.lot}`}>{t('line.weighed', { amount: quantityText(line.unit, weighed) })}</small>}
        {line.state === 'declined' && <small>{t('line.declined', { amount: quantityText(line.unit, line.quantity) })}</small>}
        {line.state === 'extra' && weighed !== null && <Extra line={line} weighed={weighed} busy={busy} mayAnswer={mayAnswer} onAnswer={onAnswer} />}
      </th>
      <td>{money(line.amount)}</td>
    </tr>
  );
}

function Extra({ line, weighed, busy, mayAnswer, onAnswer }: Props & { weighed: number }) {
  const more = money(lineAmount(line.unit, line.price, weighed) - line.amount);
  if (!mayAnswer) return <small>{t('line.waiting')}</small>;
  return (
    <div class="extra" role="group" data-testid={`extra-${line.lot}`}>
      <p>{t('line.extra', { weighed: quantityText(line.unit, weighed), more: quantityText(line.unit, weighed - line.quantity), money: more })}</p>
      <button type="button" class="primary wide-button" data-testid={`accept-${line.lot}`} disabled={busy} onClick={() => onAnswer('accept')}>{t('line.accept', { money: more })}</button>
      <button type="button" class="quiet wide-button" data-testid={`decline-${line.lot}`} disabled={busy} onClick={() => onAnswer('decline')}>{t('line.decline', { amount: quantityText(line.unit, line.quantity) })}</button>
    </div>
  );
}
