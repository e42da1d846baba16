// main.tsx: start of the courier's page and of the planning page. The courier's page shows what the phone knows even when the
// market cannot be reached, so nothing is asked before it is drawn.
import { render } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { get, Problem } from '../shared/api.ts';
import { keepPage } from '../shared/keeper.ts';
import { DOOR_SHEET, DOORS_VAULT } from '../shared/leave.ts';
import { errorText, loadLanguage, t } from '../shared/text.ts';
import type { Person } from '../shared/types.ts';
import { openVault } from '../shared/vault.ts';
import { Notice, Shell } from '../shared/ui/parts.tsx';
import { Courier, doorQueue } from './courier.tsx';
import { DOORS } from './doors.ts';
import { Trips } from './trips.tsx';

function Planning() {
  const [me, setMe] = useState<Person | null>(null);
  const [trouble, setTrouble] = useState<string | null>(null);
  useEffect(() => {
    get<{ person: Person | null }>('/me').then(({ person: p }) => {
      if (!p) location.replace('/login?to=/trips');
      else if (p.roles.some((r) => r === 'courier' || r === 'cadre' || r === 'admin')) setMe(p);
      else setTrouble(errorText('forbidden'));
    }, (e: Problem) => setTrouble(errorText(e.code)));
  }, []);
  return me ? <Trips me={me} /> : <Shell><h1>{t('trips.title')}</h1><Notice text={trouble} tone="bad" /></Shell>;
}

async function start(): Promise<void> {
  const root = document.getElementById('app')!;
  if (document.body.dataset.page !== 'courier') {
    await loadLanguage();
    render(<Planning />, root);
    return;
  }
  const [vault] = await Promise.all([openVault(DOORS_VAULT, [DOORS, DOOR_SHEET]), loadLanguage()]);
  render(<Courier queue={doorQueue(vault)} vault={vault} />, root);
  void keepPage('/courier');
}

void start();
