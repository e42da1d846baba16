// payout.tsx: marking money as paid to a farmer. The key stays until the market has answered for good: a lost answer
// never becomes a second payout.
import { useRef, useState } from 'preact/hooks';
import { post, type Problem } from '../shared/api.ts';
import { newKey } from '../shared/key.ts';
import { groups, money, readMoney } from '../shared/money.ts';
import { errorText, t } from '../shared/text.ts';
import { Notice, Sheet } from '../shared/ui/parts.tsx';
import { useAnswer } from './load.ts';
import { spaced } from './pay.ts';
import type { Account } from './types.ts';

interface Props { farmer: number; name: string; payable: number; onDone(): void; onTrouble(code: string): void; onClose(): void }

const accountWords = (a: Account) => `${a.bank ?? a.bin} ${spaced(a.number)}`;

export function PayoutSheet({ farmer, name, payable, onDone, onTrouble, onClose }: Props) {
  const tried = useRef<{ key: string; content: string } | null>(null);
  const [found] = useAnswer<{ accounts: Account[] }>('/bank-accounts', onTrouble);
  const [text, setText] = useState(groups(payable));
  const [account, setAccount] = useState(0);          // 0: in cash
  const [reference, setReference] = useState('');
  const [wrong, setWrong] = useState<string | null>(null);
  const [chosen, setTo] = useState(0);
  const accounts = found?.accounts ?? [];
  const theirs = accounts.filter((a) => a.owner === farmer), to = chosen || theirs[0]?.id || 0;
  const coop = theirs.length ? accounts.filter((a) => a.owner === null) : [];      // a transfer goes to what the office has written down
  const amount = readMoney(text);
  const send = async (e: Event) => {
    e.preventDefault();
    const content = { way: account ? 'bank' : 'cash', amount, reference: reference.trim(), ...(account ? { account, to } : {}) };
    const said = JSON.stringify(content);
    if (tried.current?.content !== said) tried.current = { key: newKey(), content: said };
    try {
      await post(`/people/${farmer}/payouts`, { key: tried.current.key, ...content });
      onDone();
    } catch (problem) {
      if (!(problem as Problem).passing) tried.current = null;
      setWrong(errorText((problem as Problem).actCode));
    }
  };
  return (
    <Sheet title={t('st.pay-title', { name })} onClose={onClose} testid="payout-sheet">
      <form class="order-form" onSubmit={(e) => void send(e)}>
        <Notice text={wrong} tone="bad" />
        <label class="field"><span>{t('pay.amount')}</span>
          <input data-testid="payout-amount" inputMode="numeric" autoComplete="off" value={text} onInput={(e) => setText(e.currentTarget.value)} /></label>
        {amount !== null && amount > payable && <p class="pay-note">{t('st.pay-most', { most: money(payable) })}</p>}
        <label class="field"><span>{t('st.pay-from')}</span>
          <select data-testid="payout-account" value={String(account)} onChange={(e) => setAccount(Number(e.currentTarget.value))}>
            <option value="0">{t('st.pay-cash')}</option>
            {coop.map((a) => <option key={a.id} value={String(a.id)}>{accountWords(a)}</option>)}
          </select></label>
        {found && theirs.length === 0 && <p class="pay-note" data-testid="payout-none">{t('st.pay-none', { name })}</p>}
        {account > 0 && (
          <label class="field"><span>{t('st.pay-to')}</span>
            <select data-testid="payout-to" value={String(to)} onChange={(e) => setTo(Number(e.currentTarget.value))}>
              {theirs.map((a) => <option key={a.id} value={String(a.id)}>{accountWords(a)}, {a.holder}</option>)}
            </select></label>
        )}
        <label class="field"><span>{account ? t('bank-reference') : t('st.pay-receipt')}</span>
          <input data-testid="payout-reference" maxLength={80} autoComplete="off" value={reference} onInput={(e) => setReference(e.currentTarget.value)} /></label>
        <button type="submit" class="primary big" data-testid="payout-save" disabled={amount === null || amount > payable || !reference.trim()}>{t('st.pay-save')}</button>
      </form>
    </Sheet>
  );
}
