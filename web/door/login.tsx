// login.tsx: phone number and password or PIN; then the code of who has a second factor.
import { useEffect, useRef, useState } from 'preact/hooks';
import { get, post, type Problem } from '../shared/api.ts';
import { arrived } from '../shared/leave.ts';
import { factorWay, safeTo } from '../shared/page.ts';
import { readPhone } from '../shared/phone.ts';
import { t } from '../shared/text.ts';
import type { LoggedIn, Person } from '../shared/types.ts';
import { Notice, Shell, typed } from '../shared/ui/parts.tsx';
import { CodeStep } from './code-step.tsx';
import { doorText, wayFor, wayOn } from './way.ts';

export function LoginPage() {
  const [phone, setPhone] = useState('');
  const [password, setPassword] = useState('');
  const [shown, setShown] = useState(false);
  const [busy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState<string | null>(null);
  const [asked, setAsked] = useState(false);     // the password was right, a code is to come
  const begun = useRef(false);                   // somebody writes: nothing is taken from under their fingers

  useEffect(() => {
    const asked = safeTo(new URLSearchParams(location.search).get('to'));
    void get<{ person: Person | null }>('/me').then(({ person }) => {
      const on = wayOn(person, asked);
      if (on && !begun.current) location.replace(on);
    }, () => {});                                // no answer: the form is here
  }, []);

  const enter = async (otp?: string) => {
    const number = readPhone(phone);
    if (!number) return setTrouble(t('wrong.phone'));
    setBusy(true);
    setTrouble(null);
    try {
      const { person, factor_first } = await post<LoggedIn>('/login', { phone: number, password, ...(otp ? { otp } : {}) });
      await arrived(person.id);
      const to = safeTo(new URLSearchParams(location.search).get('to'));
      location.replace(factor_first ? factorWay(to) : wayFor(person, to));
    } catch (e) {
      const problem = e as Problem;
      if (problem.code === 'code-needed') setAsked(true);
      else setTrouble(doorText(problem));
      if (problem.code === 'bad-login') setAsked(false);
      setBusy(false);
    }
  };
  const send = (e: Event) => {
    e.preventDefault();
    void enter();
  };
  const back = () => {
    setAsked(false);
    setPassword('');
    setTrouble(null);
  };

  if (asked) return <CodeStep busy={busy} trouble={trouble} onSend={(otp) => void enter(otp)} onBack={back} />;
  return (
    <Shell say={t('login.say')}>
      <div class="door-picture" aria-hidden="true" />
      <h1>{t('login.title')}</h1>
      <Notice text={trouble} tone="bad" />
      <form class="order-form" onSubmit={send} onInput={() => { begun.current = true; }} noValidate>
        <label class="field"><span>{t('field.phone')}</span>
          <input data-testid="phone" name="phone" type="tel" inputMode="tel" autoComplete="username" required value={phone}
            placeholder={t('hint.phone')} onInput={(e) => setPhone(e.currentTarget.value)} /></label>
        <label class="field"><span>{t('login.password')}</span>
          <input data-testid="password" name="password" {...typed(shown ? 'text' : 'password')} autoComplete="current-password" required value={password}
            onInput={(e) => setPassword(e.currentTarget.value)} /></label>
        <label class="check"><input type="checkbox" checked={shown} onChange={(e) => setShown(e.currentTarget.checked)} /><span>{t('login.show')}</span></label>
        <button type="submit" class="primary big" data-testid="login-send" disabled={busy || !phone || !password}>{t('login.send')}</button>
      </form>
      <p class="soft">{t('login.help')}</p>
    </Shell>
  );
}
