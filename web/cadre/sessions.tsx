// sessions.tsx: every live or planned session as a card; approve, pause, stop now; and the people behind them.
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { get, type Problem } from '../shared/api.ts';
import { LiveSocket } from '../shared/live.ts';
import { Newest } from '../shared/newest.ts';
import { postOnce } from '../shared/once.ts';
import { loggedOut } from '../shared/leave.ts';
import { factorWay } from '../shared/page.ts';
import { errorText, t } from '../shared/text.ts';
import type { Live, LiveCard } from '../shared/types.ts';
import { renewOnReturn } from '../shared/ui/hooks.ts';
import { LogOut } from '../shared/ui/log-out.tsx';
import { Notice, Opening, Shell } from '../shared/ui/parts.tsx';
import { applyRoom, applyRow, inOrder } from './board.ts';
import { SessionCard, type Act } from './session-card.tsx';
import { People } from './people.tsx';
import { ReasonSheet } from './reason-sheet.tsx';

const REFRESH_MS = 30_000;     // the socket is the fast way; this heals whatever it could not tell
const NO_POSTER_MS = 3000;     // a session that has just begun has its first picture soon

export function Sessions() {
  const [cards, setCards] = useState<LiveCard[] | null>(null);
  const [up, setUp] = useState(true);
  const [trouble, setTrouble] = useState<string | null>(null);      // of what was pressed: the words for that stay
  const [unloaded, setUnloaded] = useState<string | null>(null);    // the code why the list is not the newest; it is asked for again by itself
  const [asking, setAsking] = useState<{ card: LiveCard; act: 'pause' | 'stop' } | null>(null);
  const [tab, setTab] = useState<'sessions' | 'people'>(() => (location.hash === '#people' ? 'people' : 'sessions'));
  const choose = (next: 'sessions' | 'people') => { setTab(next); setUnloaded(null); history.replaceState(history.state, '', `#${next}`); };
  const known = useRef<LiveCard[]>([]);

  const [newest] = useState(() => new Newest(() => get<{ lives: LiveCard[] }>('/lives?state=open')));
  const show = useCallback((list: LiveCard[]) => { newest.heard(); known.current = list; setCards(list); }, []);
  const load = useCallback(async () => {
    try {
      show((await newest.ask()).lives);
      setUnloaded(null);
    } catch (e) {
      setUnloaded((e as Problem).code);
    }
  }, [show]);

  useEffect(() => {
    void load();
    const socket = new LiveSocket('*', null, {
      onRow: (row) => {
        const next = applyRow(known.current, row);
        if (next) show(next);
        else void load();
      },
      onRoom: (stall, room) => show(applyRoom(known.current, stall, room)),
      onLink: (is) => { setUp(is); if (is) void load(); },
      onRefused: (code) => (code === 'not-logged-in' ? location.replace('/login?to=/sessions') : code === 'factor-first' ? location.replace(factorWay('/sessions')) : setTrouble(errorText(code))),
      onBye: (code) => { if (code === 'logged-out') void loggedOut('/sessions'); else if (code === 'factor-first') location.replace(factorWay('/sessions')); },
    });
    socket.start();
    const stop = renewOnReturn(socket);
    const timer = setInterval(() => void load(), REFRESH_MS);
    const early = setInterval(() => { if (known.current.some((c) => c.state === 'live' && !c.poster)) void load(); }, NO_POSTER_MS);
    return () => { clearInterval(timer); clearInterval(early); stop(); socket.stop(); };
  }, [load, show]);

  /** Rejects with Problem: who asked says so, where it was asked. */
  const act = async (card: LiveCard, what: Act, reason?: string) => {
    setTrouble(null);
    try {
      const { live } = await postOnce<{ live: Live }>(`/lives/${card.id}/${what}`, reason ? { reason } : {});
      show(known.current.map((c) => (c.id === live.id ? { ...c, ...live } : c)));
    } catch (e) {
      void load();
      throw e;
    }
  };
  const press = (card: LiveCard, what: Act) => act(card, what).catch((e: Problem) => setTrouble(errorText(e.actCode)));

  const move = (e: KeyboardEvent) => {
    if (e.key !== 'ArrowLeft' && e.key !== 'ArrowRight') return;
    const other = tab === 'sessions' ? 'people' : 'sessions';
    choose(other);
    document.getElementById(`tab-${other}`)?.focus();
  };

  const list = inOrder(cards ?? []);
  const waiting = list.filter((c) => c.state === 'planned' && !c.approved).length;
  return (
    <Shell say={t('cadre.say', { live: list.filter((c) => c.state === 'live').length, waiting })} wide
      aside={!up && <span class="offline" role="status">{t('no-net')}</span>}>
      <h1>{t('cadre.title')}</h1>
      <p class="elsewhere"><a class="to-money" href="/money">{t('money.title')} →</a> <a class="to-money" href="/trips">{t('trips.title')} →</a></p>
      <div class="tabs" role="tablist" aria-label={t('cadre.title')}>
        {(['sessions', 'people'] as const).map((name) => (
          <button key={name} type="button" role="tab" tabIndex={tab === name ? 0 : -1} onKeyDown={(e) => move(e)} id={`tab-${name}`} aria-selected={tab === name} aria-controls={`panel-${name}`} data-testid={`tab-${name}`} onClick={() => choose(name)}>
            {t(`cadre.${name}`)}{name === 'sessions' && waiting > 0 && <span class="count">{waiting}</span>}
          </button>
        ))}
      </div>
      <Notice text={trouble ?? (unloaded && errorText(unloaded))} tone="bad" onClose={() => { setTrouble(null); setUnloaded(null); }} />
      {tab === 'sessions' ? (
        <section role="tabpanel" id="panel-sessions" aria-labelledby="tab-sessions">
          {cards === null && !trouble && !unloaded && <Opening />}
          {cards !== null && list.length === 0 && <p class="soft">{t('cadre.none')}</p>}
          <ul class="sessions">
            {list.map((c) => <SessionCard key={c.id} card={c}
              onAct={(what) => (what === 'pause' || what === 'stop' ? setAsking({ card: c, act: what }) : void press(c, what))} />)}
          </ul>
        </section>
      ) : (
        <section role="tabpanel" id="panel-people" aria-labelledby="tab-people"><People onTrouble={(code) => setTrouble(errorText(code))} onLoad={setUnloaded} /></section>
      )}
      {asking && <ReasonSheet act={asking.act} name={asking.card.stall_name} onClose={() => setAsking(null)}
        onReason={async (reason) => { await act(asking.card, asking.act, reason); setAsking(null); }} />}
      <LogOut />
    </Shell>
  );
}
