// main.tsx: start of the farmer's page. Who is here, and which stall is theirs, comes first.
import { render } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { get, Problem } from '../shared/api.ts';
import { errorText, loadLanguage, t } from '../shared/text.ts';
import type { Person } from '../shared/types.ts';
import { Notice, Opening, Shell } from '../shared/ui/parts.tsx';
import { GoLive } from './golive.tsx';

function Farmer() {
  const [person, setPerson] = useState<Person | null>(null);
  const [trouble, setTrouble] = useState<string | null>(null);
  const [tries, setTries] = useState(0);
  useEffect(() => {
    get<{ person: Person | null }>('/me').then(
      (me) => (me.person ? setPerson(me.person) : location.replace('/login?to=/golive')),
      (e: Problem) => {
        setTrouble(errorText(e.code));
        window.setTimeout(() => setTries(tries + 1), 2000);
      });
  }, [tries]);

  const asked = new URLSearchParams(location.search).get('stall');
  const stalls = person?.stalls ?? [];
  const slug = asked ?? (stalls.length === 1 ? stalls[0]! : null);
  if (person && slug) return <GoLive slug={slug} />;
  return (
    <Shell>
      <h1>{t('go.title')}</h1>
      <Notice text={trouble} tone="bad" />
      {!person && !trouble && <Opening />}
      {person && stalls.length === 0 && <p>{t('go.no-stall')}</p>}
      <ul class="plain-list">{stalls.length > 1 && stalls.map((s) => <li key={s}><a class="primary wide-button" href={`/golive?stall=${s}`}>{s}</a></li>)}</ul>
    </Shell>
  );
}

void loadLanguage().then(() => render(<Farmer />, document.getElementById('app')!));
