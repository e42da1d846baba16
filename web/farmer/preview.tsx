// preview.tsx: what the camera sees, with the three things a farmer looks at while talking: live or not, how many
// watch, how good the network is.
import { useEffect, useRef } from 'preact/hooks';
import { t } from '../shared/text.ts';
import { Icon } from '../shared/ui/icons.tsx';
import type { Screen } from './screen.ts';
import type { FieldSender } from './sender.ts';

export function Preview({ sender, screen, viewers, elsewhere }: { sender: FieldSender; screen: Screen; viewers: number; elsewhere: boolean }) {
  const video = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    const el = video.current!;
    if (el.srcObject === sender.stream) return;
    el.srcObject = sender.stream;
    if (sender.stream) void el.play().catch(() => {});
  });
  const live = screen === 'live' || screen === 'reconnecting';
  return (
    <section class="preview" aria-label={t('go.preview')}>
      <video ref={video} data-testid="preview" class={sender.facing === 'user' ? 'mirror' : ''} autoplay muted playsInline width="640" height="360" />
      {!sender.stream && (
        <div class="overlay">
          <Icon name="flip" />
          <p class="overlay-title">{sender.trouble ? t(`camera.${sender.trouble}`) : t('camera.opening')}</p>
          {sender.trouble && <button type="button" class="primary" data-testid="camera-again" onClick={() => void sender.openCamera()}>{t('camera.again')}</button>}
        </div>
      )}
      {screen === 'paused' && sender.stream && <div class="overlay"><Icon name="pause" /><p class="overlay-title">{t('picture.cadre-paused')}</p></div>}
      <div class="player-top">
        <span class={`badge ${screen === 'live' ? 'playing' : screen === 'reconnecting' ? 'paused' : 'plain'}`}>
          {screen === 'live' ? t('state.live') : screen === 'reconnecting' ? t('state.reconnecting') : t('state.preview')}
        </span>
        {(live || elsewhere) && <span class="badge plain big-badge"><Icon name="eye" /><span data-testid="viewers">{viewers}</span><span class="hidden"> {t('watching')}</span></span>}
      </div>
      {live && (
        <div class="player-bottom">
          <span class={`badge net ${screen === 'live' ? sender.uplink : 'bad'}`} role="status" data-testid="uplink" data-uplink={sender.uplink}>
            <Icon name="wifi" />{t(`uplink.${screen === 'live' ? sender.uplink : 'bad'}`)}
          </span>
        </div>
      )}
    </section>
  );
}
