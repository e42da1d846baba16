// merge.tsx: several open orders of one stall made one: one delivery, one payment.
import { useState } from 'preact/hooks';
import type { Problem } from '../shared/api.ts';
import { money } from '../shared/money.ts';
import { postOnce } from '../shared/once.ts';
import { t, type Key } from '../shared/text.ts';
import type { Order } from '../shared/types.ts';
import { Icon } from '../shared/ui/icons.tsx';
import { useAct } from '../shared/ui/act.ts';
import { Notice, Sheet } from '../shared/ui/parts.tsx';

const MOST = 10;
const WORDS: Record<string, Key> = { paid: 'merge.paid', 'prices-differ': 'merge.prices', 'not-open': 'merge.late' };

/** Those that may still be joined: nobody has said yes to them, nothing is being asked. */
export const mergeable = (orders: readonly Order[]) => orders.filter((o) => o.state === 'placed' && !o.offer).slice(0, MOST);

interface Answer { order: Order; way_differed?: boolean }

export function MergeButton({ orders, onMerged }: { orders: Order[]; onMerged(order: Order): void }) {
  const open = mergeable(orders);
  const [fee, setFee] = useState<number | null>(null);      // asked: one delivery costs this
  const [differed, setDiffered] = useState<Order | null>(null);
  const { busy, trouble, say, act } = useAct();
  const told = differed && <Notice text={`${differed.code}: ${t(`pay.differed-${differed.pay_way!}`)}`} tone="warn" onClose={() => setDiffered(null)} />;
  if (open.length < 2) return told;
  const merge = (shown: number) => act(async () => {
    try {
      const { order, way_differed } = await postOnce<Answer>('/orders/merge', { orders: open.map((o) => o.code), fee: shown });
      onMerged(order);
      setFee(null);
      if (way_differed && order.pay_way) setDiffered(order);
    } catch (e) {
      const { code, extras } = e as Problem;
      if (code !== 'price-changed' || extras.fee === undefined) throw e;
      setFee(extras.fee);                                      // a question, not a refusal
    }
  }, ({ extras }) => (extras.reason && WORDS[extras.reason] ? t(WORDS[extras.reason]!) : null));
  const before = open.reduce((sum, o) => sum + (o.delivery?.amount ?? 0), 0);
  return (
    <>
      {told}
      <Notice text={fee === null ? trouble : null} tone="warn" onClose={() => say(null)} />
      <button type="button" class="quiet wide-button" data-testid="merge" disabled={busy} onClick={() => void merge(0)}><Icon name="basket" />{t('merge.button', { n: open.length })}</button>
      {fee !== null && (
        <Sheet title={t('merge.title')} onClose={() => setFee(null)} testid="merge-sheet">
          <p>{t('merge.fee', { fee: money(fee), before: money(before) })}</p>
          <Notice text={trouble} tone="warn" />
          <button type="button" class="primary big" data-testid="merge-yes" disabled={busy} onClick={() => void merge(fee)}>{t('merge.yes')}</button>
        </Sheet>
      )}
    </>
  );
}
