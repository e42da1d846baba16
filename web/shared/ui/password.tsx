// password.tsx: "your password again", over whatever the person was doing, which goes on by itself afterwards.
import { render } from 'preact';
import { useState } from 'preact/hooks';
import { post } from '../api.ts';
import { onPasswordAgain } from '../proof.ts';
import { t } from '../text.ts';
import { useAct } from './act.ts';
import { NewPassword, useHasPassword } from './new-password.tsx';
import { Notice, Sheet, typed } from './parts.tsx';

function PasswordSheet({ onEnd }: { onEnd(given: boolean): void }) {
  const has = useHasPassword();
  const [password, setPassword] = useState('');
  const { busy, trouble, act } = useAct();
  const send = (e: Event) => {
    e.preventDefault();
    void act(async () => {
      await post('/me/proof', { password });
      onEnd(true);
    }, ({ code }) => {
      setPassword('');
      return code === 'bad-login' ? t('again.wrong') : null;
    });
  };
  if (has === false) return <Sheet title={t('password.first')} onClose={() => onEnd(false)} testid="password-sheet"><NewPassword first onDone={() => onEnd(true)} /></Sheet>;
  return (
    <Sheet title={t('again.title')} onClose={() => onEnd(false)} testid="password-sheet">
      <form class="order-form" onSubmit={send}>
        <p>{t('again.why')}</p>
        <Notice text={trouble} tone="bad" />
        <label class="field"><span>{t('login.password')}</span>
          <input data-testid="password-again" {...typed('password')} autoComplete="current-password" value={password} onInput={(e) => setPassword(e.currentTarget.value)} /></label>
        <button type="submit" class="primary big" data-testid="password-send" disabled={busy || !password}>{t('again.send')}</button>
      </form>
    </Sheet>
  );
}

/** For the pages where money is moved: from now on the market's "password-again" becomes a question to the person. */
export function askPasswordHere(): void {
  onPasswordAgain(() => new Promise((resolve) => {
    const host = document.body.appendChild(document.createElement('div'));
    const end = (given: boolean) => {
      render(null, host);
      host.remove();
      resolve(given);
    };
    render(<PasswordSheet onEnd={end} />, host);
  }));
}
