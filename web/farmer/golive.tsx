// golive.tsx: the farmer's page: one big button, the picture, what is left, who orders.
import { useEffect, useMemo, useState } from 'preact/hooks';
import { post, type Problem } from '../shared/api.ts';
import { newKey } from '../shared/key.ts';
import { speak } from '../shared/speech.ts';
import { loggedOut } from '../shared/leave.ts';
import { errorText, quantityText, t } from '../shared/text.ts';
import type { Order, Row, Snapshot } from '../shared/types.ts';
import { useStall } from '../shared/ui/hooks.ts';
import { Icon } from '../shared/ui/icons.tsx';
import { LogOut } from '../shared/ui/log-out.tsx';
import { Notice, Sheet, Shell, type Tone } from '../shared/ui/parts.tsx';
import { LotsEdit } from './lots-edit.tsx';
import { OrdersIn } from './orders-in.tsx';
import { Preview } from './preview.tsx';
import { maySend, screenOf, type Screen } from './screen.ts';
import { FieldSender } from './sender.ts';
import { bell, gong, wakeSound } from './sound.ts';
import { Wish } from './wish.ts';

const TELL_MS = 15_000;       // the market believes a word for 40 s

export function GoLive({ slug }: { slug: string }) {
  const sender = useMemo(() => new FieldSender(slug), [slug]);
  const [, redraw] = useState(0);
  const [busy, setBusy] = useState(false);
  const [told, setTold] = useState<{ text: string; tone: Tone } | null>(null);
  const [stopping, setStopping] = useState(false);
  const [fresh, setFresh] = useState<ReadonlySet<string>>(new Set());
  const wants = useMemo(() => new Wish(slug), [slug]);

  const { snap, up, tell } = useStall(slug, null, {
    onState: (s) => follow(s, sender, wants),
    onRow: (row, isNew) => isNew && heard(row),
    onBye: (code) => { if (code === 'logged-out') void loggedOut('/golive'); },
    onRefused: (code) => setTold({ text: errorText(code), tone: 'bad' }),
  });
  useEffect(() => {
    sender.onChange = () => redraw((n) => n + 1);
    void sender.openCamera();
    const leave = () => sender.close();
    window.addEventListener('pagehide', leave);
    return () => { window.removeEventListener('pagehide', leave); sender.close(); };
  }, [sender]);

  const uplink = sender.phase === 'sending' ? sender.uplink : 'none';
  useEffect(() => {                            // so that the cadre's page says the same as this one
    if (uplink === 'none' || !up) return;
    tell({ t: 'uplink', word: uplink });
    const again = setInterval(() => tell({ t: 'uplink', word: uplink }), TELL_MS);
    return () => clearInterval(again);
  }, [uplink, up]);

  const heard = (row: Row) => {
    if (row.kind === 'order.placed' && typeof row.body.order === 'object') {
      const order = row.body.order;
      setFresh((codes) => new Set([...codes, order.code]));
      bell();
      speak(t('say.new-order', { name: order.name, lines: orderWords(order) }));
    } else if (row.kind.startsWith('live.') && row.kind !== 'live.planned' && row.kind !== 'live.started') {
      gong();
      if (row.kind === 'live.approved') speak(t('go.ready'));
    }
  };

  const screen = screenOf(snap, sender.phase);
  const press = async () => {
    wakeSound();
    setTold(null);
    wants.on = true;
    if (!sender.stream) await sender.openCamera();
    if (maySend(snap?.live ?? null)) return sender.start();
    setBusy(true);
    try {
      const { live } = await post<{ live: Snapshot['live'] }>(`/stalls/${slug}/lives`, { key: newKey() });
      if (maySend(live)) await sender.start();
    } catch (e) {
      setTold({ text: errorText((e as Problem).actCode), tone: 'bad' });
    }
    setBusy(false);
  };
  const stop = async () => {
    setStopping(false);
    wants.on = false;
    sender.stop();
    const live = snap?.live;
    if (!live || live.state === 'ended') return;
    try {
      await post(`/lives/${live.id}/stop`, { key: newKey() });
    } catch (e) {
      setTold({ text: errorText((e as Problem).actCode), tone: 'bad' });
    }
  };

  const sendTrouble = sender.phase === 'refused' && sender.problem ? errorText(sender.problem.code) : null;
  const elsewhere = screen === 'ready' && snap?.live?.state === 'live' && snap.room.state === 'live';    // an app or another phone sends
  const on = screen === 'live' || screen === 'reconnecting' || screen === 'starting' || (screen === 'paused' && sender.phase !== 'idle');
  return (
    <Shell say={t(`go.say.${screen}`)} aside={!up && <span class="offline" role="status">{t('no-net')}</span>}>
      <h1 class="hidden">{t('go.title')}</h1>
      <div class={`go-top ${screen}`}>
        <Preview sender={sender} screen={screen} viewers={snap?.room.viewers ?? 0} elsewhere={elsewhere} />
        <div class="go-row">
          <button type="button" class="round glassy" data-testid="mute" aria-pressed={sender.muted} aria-label={t('go.mute')} onClick={() => sender.mute(!sender.muted)}>
            <Icon name={sender.muted ? 'micoff' : 'mic'} /></button>
          {on ? <button type="button" class="go-button stop" data-testid="stop" onClick={() => setStopping(true)}><Icon name="stop" /><span>{t('go.stop')}</span></button>
            : <button type="button" class={`go-button ${screen}`} data-testid="go" disabled={busy || !snap || screen === 'waiting' || screen === 'paused' || screen === 'closed'}
              onClick={() => void press()}><span>{t(`go.button.${screen}` as 'go.button.start')}</span></button>}
          <button type="button" class="round glassy" data-testid="flip" aria-label={t('go.flip')} onClick={() => void sender.flip()}><Icon name="flip" /></button>
        </div>
        <StateWords screen={screen} snap={snap} elsewhere={elsewhere} />
        {elsewhere && <div class="go-elsewhere"><button type="button" class="quiet red wide-button" data-testid="stop" onClick={() => setStopping(true)}><Icon name="stop" />{t('go.stop-session')}</button></div>}
      </div>
      <Notice text={told?.text ?? sendTrouble} tone={told?.tone ?? 'bad'} onClose={told ? () => setTold(null) : undefined} />
      {snap && <OrdersIn orders={snap.orders} lots={snap.lots} fresh={fresh} />}
      {snap && <LotsEdit slug={slug} lots={snap.lots} onTrouble={(code) => setTold({ text: errorText(code), tone: 'bad' })} />}
      <a class="quiet wide-button" href={`/goods?stall=${slug}`} data-testid="to-goods">{t('goods.title')}</a>
      <a class="quiet wide-button" href="/statement">{t('st.title')}</a>
      <LogOut />
      {stopping && (
        <Sheet title={t('go.stop-title')} onClose={() => setStopping(false)}>
          <button type="button" class="danger big" data-testid="stop-sure" onClick={() => void stop()}><Icon name="stop" />{t('go.stop-yes')}</button>
          <button type="button" class="quiet wide-button" onClick={() => setStopping(false)}>{t('go.stop-no')}</button>
        </Sheet>
      )}
    </Shell>
  );
}

/** The market paused, resumed or ended the session: the phone obeys at once, and comes back by itself after a pause. */
function follow(s: Snapshot, sender: FieldSender, wants: Wish): void {
  const live = s.live;
  if (!live || live.state === 'ended' || s.stall.state === 'closed') {
    if (live?.state === 'ended') wants.on = false;
    if (sender.phase !== 'idle') sender.stop();
    return;
  }
  sender.hold(live.state === 'paused' && sender.phase !== 'idle');
  if (wants.on && live.state === 'live' && sender.phase === 'idle' && maySend(live)) void sender.start();
}

function StateWords({ screen, snap, elsewhere }: { screen: Screen; snap: Snapshot | null; elsewhere: boolean }) {
  const reason = (screen === 'paused' || screen === 'ended') && snap?.live?.reason;
  return (
    <div class="go-state" role="status" aria-live="polite" data-testid="live-state" data-state={screen}>
      <p class="go-words">{t(elsewhere ? 'go.elsewhere' : `go.${screen}`)}</p>
      {reason && <p class="go-reason" data-testid="live-reason">{t('reason-is', { reason })}</p>}
    </div>
  );
}

const orderWords = (o: Order) => o.lines.map((l) => `${quantityText(l.unit, l.quantity).replace('kg', t('say.kg'))} ${l.name}`).join(', ');
