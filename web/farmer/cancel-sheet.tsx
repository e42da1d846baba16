// cancel-sheet.tsx: the farmer cannot fulfil an order: the reason, which says who bears it.
import { useState } from 'preact/hooks';
import { post, type Problem } from '../shared/api.ts';
import { newKey } from '../shared/key.ts';
import { t } from '../shared/text.ts';
import { Sheet } from '../shared/ui/parts.tsx';

const WHYS = ['no-goods', 'bad-goods', 'weather', 'no-answer', 'no-drive', 'other'] as const;

export function CancelSheet({ code, onClose, onTrouble }: { code: string; onClose(): void; onTrouble(code: string): void }) {
  const [key] = useState(newKey);
  const [why, setWhy] = useState<(typeof WHYS)[number]>('no-goods');
  const send = async () => {
    try {
      await post(`/orders/${code}/cancel`, { why, at: Date.now(), key });
    } catch (e) {
      onTrouble((e as Problem).code);
    }
    onClose();
  };
  return (
    <Sheet title={t('cancel-order')} onClose={onClose} testid="cancel-sheet">
      <fieldset class="whys"><legend>{t('because.title')}</legend>
        {WHYS.map((w) => <label key={w}><input type="radio" name="why" checked={why === w} onChange={() => setWhy(w)} data-testid={`why-${w}`} /><span>{t(`because.${w}`)}</span></label>)}
      </fieldset>
      <button type="button" class="danger big" data-testid="cancel-send" onClick={() => void send()}>{t('cancel-yes')}</button>
    </Sheet>
  );
}
