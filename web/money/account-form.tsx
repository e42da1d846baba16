// account-form.tsx: writing down an account at a bank: whose it is matters, since a stall may be paid only into its own
// farmer's account or the co-op's.
import { useState } from 'preact/hooks';
import { postOnce } from '../shared/once.ts';
import { t } from '../shared/text.ts';
import type { Person } from '../shared/types.ts';
import { useAct } from '../shared/ui/act.ts';
import { Notice, Sheet } from '../shared/ui/parts.tsx';
import { BANKS } from './banks.ts';

interface Props { farmers: readonly Person[]; onDone(): void; onClose(): void }

/** Letters and digits only; people type blanks and dots between. */
export const cleanNumber = (text: string) => text.replace(/[\s.\-]/g, '');

export function AccountForm({ farmers, onDone, onClose }: Props) {
  const [bin, setBin] = useState(BANKS[0]![0]);
  const [other, setOther] = useState('');
  const [number, setNumber] = useState('');
  const [holder, setHolder] = useState('');
  const [owner, setOwner] = useState(0);
  const bank = bin || other.trim();
  const fine = /^\d{6}$/.test(bank) && /^[A-Za-z0-9]{6,19}$/.test(cleanNumber(number)) && holder.trim() !== '';
  const { busy, trouble, act } = useAct();
  const send = (e: Event) => {
    e.preventDefault();
    void act(async () => {
      await postOnce('/bank-accounts', { bin: bank, number: cleanNumber(number), holder: holder.trim(), ...(owner ? { owner } : {}) });
      onDone();
    });
  };
  return (
    <Sheet title={t('payee.add')} onClose={onClose} testid="account-form">
      <form class="order-form" onSubmit={send}>
        <label class="field"><span>{t('payee.bank')}</span>
          <select data-testid="account-bank" value={bin} onChange={(e) => setBin(e.currentTarget.value)}>
            {BANKS.map(([code, name]) => <option key={code} value={code}>{name}</option>)}
            <option value="">{t('payee.other-bank')}</option>
          </select></label>
        {!bin && <label class="field"><span>{t('payee.bin')}</span><input data-testid="account-bin" inputMode="numeric" maxLength={6} value={other} onInput={(e) => setOther(e.currentTarget.value)} /></label>}
        <label class="field"><span>{t('pay.account')}</span><input data-testid="account-number" autoComplete="off" maxLength={26} value={number} onInput={(e) => setNumber(e.currentTarget.value)} /></label>
        <label class="field"><span>{t('payee.holder')}</span><input data-testid="account-holder" autoComplete="off" maxLength={80} value={holder} onInput={(e) => setHolder(e.currentTarget.value)} /></label>
        <label class="field"><span>{t('payee.whose')}</span>
          <select data-testid="account-owner" value={String(owner)} onChange={(e) => setOwner(Number(e.currentTarget.value))}>
            <option value="0">{t('payee.coop')}</option>
            {farmers.map((p) => <option key={p.id} value={String(p.id)}>{p.name}</option>)}
          </select></label>
        <Notice text={trouble} tone="bad" />
        <button type="submit" class="primary big" data-testid="account-save" disabled={!fine || busy}>{t('payee.save')}</button>
      </form>
    </Sheet>
  );
}
