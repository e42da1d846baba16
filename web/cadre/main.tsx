// main.tsx: start of the cadre's page; only cadres and admins get past it.
import { render } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { get, Problem } from '../shared/api.ts';
import { errorText, loadLanguage, t } from '../shared/text.ts';
import type { Person } from '../shared/types.ts';
import { Notice, Shell } from '../shared/ui/parts.tsx';
import { Sessions } from './sessions.tsx';

function Cadre() {
  const [may, setMay] = useState(false);
  const [trouble, setTrouble] = useState<string | null>(null);
  const [tries, setTries] = useState(0);
  useEffect(() => {
    get<{ person: Person | null }>('/me').then(
      ({ person: p }) => {
        if (!p) location.replace('/login?to=/sessions');
        else if (p.roles.includes('cadre') || p.roles.includes('admin')) setMay(true);
        else setTrouble(errorText('forbidden'));
      },
      (e: Problem) => {
        setTrouble(errorText(e.code));
        window.setTimeout(() => setTries(tries + 1), 2000);
      });
  }, [tries]);
  if (may) return <Sessions />;
  return <Shell><h1>{t('cadre.title')}</h1><Notice text={trouble} tone="bad" /></Shell>;
}

void loadLanguage().then(() => render(<Cadre />, document.getElementById('app')!));
