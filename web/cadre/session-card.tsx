// session-card.tsx: one session: what is seen, by how many, over what network, and the cadre's buttons.
import { clock, moment } from '../shared/time.ts';
import { t, type Key } from '../shared/text.ts';
import type { LiveCard } from '../shared/types.ts';
import { Icon } from '../shared/ui/icons.tsx';
import { roomState, savers } from './board.ts';
import { Poster } from './poster.tsx';

export type Act = 'approve' | 'pause' | 'resume' | 'stop';

/** Which buttons a session has in each state. */
export function actsOf(card: LiveCard): Act[] {
  if (card.state === 'planned') return card.approved ? ['stop'] : ['approve', 'stop'];
  if (card.state === 'live') return ['pause', 'stop'];
  return card.state === 'paused' ? ['resume', 'stop'] : [];
}

const LOOK: Record<Act, string> = { approve: 'primary', resume: 'primary', pause: 'quiet', stop: 'danger' };

export function SessionCard({ card, onAct }: { card: LiveCard; onAct(act: Act): void }) {
  const live = card.state === 'live';
  const saving = live && savers(card);
  return (
    <li class={`session ${card.state}`} data-testid={`card-${card.slug}`} data-state={card.state} data-approved={card.approved}>
      <a class="card-picture" href={`/s/${card.slug}`}>
        <span class="hidden">{t('cadre.watch', { name: card.stall_name })} </span>
        <Poster url={card.poster} live={live} />
        <span class={`badge ${badgeOf(card)}`}>{t(wordOf(card))}</span>
        {live && <span class="badge plain right"><Icon name="eye" /><span data-testid={`viewers-${card.slug}`}>{card.viewers}</span><span class="hidden"> {t('watching')}</span></span>}
      </a>
      <div class="card-words">
        <h2>{card.stall_name}</h2>
        <p>{card.farmer_name}{card.title && ` · ${card.title}`}</p>
        <p class="soft">{when(card)}</p>
        {live && <p class={`net ${card.uplink}`} data-testid={`uplink-${card.slug}`}><Icon name="wifi" />{t(`uplink.${card.uplink}`)}</p>}
        {saving && <p class="soft" data-testid={`savers-${card.slug}`}>{t('cadre.savers', saving)}</p>}
        {card.reason && <p class="go-reason">{t('reason-is', { reason: card.reason })}</p>}
      </div>
      <div class="card-acts">
        {actsOf(card).map((a) => (
          <button key={a} type="button" class={LOOK[a]} data-testid={`${a}-${card.slug}`} aria-label={`${t(`act.${a}`)}: ${card.stall_name}`} onClick={() => onAct(a)}>
            {a !== 'approve' && <Icon name={a === 'resume' ? 'play' : a} />}{a === 'approve' && <Icon name="check" />}{t(`act.${a}`)}
          </button>
        ))}
        <a class="quiet" href={`/goods?stall=${card.slug}`} data-testid={`goods-${card.slug}`}>{t('goods.title')}<span class="hidden">: {card.stall_name}</span></a>
      </div>
    </li>
  );
}

function badgeOf(card: LiveCard): string {
  if (card.state === 'live') return roomState(card) === 'live' ? 'playing' : 'paused';
  return card.state === 'paused' ? 'paused' : card.state === 'ended' ? 'ended' : card.approved ? 'plain' : 'asks';
}

function wordOf(card: LiveCard): Key {
  if (card.state === 'live') return roomState(card) === 'live' ? 'state.live' : 'state.no-signal';
  if (card.state === 'planned') return card.approved ? 'state.approved' : 'state.asks';
  return card.state === 'paused' ? 'state.paused' : 'state.ended';
}

function when(card: LiveCard): string {
  const now = Date.now();
  if (card.started_at) return t('cadre.since', { time: clock(card.started_at) });
  return card.planned_at ? t('starts-at', { time: moment(card.planned_at, now) }) : '';
}
