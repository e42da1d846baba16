// accounts.tsx: the bank accounts buyers pay into, and which stall uses which: its farmer's own, or the co-op's.
import { useState } from 'preact/hooks';
import type { Problem } from '../shared/api.ts';
import { postOnce } from '../shared/once.ts';
import { t } from '../shared/text.ts';
import type { Person, StallCard } from '../shared/types.ts';
import { Icon } from '../shared/ui/icons.tsx';
import { Sheet } from '../shared/ui/parts.tsx';
import { AccountForm } from './account-form.tsx';
import { useAnswer } from './load.ts';
import type { TabProps } from './office.tsx';
import { spaced } from './pay.ts';
import { PayeeLines } from './payee.tsx';
import type { Account, Payee } from './types.ts';

export function Accounts({ onTrouble, onTold }: TabProps) {
  const [found, load] = useAnswer<{ accounts: Account[] }>('/bank-accounts', onTrouble);
  const [market] = useAnswer<{ stalls: StallCard[] }>('/stalls', onTrouble);
  const [farmers] = useAnswer<{ people: Person[] }>('/people?role=farmer', onTrouble);
  const [adding, setAdding] = useState(false);
  const accounts = found?.accounts ?? [];
  const ownerName = (a: Account) => (a.owner === null ? t('payee.coop') : farmers?.people.find((p) => p.id === a.owner)?.name ?? '');
  return (
    <>
      <section class="block">
        <h2>{t('payee.accounts')}</h2>
        <ul class="tasks">{accounts.map((a) => (
          <li key={a.id} class="task" data-testid={`account-${a.id}`}><p><strong>{a.bank ?? a.bin} {spaced(a.number)}</strong></p><p>{a.holder}</p><p class="soft">{ownerName(a)}</p></li>
        ))}</ul>
        <button type="button" class="quiet wide-button" data-testid="account-add" onClick={() => setAdding(true)}><Icon name="plus" />{t('payee.add')}</button>
      </section>
      <section class="block">
        <h2>{t('payee.stalls')}</h2>
        <p class="soft">{t('payee.lead')}</p>
        <ul class="tasks">{(market?.stalls ?? []).map((s) => <StallPayee key={s.slug} stall={s} accounts={accounts} onTrouble={onTrouble} onTold={onTold} />)}</ul>
      </section>
      {adding && <AccountForm farmers={farmers?.people ?? []} onClose={() => setAdding(false)}
        onDone={() => { setAdding(false); onTold(t('payee.added')); void load(); }} />}
    </>
  );
}

function StallPayee({ stall, accounts, onTrouble, onTold }: { stall: StallCard; accounts: Account[]; onTrouble(code: string): void; onTold(words: string): void }) {
  const [found, load] = useAnswer<{ payee: Payee }>(`/stalls/${stall.slug}/payee`, onTrouble);
  const [choosing, setChoosing] = useState(false);
  const choose = async (account: number) => {
    setChoosing(false);
    const points = (found?.payee.next ?? found?.payee.now)?.fee_points ?? 0;
    try {
      await postOnce(`/stalls/${stall.slug}/payee`, { account, fee_points: points });
      onTold(t('payee.chosen'));
      void load();
    } catch (e) {
      onTrouble((e as Problem).code === 'forbidden' ? 'not-its-account' : (e as Problem).actCode);
    }
  };
  return (
    <li class="task" data-testid={`payee-${stall.slug}`}>
      <p><strong>{stall.name}</strong> · {stall.village}</p>
      {found && <PayeeLines payee={found.payee} />}
      <button type="button" class="quiet" data-testid={`payee-choose-${stall.slug}`} onClick={() => setChoosing(true)}>{t('payee.choose')}</button>
      {choosing && (
        <Sheet title={`${t('payee.choose')}: ${stall.name}`} onClose={() => setChoosing(false)} testid="payee-sheet">
          <p>{t('payee.delay')}</p>
          <ul class="picks">{accounts.map((a) => (
            <li key={a.id}><button type="button" class="quiet" data-testid={`payee-account-${a.id}`} onClick={() => void choose(a.id)}>
              {a.bank ?? a.bin} {spaced(a.number)}<small>{a.holder} · {a.owner === null ? t('payee.coop') : t('payee.own')}</small></button></li>
          ))}</ul>
        </Sheet>
      )}
    </li>
  );
}
