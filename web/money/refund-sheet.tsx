// refund-sheet.tsx: an admin says that a refund has been paid, and how.
import { useState } from 'preact/hooks';
import { post, type Problem } from '../shared/api.ts';
import { newKey } from '../shared/key.ts';
import { money } from '../shared/money.ts';
import { t } from '../shared/text.ts';
import { Sheet } from '../shared/ui/parts.tsx';
import type { Refund } from './types.ts';

export function PayRefundSheet({ refund, onDone, onTrouble, onClose }: { refund: Refund; onDone(): void; onTrouble(code: string): void; onClose(): void }) {
  const [reference, setReference] = useState('');
  const pay = async (way: 'bank' | 'cash') => {
    try {
      await post(`/refunds/${refund.id}/pay`, { key: newKey(), way, reference: reference.trim() });
      onDone();
    } catch (e) {
      onClose();
      onTrouble((e as Problem).code);
    }
  };
  return (
    <Sheet title={t('refund.pay')} onClose={onClose} testid="refund-sheet">
      <p><strong>{money(refund.amount)}</strong> · {refund.name} · {refund.order}</p>
      <form class="order-form" onSubmit={(e) => { e.preventDefault(); if (reference.trim()) void pay('bank'); }}>
        <label class="field"><span>{t('bank-reference')}</span>
          <input data-testid="refund-reference" maxLength={80} autoComplete="off" value={reference} onInput={(e) => setReference(e.currentTarget.value)} /></label>
        <button type="submit" class="primary big" data-testid="refund-bank" disabled={!reference.trim()}>{t('refund.by-bank')}</button>
        <button type="button" class="quiet wide-button" data-testid="refund-cash" onClick={() => void pay('cash')}>{t('refund.by-cash')}</button>
      </form>
    </Sheet>
  );
}
