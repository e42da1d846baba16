// reason-sheet.tsx: pausing and stopping need a reason the farmer and the buyers can read. The usual ones are one tap.
import { useState } from 'preact/hooks';
import { t } from '../shared/text.ts';
import { Icon } from '../shared/ui/icons.tsx';
import { useAct } from '../shared/ui/act.ts';
import { Notice, Sheet } from '../shared/ui/parts.tsx';

const QUICK = ['reason.goods', 'reason.price', 'reason.words', 'reason.people', 'reason.test'] as const;

export function ReasonSheet({ act, name, onReason, onClose }: { act: 'pause' | 'stop'; name: string; onReason(reason: string): Promise<void>; onClose(): void }) {
  const [reason, setReason] = useState('');
  const { busy, trouble, act: run } = useAct();
  return (
    <Sheet title={`${t(`act.${act}`)}: ${name}`} onClose={onClose} testid="reason-sheet">
      <form class="order-form" onSubmit={(e) => { e.preventDefault(); if (reason.trim()) void run(() => onReason(reason.trim())); }}>
        <div class="reasons" role="group" aria-label={t('reason.why')}>
          {QUICK.map((key, i) => (
            <button key={key} type="button" class="chip" data-testid={`reason-${i + 1}`} aria-pressed={reason === t(key)} onClick={() => setReason(t(key))}>{t(key)}</button>
          ))}
        </div>
        <label class="field"><span>{t('reason.why')}</span>
          <textarea data-testid="reason" rows={2} maxLength={300} value={reason} onInput={(e) => setReason(e.currentTarget.value)} /></label>
        <Notice text={trouble} tone="bad" />
        <button type="submit" class={act === 'stop' ? 'danger big' : 'primary big'} data-testid="confirm-reason" disabled={busy || !reason.trim()}>
          <Icon name={act} />{t(`act.${act}-now`)}</button>
      </form>
    </Sheet>
  );
}
