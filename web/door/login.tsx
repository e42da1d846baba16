// login.tsx: phone number and password or PIN.
import { useEffect, useRef, useState } from 'preact/hooks';
import { get, post, type Problem } from '../shared/api.ts';
import { arrived } from '../shared/leave.ts';
import { safeTo } from '../shared/page.ts';
import { readPhone } from '../shared/phone.ts';
import { t } from '../shared/text.ts';
import type { Person } from '../shared/types.ts';
import { Notice, Shell, typed } from '../shared/ui/parts.tsx';
import { doorText, wayFor, wayOn } from './way.ts';

export function LoginPage() {
  const [phone, setPhone] = useState('');
  const [password, setPassword] = useState('');
  const [shown, setShown] = useState(false);
  const [busy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState<string | null>(null);
  const begun = useRef(false);                   // somebody writes: nothing is taken from under their fingers

  useEffect(() => {
    const asked = safeTo(new URLSearchParams(location.search).get('to'));
    void get<{ person: Person | null }>('/me').then(({ person }) => {
      const on = wayOn(person, asked);
      if (on && !begun.current) location.replace(on);
    }, () => {});                                // no answer: the form is here
  }, []);

  const send = async (e: Event) => {
    e.preventDefault();
    const number = readPhone(phone);
    if (!number) return setTrouble(t('wrong.phone'));
    setBusy(true);
    setTrouble(null);
    try {
      const { person } = await post<{ person: Person }>('/login', { phone: number, password });
      await arrived(person.id);
      location.replace(wayFor(person, safeTo(new URLSearchParams(location.search).get('to'))));
    } catch (problem) {
      setTrouble(doorText(problem as Problem));
      setBusy(false);
    }
  };

  return (
    <Shell say={t('login.say')}>
      <div class="door-picture" aria-hidden="true" />
      <h1>{t('login.title')}</h1>
      <Notice text={trouble} tone="bad" />
      <form class="order-form" onSubmit={(e) => void send(e)} onInput={() => { begun.current = true; }} noValidate>
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
