// payee.tsx: into which account a stall's buyers pay, in words: now, and from when another. Read only.
import { t } from '../shared/text.ts';
import { moment } from '../shared/time.ts';
import { spaced } from './pay.ts';
import type { Payee, PayeeAccount } from './types.ts';

export function PayeeLines({ payee }: { payee: Payee }) {
  return (
    <>
      {payee.now ? <p data-testid="payee-now"><One account={payee.now} /></p> : <p class="pay-note" data-testid="payee-now">{t('payee.none')}</p>}
      {payee.next && <p class="pay-note" data-testid="payee-next">{t('payee.from', { time: moment(payee.next.starts_at, Date.now()) })} <One account={payee.next} /></p>}
    </>
  );
}

function One({ account }: { account: PayeeAccount }) {
  return (
    <>
      {account.bank ?? account.bin} <strong>{spaced(account.number)}</strong>, {account.holder}{' '}
      ({account.owner === null ? t('payee.coop') : t('payee.own')}{account.fee_points > 0 && `, ${t('payee.fee', { percent: String(account.fee_points / 100).replace('.', ',') })}`})
    </>
  );
}
