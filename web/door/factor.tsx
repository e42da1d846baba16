// factor.tsx: the page of who belongs to an office that must have a second factor, and has none: sets one up, or leaves.
import { useEffect, useState } from 'preact/hooks';
import { get, type Problem } from '../shared/api.ts';
import { safeTo } from '../shared/page.ts';
import { errorText, t } from '../shared/text.ts';
import type { LoggedIn, Person } from '../shared/types.ts';
import { useAct } from '../shared/ui/act.ts';
import { beginFactor, Codes, codesUnsure, SetUp, type Begun } from '../shared/ui/factor-steps.tsx';
import { LogOut } from '../shared/ui/log-out.tsx';
import { Notice, Opening, Shell } from '../shared/ui/parts.tsx';
import { wayFor } from './way.ts';

const AGAIN_MS = 2000;

export function FactorPage() {
  const [person, setPerson] = useState<Person | null>(null);
  const [missing, setMissing] = useState<string | null>(null);
  const [tries, setTries] = useState(0);
  const [begun, setBegun] = useState<Begun | null>(null);
  const [codes, setCodes] = useState<string[] | null>(null);
  const { busy, trouble, act } = useAct();
  // Whose codes may not be kept, since they got lost or the page was reloaded over them, makes others in the settings.
  const on = (who: Person) => location.replace(codesUnsure() ? '/money#settings' : wayFor(who, safeTo(new URLSearchParams(location.search).get('to'))));
  useEffect(() => {
    get<LoggedIn | { person: null }>('/me').then((me) => {
      if (!me.person) location.replace('/login?to=/factor');
      else if (!me.factor_first) on(me.person);
      else setPerson(me.person);
    }, (e: Problem) => {
      setMissing(errorText(e.code));
      window.setTimeout(() => setTries(tries + 1), AGAIN_MS);
    });
  }, [tries]);
  return (
    <Shell>
      <h1>{t(codes ? 'factor.codes-title' : 'factor.first-title')}</h1>
      {!person && (missing ? <Notice text={missing} tone="bad" /> : <Opening />)}
      {person && !begun && (
        <>
          <p>{t('factor.first-lead')}</p>
          <Notice text={trouble} tone="bad" />
          <button type="button" class="primary huge" data-testid="factor-begin" disabled={busy} onClick={() => void act(async () => setBegun(await beginFactor()))}>{t('factor.begin')}</button>
        </>
      )}
      {begun && !codes && <SetUp begun={begun} onCodes={setCodes} />}
      {person && codes && <Codes codes={codes} onDone={() => on(person)} />}
      {person && !codes && <LogOut />}
    </Shell>
  );
}
