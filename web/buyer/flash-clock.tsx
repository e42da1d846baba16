// flash-clock.tsx: how long a flash price is still there.
import { useEffect } from 'preact/hooks';
import { get } from '../shared/api.ts';
import { flashLeft } from '../shared/flash.ts';
import { timeHeard } from '../shared/market-time.ts';
import { t } from '../shared/text.ts';
import type { Flash } from '../shared/types.ts';
import { useNow } from '../shared/ui/hooks.ts';
import { clockFace } from './countdown.tsx';

export function FlashClock({ flash }: { flash: Flash }) {
  useEffect(() => {                        // a stall's page comes whole and asks for nothing, so nothing has said what time it is
    if (!timeHeard()) void get('/me').catch(() => {});
  }, []);
  const left = flashLeft(flash, useNow(1000));
  return <strong role="timer" data-testid={`flash-clock-${flash.id}`}>{t('flash.ends', { time: clockFace(left) })}</strong>;
}
