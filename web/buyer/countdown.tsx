// countdown.tsx: how long the goods are still kept for an order that waits for its transfer, or, when cash was chosen, for its farmer.
import { useEffect, useState } from 'preact/hooks';
import { marketNow } from '../shared/market-time.ts';
import { t } from '../shared/text.ts';
import type { Way } from '../money/pay.ts';
import type { Order } from '../shared/types.ts';

/** Ms that are left at `now`, the market's time; never more than the whole time it gave. */
export function timeLeft(order: Pick<Order, 'placed_at' | 'expires_at'>, now: number): number | null {
  if (!order.expires_at) return null;
  return Math.min(Math.max(0, order.expires_at - now), order.expires_at - order.placed_at);
}

/** 599001 → "10:00", 7199001 → "2:00:00": rounded up, so that "0:00" means over. */
export function clockFace(ms: number): string {
  const seconds = Math.ceil(ms / 1000), minutes = Math.floor(seconds / 60), two = (n: number) => String(n).padStart(2, '0');
  return minutes < 60 ? `${minutes}:${two(seconds % 60)}` : `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(seconds % 60)}`;
}

/** `onOver` hears when the time ends: what is paid from then on may come too late. */
export function Countdown({ order, way, onOver }: { order: Order; way: Way | null; onOver(over: boolean): void }) {
  const [now, setNow] = useState(marketNow);
  const left = order.state === 'placed' ? timeLeft(order, now) : null;
  const running = left !== null;            // also when it is over: an answer may say that the phone is wrong
  useEffect(() => {
    if (!running) return;
    const timer = setInterval(() => setNow(marketNow()), 1000);
    return () => clearInterval(timer);
  }, [running]);
  const over = left === 0;
  useEffect(() => onOver(over), [over]);
  if (left === null) return null;
  return (
    <p class="countdown" role="timer" data-testid="countdown" data-left={left}>
      {left > 0 ? t(way === 'cash' ? 'hold.left-cash' : 'hold.left', { time: clockFace(left) }) : t('hold.over')}
    </p>
  );
}
