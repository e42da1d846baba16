// new-password.tsx: the first password of who came by a one-time link, or another one in the place of the old.
import { useEffect, useState } from 'preact/hooks';
import { get, post } from '../api.ts';
import { newKey } from '../key.ts';
import { t } from '../text.ts';
import { useAct } from './act.ts';
import { Notice, typed } from './parts.tsx';

const LEAST = 8;                 // of the office, market/trade/person.h

/** Does who is logged in have a password? null: not known yet. */
export function useHasPassword(): boolean | null {
  const [has, setHas] = useState<boolean | null>(null);
  useEffect(() => { get<{ has_password: boolean }>('/me').then((a) => setHas(a.has_password), () => setHas(true)); }, []);
  return has;
}

export function NewPassword({ first, onDone }: { first: boolean; onDone(): void }) {
  const [old, setOld] = useState('');
  const [next, setNext] = useState('');
  const { busy, trouble, act } = useAct();
  const send = (e: Event) => {
    e.preventDefault();
    void act(async () => {
      await post('/me/password', { key: newKey(), new: next, ...(first ? {} : { old }) });
      setOld('');
      setNext('');
      onDone();
    }, ({ code, extras }) => (code === 'bad-login' ? t('again.wrong') : code === 'bad-field' ? t('password.weak')
      : extras.reason === 'no-fresh-link' ? t('password.link-first') : null));
  };
  return (
    <form class="order-form" data-testid="password-form" onSubmit={send}>
      <p class="soft">{t(first ? 'password.first-why' : 'password.change-why')}</p>
      <Notice text={trouble} tone="bad" />
      {!first && <label class="field"><span>{t('password.old')}</span>
        <input data-testid="password-old" {...typed('password')} autoComplete="current-password" value={old} onInput={(e) => setOld(e.currentTarget.value)} /></label>}
      <label class="field"><span>{t('password.new')}</span>
        <input data-testid="password-new" {...typed('password')} autoComplete="new-password" minLength={LEAST} value={next} onInput={(e) => setNext(e.currentTarget.value)} /></label>
      <button type="submit" class="primary big" data-testid="password-set" disabled={busy || next.length < LEAST || (!first && !old)}>{t(first ? 'password.set' : 'password.change')}</button>
    </form>
  );
}
