// home.tsx: the market's front: stalls that are live first, with their pictures.
import { useEffect, useState } from 'preact/hooks';
import { get } from '../shared/api.ts';
import { onReturn } from '../shared/page.ts';
import { moment } from '../shared/time.ts';
import { t } from '../shared/text.ts';
import type { StallCard } from '../shared/types.ts';
import { Icon } from '../shared/ui/icons.tsx';
import { OldWords, Shell } from '../shared/ui/parts.tsx';

const REFRESH_MS = 15_000;

/** Live, then paused, then planned by time, then open ones by name; closed ones last. Pure. */
export function inOrder(stalls: readonly StallCard[]): StallCard[] {
  const rank = (s: StallCard) => (s.state === 'closed' ? 9 : s.live?.state === 'live' ? 0 : s.live?.state === 'paused' ? 1 : s.live?.state === 'planned' ? 2 : 5);
  return [...stalls].sort((a, b) => rank(a) - rank(b) || (a.live?.planned_at ?? 0) - (b.live?.planned_at ?? 0) || a.name.localeCompare(b.name, 'vi'));
}

export function Home({ first, oldAt }: { first: StallCard[] | null; oldAt: number | null }) {
  const [old, setOld] = useState(oldAt);
  const [stalls, setStalls] = useState<StallCard[] | null>(first);
  const [failed, setFailed] = useState(false);
  const [turn, setTurn] = useState(0);

  useEffect(() => {
    const load = async () => {
      if (document.visibilityState === 'hidden') return;
      try {
        setStalls((await get<{ stalls: StallCard[] }>('/stalls')).stalls);
        setTurn((n) => n + 1);
        setFailed(false);
        setOld(null);
      } catch {
        setFailed(true);
      }
    };
    void load();
    const timer = setInterval(() => void load(), REFRESH_MS);
    const stop = onReturn(() => void load());
    return () => { clearInterval(timer); stop(); };
  }, []);

  return (
    <Shell say={t('home.say')} aside={failed && <span class="offline" role="status">{t('no-net')}</span>} wide>
      <OldWords at={old} />
      <section class="hero">
        <div class="hero-words"><h1>{t('home.title')}</h1><p>{t('home.lead')}</p></div>
      </section>
      <div class="weave" aria-hidden="true" />
      <section class="stalls-block" aria-labelledby="stalls">
        <h2 id="stalls">{t('home.stalls')}</h2>
        {stalls?.length === 0 && <p class="soft">{t('home.none')}</p>}
        <ul class="stalls" aria-busy={stalls === null}>
          {stalls === null ? [1, 2].map((n) => <li key={n} class="stall-card ghost" aria-hidden="true" />)
            : inOrder(stalls).map((s) => <Card key={s.slug} stall={s} turn={turn} />)}
        </ul>
      </section>
      <nav class="doors" aria-label={t('home.doors')}>
        <a class="quiet wide-button" href="/golive">{t('home.farmer')}</a>
        <a class="quiet wide-button" href="/sessions">{t('home.cadre')}</a>
      </nav>
    </Shell>
  );
}

function Card({ stall, turn }: { stall: StallCard; turn: number }) {
  const [missing, setMissing] = useState<string | null>(null);      // a picture that cannot be had now
  const live = stall.live?.state === 'live';
  const poster = stall.poster && live ? `${stall.poster}?n=${turn}` : stall.poster;
  return (
    <li class={`stall-card ${live || stall.live?.state === 'paused' ? '' : 'quiet-card'}`} data-testid={`stall-${stall.slug}`}>
      <a href={`/s/${stall.slug}`}>
        <div class="card-picture">
          {poster && poster !== missing ? <img src={poster} alt="" width="640" height="360" decoding="async" onError={() => setMissing(poster)} /> : <div class="poster drawn" />}
          <Badge stall={stall} />
        </div>
        <div class="card-words"><h3>{stall.name}</h3><p>{stall.village}</p><p class="soft"><Icon name="basket" />{t('home.lots', { n: stall.lots })}</p></div>
      </a>
    </li>
  );
}

function Badge({ stall }: { stall: StallCard }) {
  if (stall.state === 'closed') return <span class="badge closed">{t('state.closed')}</span>;
  if (stall.live?.state === 'live') return <span class="badge playing">{t('state.live')}</span>;
  if (stall.live?.state === 'paused') return <span class="badge paused">{t('state.paused')}</span>;
  if (stall.live?.state === 'planned' && stall.live.planned_at)
    return <span class="badge plain">{moment(stall.live.planned_at, Date.now())}</span>;
  return null;
}
