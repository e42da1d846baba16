// player.tsx: the picture box: fixed size from the first paint, poster until the first frame, words when it stands still.
import { useEffect, useRef, useState } from 'preact/hooks';
import { Icon } from '../shared/ui/icons.tsx';
import { moment } from '../shared/time.ts';
import { t, type Key } from '../shared/text.ts';
import type { Snapshot } from '../shared/types.ts';
import type { Saving } from '../shared/whep.ts';
import { pictureOf, type Picture, type Watcher } from './watcher.ts';

const BADGES: Record<Picture, Key> = {
  playing: 'state.live', connecting: 'state.connecting', paused: 'state.paused', 'cadre-paused': 'state.paused',
  full: 'state.full', none: 'state.none', ended: 'state.ended', closed: 'state.closed',
};

const SAVINGS: Saving[] = ['auto', 'low', 'audio'];

export function Player({ watcher, snap, poster }: { watcher: Watcher; snap: Snapshot | null; poster: string | null }) {
  const video = useRef<HTMLVideoElement>(null);
  const box = useRef<HTMLDivElement>(null);
  const [, redraw] = useState(0);
  const [frame, setFrame] = useState(false);
  const [muted, setMuted] = useState(true);
  const [missing, setMissing] = useState<string | null>(null);      // a poster that cannot be had now

  useEffect(() => {
    const el = video.current!;
    watcher.listening = () => !el.muted;
    const attach = () => {
      if (el.srcObject !== watcher.stream) {
        el.srcObject = watcher.stream;
        void el.play().catch(() => {});
      }
      redraw((n) => n + 1);
    };
    watcher.onChange = attach;
    attach();
  }, [watcher]);

  const picture = pictureOf(snap, watcher.phase);
  const sounds = picture === 'playing' && (watcher.phase === 'sound' || watcher.saving === 'audio');
  const showVideo = frame && !sounds && (picture === 'playing' || picture === 'paused');    // a pause keeps the last frame
  const firstFrame = () => {
    setFrame(true);
    if (performance.getEntriesByName('first-frame').length === 0) performance.mark('first-frame');
  };
  const sound = () => {
    const el = video.current!;
    el.muted = !el.muted;
    setMuted(el.muted);
    void el.play().catch(() => {});
  };

  return (
    <section class="player" ref={box} aria-label={t('video')}>
      {poster && poster !== missing ? <img class={`poster ${showVideo ? 'gone' : ''}`} src={poster} alt="" width="640" height="360" onError={() => setMissing(poster)} />
        : <div class={`poster drawn ${showVideo ? 'gone' : ''}`} />}
      <video ref={video} data-testid="video" class={showVideo ? 'on' : ''} autoplay muted playsInline
        disablePictureInPicture width="640" height="360" onLoadedData={firstFrame} />
      <Overlay picture={picture} snap={snap} waitsForTap={watcher.waitsForTap} onPlay={() => watcher.play()} />
      {sounds && <p class="sounds" data-testid="sound-only" role="status"><Icon name="ear" />{t(watcher.saving === 'audio' ? 'picture.sound-chosen' : 'picture.sound')}</p>}
      <div class="player-top">
        <span class={`badge ${picture}`} data-testid="state" data-state={picture} role="status">{t(BADGES[picture])}</span>
        {snap && <span class="badge plain" data-testid="viewers"><Icon name="eye" />{snap.room.viewers}<span class="hidden"> {t('watching')}</span></span>}
      </div>
      {picture !== 'ended' && picture !== 'closed' && picture !== 'none' && !watcher.waitsForTap && <div class="player-bottom">
        <button type="button" class="pill" data-testid="unmute" aria-pressed={!muted} onClick={sound}>
          <Icon name={muted ? 'mute' : 'sound'} />{muted ? t('sound-on') : t('sound-off')}
        </button>
        <span class="player-right">
          <label class="pill saving"><Icon name={watcher.saving === 'audio' ? 'ear' : 'leaf'} /><span class="hidden">{t('saving')}</span><span aria-hidden="true">{t(`saving.${watcher.saving}`)}</span><Icon name="down" />
            <select data-testid="saving" value={watcher.saving} onChange={(e) => watcher.setSaving(e.currentTarget.value as Saving)}>
              {SAVINGS.map((s) => <option value={s} key={s}>{t(`saving.${s}`)}</option>)}
            </select></label>
          <button type="button" class="round glass" aria-label={t('full-screen')} onClick={() => void box.current?.requestFullscreen?.().catch(() => {})}><Icon name="full" /></button>
        </span>
      </div>}
    </section>
  );
}

function Overlay({ picture, snap, waitsForTap, onPlay }: { picture: Picture; snap: Snapshot | null; waitsForTap: boolean; onPlay(): void }) {
  if (waitsForTap && picture !== 'playing' && picture !== 'closed')
    return <button type="button" class="overlay tap" onClick={onPlay}><Icon name="play" /><span>{t('tap-to-watch')}</span></button>;
  if (picture === 'playing' || picture === 'connecting') return null;
  return (
    <div class="overlay">
      <Icon name={picture === 'none' ? 'clock' : picture === 'ended' || picture === 'closed' ? 'stop' : 'pause'} />
      <p class="overlay-title">{t(`picture.${picture}`)}</p>
      {why(picture, snap)}
    </div>
  );
}

function why(picture: Picture, snap: Snapshot | null) {
  const live = snap?.live;
  if ((picture === 'cadre-paused' || picture === 'ended') && live?.reason) return <p>{t('reason-is', { reason: live.reason })}</p>;
  if (picture === 'none' && live?.state === 'planned' && live.planned_at) return <p>{t('starts-at', { time: moment(live.planned_at, Date.now()) })}</p>;
  return picture === 'paused' ? <p>{t('picture.paused-why')}</p> : null;
}
