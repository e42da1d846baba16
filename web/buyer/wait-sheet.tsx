// wait-sheet.tsx: a place in the line of a lot that is sold out: how much, who, and whether less will do.
import { useState } from 'preact/hooks';
import type { Problem } from '../shared/api.ts';
import { postOnce } from '../shared/once.ts';
import { readPhone } from '../shared/phone.ts';
import { firstQuantity, MAX_QUANTITY, step } from '../shared/quantity.ts';
import { rememberMe, type Me } from '../shared/store.ts';
import { quantityText, t } from '../shared/text.ts';
import type { Lot, Wait } from '../shared/types.ts';
import { useAct } from '../shared/ui/act.ts';
import { useDraft } from '../shared/ui/draft.ts';
import { Notice, Sheet, Stepper } from '../shared/ui/parts.tsx';
import { Fields, knownMe } from './order-sheet.tsx';

interface Props { slug: string; lot: Lot; onClose(): void; onJoined(wait: Wait): void }

export function WaitSheet({ slug, lot, onClose, onJoined }: Props) {
  // The order's own draft (its note stays in it): who began to write an order and found the lot sold out does not write it all again.
  const [{ note: _, ...me }, write] = useDraft('order', { name: '', phone: '', place: '', note: '', ...knownMe() });
  const [wrong, setWrong] = useState<keyof Me | null>(null);
  const [{ quantity, less }, wish, sent] = useDraft(`wait.${lot.id}`, { quantity: firstQuantity(lot.unit, MAX_QUANTITY), less: true });
  const { busy, trouble, act } = useAct();

  const send = (e: Event) => {
    e.preventDefault();
    const phone = readPhone(me.phone);
    const bad = !me.name.trim() ? 'name' : !phone ? 'phone' : !me.place.trim() ? 'place' : null;
    setWrong(bad);
    if (bad) return document.getElementById(`order-${bad}`)?.focus();
    const clean = { name: me.name.trim(), phone: phone!, place: me.place.trim() };
    rememberMe(clean);
    const min = less ? Math.min(step(lot.unit), quantity) : quantity;
    void act(async () => {
      const { wait } = await postOnce<{ wait: Wait }>('/waits', { stall: slug, lot: lot.id, quantity, min, ...clean });
      sent();
      onJoined(wait);
    },
      (problem) => refusal(problem, lot));
  };

  return (
    <Sheet title={t('wait.title', { name: lot.name })} onClose={onClose} testid="wait-sheet">
      <form class="order-form" onSubmit={send} noValidate>
        <p>{t('wait.how')}</p>
        <Stepper mark="wait-" id={lot.id} name={lot.name} unit={lot.unit} quantity={quantity} least={1} available={Math.min(MAX_QUANTITY, lot.limit ?? MAX_QUANTITY)} onChange={(q) => wish({ quantity: q })} />
        <label class="take-less"><input type="checkbox" checked={less} onChange={(e) => wish({ less: e.currentTarget.checked })} data-testid="wait-less" /><span>{t('take-less')}</span></label>
        <Fields me={me} wrong={wrong} onChange={write} />
        <Notice text={trouble} tone="warn" />
        <button type="submit" class="primary big" data-testid="wait-send" disabled={busy}>{t('wait.send')}</button>
      </form>
    </Sheet>
  );
}

/** The codes say other things elsewhere. */
function refusal({ code, extras }: Problem, lot: Lot): string | null {
  if (extras.reason === 'in-stock') return t('wait.in-stock');
  if (code === 'already-there') return t('wait.already');
  if (code !== 'buyer-limit') return null;
  return extras.had === undefined ? t('wait.full')
    : t('limit-reached', { name: lot.name, limit: quantityText(lot.unit, extras.limit ?? 0), had: quantityText(lot.unit, extras.had) });
}
