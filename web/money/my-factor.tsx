// my-factor.tsx: one's own second factor: on or off, how many recovery codes are left, and what can be done about it.
import { useEffect, useRef, useState } from 'preact/hooks';
import { postOnce } from '../shared/once.ts';
import { t } from '../shared/text.ts';
import { moment } from '../shared/time.ts';
import { useAct } from '../shared/ui/act.ts';
import { beginFactor, CodeForm, Codes, CodesKept, codesUnsure, makeCodes, SetUp, type Begun } from '../shared/ui/factor-steps.tsx';
import { Notice, Sheet } from '../shared/ui/parts.tsx';
import { useAnswer } from './load.ts';
import type { TabProps } from './office.tsx';
import type { Factor } from './types.ts';

type Doing = { what: 'codes' | 'off' } | { what: 'set-up'; begun: Begun } | { what: 'show'; codes: string[]; first: boolean };

export function MyFactor({ onTrouble, onTold }: TabProps) {
  const [found, load] = useAnswer<{ factor: Factor }>('/me/factor', onTrouble);
  const [doing, setDoing] = useState<Doing | null>(null);
  const { busy, trouble, act } = useAct();
  const factor = found?.factor;
  if (!factor) return null;
  const end = () => { setDoing(null); void load(); };
  const show = (first: boolean) => (codes: string[]) => { setDoing({ what: 'show', codes, first }); void load(); };
  const kept = () => {
    if (doing?.what === 'show' && doing.first) onTold(t('factor.on-now'));
    end();
  };
  return (
    <section class="block" data-testid="my-factor" data-on={factor.on}>
      <h2>{t('factor.title')}</h2>
      {doing?.what === 'show' ? <Shown codes={doing.codes} onDone={kept} /> : factor.on ? <On factor={factor} onDo={setDoing} onKept={() => void load()} /> : (
        <>
          <p class="soft">{t('factor.off-lead')}</p>
          <Notice text={trouble} tone="bad" />
          <button type="button" class="quiet wide-button" data-testid="factor-open" disabled={busy}
            onClick={() => void act(async () => setDoing({ what: 'set-up', begun: await beginFactor() }))}>{t('factor.set-up')}</button>
        </>
      )}
      {doing?.what === 'set-up' && <Sheet title={t('factor.set-up')} onClose={end} testid="factor-sheet"><SetUp begun={doing.begun} onCodes={show(true)} /></Sheet>}
      {doing?.what === 'codes' && (
        <Sheet title={t('factor.new-codes')} onClose={end} testid="new-codes-sheet">
          <CodeForm send={t('factor.new-codes')} paper onCode={async (otp) => show(false)(await makeCodes('/me/factor/codes', otp))} />
        </Sheet>
      )}
      {doing?.what === 'off' && <OffSheet required={factor.required} onClose={end} onDone={() => { onTold(t('factor.turned-off')); end(); }} />}
    </section>
  );
}

/** On the page itself, where no finger beside a sheet takes away what is shown once. */
function Shown({ codes, onDone }: { codes: string[]; onDone(): void }) {
  const head = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    head.current!.focus({ preventScroll: true });
    head.current!.scrollIntoView({ block: 'center' });
  }, []);
  return <div class="task" data-testid="codes-shown"><h3 ref={head} tabIndex={-1}>{t('factor.codes-title')}</h3><Codes codes={codes} onDone={onDone} /></div>;
}

function On({ factor, onDo, onKept }: { factor: Factor; onDo(doing: Doing): void; onKept(): void }) {
  return (
    <>
      <p>{t('factor.on-since', { time: moment(factor.since ?? 0, Date.now()) })}</p>
      <p class={factor.codes_left ? 'soft' : ''} data-testid="codes-left" data-left={factor.codes_left}>
        {factor.codes_left ? t('factor.left', { n: factor.codes_left }) : t('factor.none-left')}</p>
      {codesUnsure() && <div class="task" data-testid="codes-unsure"><p class="notice warn">{t('factor.codes-unsure')}</p><CodesKept onDone={onKept} /></div>}
      <button type="button" class="quiet wide-button" data-testid="codes-open" onClick={() => onDo({ what: 'codes' })}>{t('factor.new-codes')}</button>
      <button type="button" class="quiet red wide-button" data-testid="factor-off" onClick={() => onDo({ what: 'off' })}>{t('factor.turn-off')}</button>
    </>
  );
}

function OffSheet({ required, onClose, onDone }: { required: boolean; onClose(): void; onDone(): void }) {
  return (
    <Sheet title={t('factor.turn-off')} onClose={onClose} testid="factor-off-sheet">
      <p>{t('factor.turn-off-what')}</p>
      {required && <p class="notice warn">{t('factor.turn-off-first')}</p>}
      <CodeForm send={t('factor.turn-off')} paper danger onCode={async (otp) => { await postOnce('/me/factor/off', { otp }); onDone(); }} />
    </Sheet>
  );
}
