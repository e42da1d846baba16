// cancel-sheet.tsx: the farmer cannot fulfil an order: the reason, which says who bears it.
import { useState } from 'preact/hooks';
import { timedOnce } from '../shared/once.ts';
import { t } from '../shared/text.ts';
import { useAct } from '../shared/ui/act.ts';
import { Notice, Sheet } from '../shared/ui/parts.tsx';

const WHYS = ['no-goods', 'bad-goods', 'weather', 'no-answer', 'no-drive', 'other'] as const;

export function CancelSheet({ code, onClose }: { code: string; onClose(): void }) {
  const { busy, trouble, act } = useAct();
  const [why, setWhy] = useState<(typeof WHYS)[number]>('no-goods');
  const send = () => act(async () => {
    await timedOnce(`/orders/${code}/cancel`, { why });
    onClose();
  }, ({ extras }) => (extras.reason === 'delivered' ? t('cancel.delivered') : null));
  return (
    <Sheet title={t('cancel-order')} onClose={onClose} testid="cancel-sheet">
      <fieldset class="whys"><legend>{t('because.title')}</legend>
        {WHYS.map((w) => <label key={w}><input type="radio" name="why" checked={why === w} onChange={() => setWhy(w)} data-testid={`why-${w}`} /><span>{t(`because.${w}`)}</span></label>)}
      </fieldset>
      <Notice text={trouble} tone="bad" />
      <button type="button" class="danger big" disabled={busy} data-testid="cancel-send" onClick={() => void send()}>{t('cancel-yes')}</button>
    </Sheet>
  );
}
