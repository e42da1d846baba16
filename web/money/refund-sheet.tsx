// refund-sheet.tsx: an admin says that a refund has been paid, and how.
import { useState } from 'preact/hooks';
import { money } from '../shared/money.ts';
import { postOnce } from '../shared/once.ts';
import { t } from '../shared/text.ts';
import { useAct } from '../shared/ui/act.ts';
import { Notice, Sheet } from '../shared/ui/parts.tsx';
import type { Refund } from './types.ts';

export function PayRefundSheet({ refund, onDone, onClose }: { refund: Refund; onDone(): void; onClose(): void }) {
  const [reference, setReference] = useState('');
  const { busy, trouble, act } = useAct();
  const pay = (way: 'bank' | 'cash') => act(async () => {
    await postOnce(`/refunds/${refund.id}/pay`, { way, reference: reference.trim() });
    onDone();
  });
  return (
    <Sheet title={t('refund.pay')} onClose={onClose} testid="refund-sheet">
      <p><strong>{money(refund.amount)}</strong> · {refund.name} · {refund.order}</p>
      <form class="order-form" onSubmit={(e) => { e.preventDefault(); if (reference.trim()) void pay('bank'); }}>
        <label class="field"><span>{t('bank-reference')}</span>
          <input data-testid="refund-reference" maxLength={80} autoComplete="off" value={reference} onInput={(e) => setReference(e.currentTarget.value)} /></label>
        <Notice text={trouble} tone="bad" />
        <button type="submit" class="primary big" data-testid="refund-bank" disabled={!reference.trim() || busy}>{t('refund.by-bank')}</button>
        <button type="button" class="quiet wide-button" data-testid="refund-cash" disabled={busy} onClick={() => void pay('cash')}>{t('refund.by-cash')}</button>
      </form>
    </Sheet>
  );
}
