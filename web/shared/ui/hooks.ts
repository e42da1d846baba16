// hooks.ts: the live state of a stall and the clock, for components.
import { useEffect, useRef, useState } from 'preact/hooks';
import { LiveSocket, type LiveEvents } from '../live.ts';
import { marketNow } from '../market-time.ts';
import { onReturn } from '../page.ts';
import type { Snapshot } from '../types.ts';

const QUIET_MS = 45_000;   // hidden for longer than this, a socket may be dead without having said so

export interface StallLink {
  snap: Snapshot | null;
  up: boolean;
  tell: LiveSocket['tell'];
  renew(): void;             // come back as somebody else: after a first order there is a session
}

/** Joins a stall while mounted. `events` may change between drawings; the newest ones are called. */
export function useStall(slug: string, first: Snapshot | null, events: LiveEvents = {}): StallLink {
  const [snap, setSnap] = useState<Snapshot | null>(first);
  const [up, setUp] = useState(true);
  const live = useRef<LiveSocket | null>(null);
  const latest = useRef(events);
  latest.current = events;
  useEffect(() => {
    if (!slug) return;
    const socket = new LiveSocket(slug, first, {
      onState: (s) => { setSnap(s); latest.current.onState?.(s); },
      onRow: (row, fresh) => latest.current.onRow?.(row, fresh),
      onRoom: (stall, room) => latest.current.onRoom?.(stall, room),
      onLink: (is) => { setUp(is); latest.current.onLink?.(is); },
      onBye: (code) => latest.current.onBye?.(code),
      onRefused: (code) => latest.current.onRefused?.(code),
    });
    live.current = socket;
    socket.start();
    const stopWatching = renewOnReturn(socket);
    return () => { stopWatching(); socket.stop(); };
  }, [slug]);
  return { snap, up, tell: (message) => live.current?.tell(message) ?? false, renew: () => live.current?.renew() };
}

/** After a longer sleep or a change of network the old socket is not trusted. */
export function renewOnReturn(socket: LiveSocket): () => void {
  let hiddenAt = 0;
  const hide = () => { if (document.visibilityState === 'hidden') hiddenAt = Date.now(); };
  const renew = () => socket.renew();
  document.addEventListener('visibilitychange', hide);
  window.addEventListener('online', renew);
  const stop = onReturn(() => (hiddenAt && Date.now() - hiddenAt > QUIET_MS ? socket.renew() : socket.nudge()));
  return () => {
    document.removeEventListener('visibilitychange', hide);
    window.removeEventListener('online', renew);
    stop();
  };
}

/** The market's time, drawn anew every `everyMs`. */
export function useNow(everyMs: number): number {
  const [now, setNow] = useState(marketNow);
  useEffect(() => {
    const timer = setInterval(() => setNow(marketNow()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now;
}
