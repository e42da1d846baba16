// link.tsx: the page behind the cadre's QR code. Opening it changes nothing (chat programs open links by themselves);
// the one button does.
import { useState } from 'preact/hooks';
import { post, Problem } from '../shared/api.ts';
import { newKey } from '../shared/key.ts';
import { arrived } from '../shared/leave.ts';
import { factorWay, safeTo } from '../shared/page.ts';
import { t } from '../shared/text.ts';
import type { LoggedIn } from '../shared/types.ts';
import { Notice, Shell } from '../shared/ui/parts.tsx';
import { CodeStep } from './code-step.tsx';
import { doorText } from './way.ts';

export function LinkPage({ code }: { code: string }) {
  const [key] = useState(newKey);               // one key for all tries: a lost answer does not burn the code
  const [busy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState<string | null>(null);
  const [asked, setAsked] = useState(false);    // of the office, with a second factor

  const enter = async (otp?: string) => {
    setBusy(true);
    setTrouble(null);
    try {
      const { to, person, factor_first } = await post<LoggedIn & { to: string }>('/login/link', { code, key, ...(otp ? { otp } : {}) });
      await arrived(person.id);
      location.replace(factor_first ? factorWay(safeTo(to)) : safeTo(to) ?? '/golive');
    } catch (e) {
      const problem = e as Problem;
      if (problem.code === 'code-needed') setAsked(true);
      else setTrouble(doorText(problem));
      setBusy(false);
    }
  };

  if (asked) return <CodeStep busy={busy} trouble={trouble} onSend={(otp) => void enter(otp)} />;

  return (
    <Shell say={t('link.say')}>
      <div class="door-picture tall" aria-hidden="true" />
      <h1>{t('link.title')}</h1>
      <p>{t('link.lead')}</p>
      <Notice text={trouble} tone="bad" />
      <button type="button" class="primary huge" data-testid="enter" disabled={busy} onClick={() => void enter()}>{t('link.enter')}</button>
    </Shell>
  );
}
