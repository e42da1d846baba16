// waits.tsx: the places in line that this buyer has at a stall.
import { useEffect, useState } from 'preact/hooks';
import { get } from '../shared/api.ts';
import { dropFor, keepFor, keptFor } from '../shared/kept.ts';
import { postOnce } from '../shared/once.ts';
import { phoneKeep, recallMe } from '../shared/store.ts';
import { quantityText, t } from '../shared/text.ts';
import type { Wait } from '../shared/types.ts';
import { useAct } from '../shared/ui/act.ts';
import { Notice } from '../shared/ui/parts.tsx';
import { aboutTurn, Tell } from './tell.tsx';

const LIST = 'cx.waits';

/** Asked anew when `turn` changes; only on a phone that somebody has ordered or waited from. Beside them, how to write down at once what
 *  was answered: on a slow line the list comes long after the place in line was given or left. */
export function useWaits(slug: string, turn: number): { waits: Wait[]; joined(wait: Wait): void; left(wait: Wait): void } {
  const [waits, setWaits] = useState<Wait[]>(() => keptFor<Wait[]>(phoneKeep, LIST, slug)?.value ?? []);
  const change = (to: (now: Wait[]) => Wait[]) => setWaits((now) => {
    const here = to(now);
    if (here.length) keepFor(phoneKeep, LIST, slug, here, Date.now());
    else dropFor(phoneKeep, LIST, slug);
    return here;
  });
  useEffect(() => {
    let current = true;                              // an answer from before the last change is not the list any more
    if (recallMe()) get<{ waits: Wait[] }>('/waits').then((a) => current && change(() => a.waits.filter((w) => w.stall === slug && w.state === 'waiting')), () => {});
    return () => { current = false; };
  }, [slug, turn]);
  const left = (wait: Wait) => change((now) => now.filter((w) => w.id !== wait.id));
  return { waits, joined: (wait) => change((now) => [...now.filter((w) => w.id !== wait.id), wait]), left };
}

export function WaitsList({ waits, onLeft }: { waits: Wait[]; onLeft(wait: Wait): void }) {
  const { busy, trouble, act } = useAct();
  if (waits.length === 0) return null;
  const leave = (w: Wait) => act(async () => {
    await postOnce(`/waits/${w.id}/leave`, {});
    onLeft(w);
  });
  return (
    <section class="block" aria-labelledby="waits">
      <h2 id="waits">{t('wait.mine')}</h2>
      <Notice text={trouble} tone="bad" />
      <ul class="orders">{waits.map((w) => (
        <li key={w.id} class="order waiting" data-testid={`waiting-${w.lot}`} data-ahead={w.ahead}>
          <p><strong>{w.lot_name} {quantityText(w.unit, w.quantity)}</strong></p>
          <p>{w.ahead ? t('wait.ahead', { n: w.ahead }) : t('wait.first')}</p>
          <Tell about={aboutTurn(w.id)} />
          <button type="button" class="quiet" data-testid={`leave-${w.lot}`} disabled={busy} onClick={() => void leave(w)}>{t('wait.leave')}</button>
        </li>
      ))}</ul>
    </section>
  );
}
