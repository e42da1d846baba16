// pay-first.tsx: why an order cannot be paid in cash at the door, and what to do instead; before ordering and after.
import { useEffect, useState } from 'preact/hooks';
import { get } from '../shared/api.ts';
import { money } from '../shared/money.ts';
import { t } from '../shared/text.ts';
import type { CashRules, MyCash, PayFirstWhy } from './types.ts';

/** What the market says of the asker's own number; null until it has, or when it cannot be asked: the market decides anyway. */
export function useMyCash(): MyCash | null {
  const [mine, setMine] = useState<MyCash | null>(null);
  useEffect(() => {
    get<{ cash: MyCash }>('/me/cash').then((a) => setMine(a.cash), () => {});
  }, []);
  return mine;
}

/** Must an order of `total` by `phone` be paid first? Of a number that is not the asker's only the bound is known. */
export function payFirstWhy(mine: MyCash | null, phone: string | null, total: number): PayFirstWhy | null {
  if (!mine) return null;
  const own = phone !== null && phone === mine.phone;
  if (own && mine.pay_first) return mine.pay_first;
  return total > (own ? mine.left : mine.owed_max) ? 'cod-cap' : null;
}

interface Props { why: PayFirstWhy; rules: CashRules; way: 'later' | 'bank' | 'none' }

/** `way`: the order is not made yet; its QR is here; its stall has no account, so only the office can help. */
export function PayFirst({ why, rules, way }: Props) {
  return (
    <div class="pay-first-words" role="note" data-testid="pay-first" data-why={why}>
      <p><strong>{t('pay.first')}</strong></p>
      <p>{why === 'cod-cap' ? t('pay.first-cap', { max: money(rules.owed_max) }) : t('pay.first-refusals', { n: rules.refusals, days: rules.days })}</p>
      <p>{t(`pay.first-${way}`)}</p>
    </div>
  );
}
