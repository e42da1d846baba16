// office.tsx: the office's page about money: what waits for a decision, statements, cash, accounts, farmers,
// settings.
import { useState } from 'preact/hooks';
import { errorText, t } from '../shared/text.ts';
import type { Person } from '../shared/types.ts';
import { LogOut } from '../shared/ui/log-out.tsx';
import { Notice, Shell, type Tone } from '../shared/ui/parts.tsx';
import { Accounts } from './accounts.tsx';
import { Carriers } from './carriers.tsx';
import { Cash } from './cash.tsx';
import { Farmers } from './farmers.tsx';
import { ImportTab } from './import.tsx';
import { Settings } from './settings.tsx';
import { Tasks } from './task-list.tsx';

const TABS = ['tasks', 'import', 'cash', 'carriers', 'accounts', 'farmers', 'settings'] as const;
type Tab = (typeof TABS)[number];

export interface TabProps { me: Person; onTrouble(code: string): void; onTold(words: string): void }

export function Office({ me }: { me: Person }) {
  const [tab, setTab] = useState<Tab>(() => TABS.find((x) => `#${x}` === location.hash) ?? 'tasks');
  const [told, setTold] = useState<{ text: string; tone: Tone } | null>(null);
  const [waiting, setWaiting] = useState(0);
  const choose = (next: Tab) => { setTab(next); setTold(null); history.replaceState(history.state, '', `#${next}`); };
  const move = (e: KeyboardEvent) => {
    const by = e.key === 'ArrowRight' ? 1 : e.key === 'ArrowLeft' ? -1 : 0;
    if (!by) return;
    const next = TABS[(TABS.indexOf(tab) + by + TABS.length) % TABS.length]!;
    choose(next);
    document.getElementById(`tab-${next}`)?.focus();
  };
  const props: TabProps = { me, onTrouble: (code) => setTold({ text: errorText(code), tone: 'bad' }), onTold: (text) => setTold({ text, tone: 'ok' }) };
  return (
    <Shell say={t('money.say', { n: waiting })} wide>
      <h1>{t('money.title')}</h1>
      <div class="tabs many" role="tablist" aria-label={t('money.title')}>
        {TABS.map((name) => (
          <button key={name} type="button" role="tab" id={`tab-${name}`} data-testid={`tab-${name}`} tabIndex={tab === name ? 0 : -1} aria-selected={tab === name}
            aria-controls="panel" onKeyDown={move} onClick={() => choose(name)}>
            {t(`money.tab-${name}`)}{name === 'tasks' && waiting > 0 && <span class="count">{waiting}</span>}
          </button>
        ))}
      </div>
      <Notice text={told?.text ?? null} tone={told?.tone} onClose={() => setTold(null)} />
      <section role="tabpanel" id="panel" aria-labelledby={`tab-${tab}`}>
        {tab === 'tasks' && <Tasks {...props} onCount={setWaiting} />}
        {tab === 'import' && <ImportTab {...props} />}
        {tab === 'cash' && <Cash {...props} />}
        {tab === 'carriers' && <Carriers {...props} />}
        {tab === 'accounts' && <Accounts {...props} />}
        {tab === 'farmers' && <Farmers {...props} />}
        {tab === 'settings' && <Settings {...props} />}
      </section>
      <p class="elsewhere"><a class="quiet wide-button" href="/sessions">{t('cadre.title')}</a><a class="quiet wide-button" href="/trips">{t('trips.title')}</a></p>
      <LogOut />
    </Shell>
  );
}
