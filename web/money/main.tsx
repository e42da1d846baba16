// main.tsx: start of the pages about money: the office's (/money) and a farmer's statement (/statement).
import { render } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { get, Problem } from '../shared/api.ts';
import { errorText, loadLanguage, t } from '../shared/text.ts';
import type { Person } from '../shared/types.ts';
import { Notice, Shell } from '../shared/ui/parts.tsx';
import { askPasswordHere } from '../shared/ui/password.tsx';
import { Office } from './office.tsx';
import { StatementPage } from './statement.tsx';

const AGAIN_MS = 2000;

function Money({ page }: { page: 'money' | 'statement' }) {
  const [person, setPerson] = useState<Person | null>(null);
  const [trouble, setTrouble] = useState<string | null>(null);
  const [tries, setTries] = useState(0);
  useEffect(() => {
    get<{ person: Person | null }>('/me').then(
      ({ person: p }) => (p ? setPerson(p) : location.replace(`/login?to=${location.pathname}${location.search}`)),
      (e: Problem) => {
        setTrouble(errorText(e.code));
        window.setTimeout(() => setTries(tries + 1), AGAIN_MS);
      });
  }, [tries]);
  const office = person?.roles.some((r) => r === 'cadre' || r === 'admin') ?? false;
  const farmer = person?.roles.includes('farmer') ?? false;
  if (person && page === 'money' && office) return <Office me={person} />;
  if (person && page === 'statement' && (office || farmer)) return <StatementPage me={person} office={office} />;
  return (
    <Shell>
      <h1>{t(page === 'money' ? 'money.title' : 'st.title')}</h1>
      <Notice text={person ? errorText('forbidden') : trouble} tone="bad" />
    </Shell>
  );
}

askPasswordHere();
void loadLanguage().then(() => render(<Money page={document.body.dataset.page === 'money' ? 'money' : 'statement'} />, document.getElementById('app')!));
