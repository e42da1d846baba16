// flash-clock.tsx: how long a flash price is still there.
import { flashLeft } from '../shared/flash.ts';
import { t } from '../shared/text.ts';
import type { Flash } from '../shared/types.ts';
import { useNow } from '../shared/ui/hooks.ts';
import { clockFace } from './countdown.tsx';

export function FlashClock({ flash }: { flash: Flash }) {
  const left = flashLeft(flash, useNow(1000));
  return <strong role="timer" data-testid={`flash-clock-${flash.id}`}>{t('flash.ends', { time: clockFace(left) })}</strong>;
}
