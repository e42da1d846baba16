// credit.tsx: what the buyer has good with the market, and the one tap that pays an order with it.
import { money } from '../shared/money.ts';
import { postOnce } from '../shared/once.ts';
import { t } from '../shared/text.ts';
import { useAct } from '../shared/ui/act.ts';
import { Notice } from '../shared/ui/parts.tsx';
import type { OrderCredit } from './types.ts';

const WHYS = ['no-credit', 'not-enough', 'too-much', 'paid', 'cancelled', 'order-closed', 'offered', 'with-carrier'] as const;

interface Props { code: string; credit: OrderCredit; theirs?: boolean; onPaid(): Promise<void> }

export function CreditPart({ code, credit: { have, use }, theirs, onPaid }: Props) {
  const { busy, trouble, act } = useAct();
  const pay = () => act(async () => {
    try {
      await postOnce(`/orders/${encodeURIComponent(code)}/credit`, { amount: use });
    } finally {
      await onPaid();                  // refused: the page showed what is over by now
    }
  }, ({ extras }) => { const why = WHYS.find((w) => w === extras.reason); return why ? t(`credit.${why}`) : null; });
  return (
    <div class="pay-credit" data-testid="credit" data-have={have}>
      <p>{t(theirs ? 'credit.have-buyer' : 'credit.have', { sum: money(have) })}</p>
      <Notice text={trouble} tone="bad" />
      {use > 0 && <button type="button" class="quiet wide-button" data-testid="credit-use" disabled={busy} onClick={() => void pay()}>{t('credit.use', { sum: money(use) })}</button>}
    </div>
  );
}
