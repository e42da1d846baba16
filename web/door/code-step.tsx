// code-step.tsx: the second step of the door: six digits from the authenticator app, or a code from paper.
import { useEffect, useRef, useState } from 'preact/hooks';
import { t } from '../shared/text.ts';
import { Notice, Shell } from '../shared/ui/parts.tsx';

/** `onBack`: to the first step; without it there is none. */
export function CodeStep({ busy, trouble, onSend, onBack }: { busy: boolean; trouble: string | null; onSend(otp: string): void; onBack?: () => void }) {
  const [paper, setPaper] = useState(false);
  const [code, setCode] = useState('');
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (trouble) setCode('');                    // a code that was refused is never good again
    if (!busy) field.current?.focus();
  }, [trouble, paper, busy]);
  const turn = () => {
    setPaper(!paper);
    setCode('');
  };
  const send = (e: Event) => {
    e.preventDefault();
    if (code.trim()) onSend(code.trim());
  };
  return (
    <Shell say={t('code.say')}>
      <div class="door-picture" aria-hidden="true" />
      <h1>{t('code.title')}</h1>
      <p id="code-lead">{t(paper ? 'code.paper-lead' : 'code.lead')}</p>
      <Notice text={trouble} tone="bad" />
      <form class="order-form" onSubmit={send} noValidate>
        <label class="field code-field"><span>{t(paper ? 'code.paper-label' : 'code.label')}</span>
          <input ref={field} key={paper ? 'paper' : 'app'} data-testid="otp" name="otp" inputMode={paper ? 'text' : 'numeric'} autoComplete={paper ? 'off' : 'one-time-code'}
            autoCapitalize="characters" spellcheck={false} maxLength={paper ? 20 : 8} aria-describedby="code-lead" value={code} onInput={(e) => setCode(e.currentTarget.value)} /></label>
        <button type="submit" class="primary big" data-testid="otp-send" disabled={busy || !code.trim()}>{t('code.send')}</button>
      </form>
      <button type="button" class="quiet wide-button" data-testid="otp-paper" onClick={turn}>{t(paper ? 'code.app' : 'code.paper')}</button>
      {onBack && <button type="button" class="quiet wide-button" data-testid="otp-back" onClick={onBack}>{t('code.back')}</button>}
      <p class="soft">{t('code.help')}</p>
    </Shell>
  );
}
