// door-sheet.tsx: what happened at the door: handed over, a part of it, or not; proof, cash and reason. All of it is kept on the phone
// while it is being filled in (door-draft.ts).
import { useEffect, useRef, useState } from 'preact/hooks';
import { groups, money, readMoney } from '../shared/money.ts';
import type { Keep } from '../shared/store.ts';
import { t, type Key } from '../shared/text.ts';
import { clock } from '../shared/time.ts';
import { Icon } from '../shared/ui/icons.tsx';
import { Notice, Sheet, Stepper } from '../shared/ui/parts.tsx';
import { dropDraft, keepDraft, type DoorDraft } from './door-draft.ts';
import { dueFor } from './doors.ts';
import { smallPhoto } from './photo.ts';
import { Signature } from './signature.tsx';
import { FAILED, PARTIAL, PROOFS, type Mark, type Proof, type Stop } from './types.ts';

interface Props {
  stop: Stop; keep: Keep; first: DoorDraft;
  onMark(mark: Mark): void; onClose(): void; onAnew(): void;
}

/** State that outlives the page. */
function useKept(keep: Keep, first: DoorDraft): [DoorDraft, (part: Partial<DoorDraft>) => void] {
  const [draft, setDraft] = useState(first);
  const gone = useRef(false);                                // a photo may be ready after the sheet was closed
  useEffect(() => {
    keepDraft(keep, first);
    return () => { gone.current = true; };
  }, []);
  const change = (part: Partial<DoorDraft>) => !gone.current && setDraft((now) => {
    const next = { ...now, begun: true, ...part };
    keepDraft(keep, next);
    return next;
  });
  return [draft, change];
}

const proofOf = ({ kind, body }: DoorDraft): Proof | null => (kind === 'code' ? /^\d{4}$/.test(body) : body) ? { kind, body } : null;

export function DoorSheet({ stop, keep, first, onMark, onClose, onAnew }: Props) {
  const [draft, change] = useKept(keep, first);
  const { to, reason, took, typed } = draft;
  const [trouble, setTrouble] = useState<string | null>(null);
  const lines = stop.lines.map((l, i) => ({ lot: l.lot, quantity: took[i]! }));
  const due = to === 'partial' ? dueFor(stop, lines) : stop.due;
  const cash = typed ?? groups(due);
  const collected = cash.trim() === '' || cash.trim() === '0' ? 0 : readMoney(cash);
  const [sure, setSure] = useState(0);                       // more than is due: this much was asked about
  const send = (e: Event) => {
    e.preventDefault();
    const proof = proofOf(draft);
    if (to !== 'delivered' && !reason) return setTrouble(t('courier.need-reason'));
    if (to === 'partial' && stop.lines.every((l, i) => took[i] === l.quantity)) return setTrouble(t('courier.need-less'));
    if (to === 'partial' && took.every((q) => q === 0)) return setTrouble(t('courier.need-some'));
    if (to !== 'failed' && !proof) return setTrouble(t('courier.need-proof'));
    if (to !== 'failed' && collected === null) return setTrouble(t('courier.need-cash'));
    if (to !== 'failed' && collected! > due && sure !== collected) {
      setSure(collected!);
      return setTrouble(t('courier.cash-over', { said: money(collected!), due: money(due) }));
    }
    onMark({
      to, ...(to !== 'delivered' ? { reason } : {}), ...(to !== 'failed' ? { proof: proof!, collected: collected! } : {}),
      ...(to === 'partial' ? { lines } : {}),
    });
  };
  const close = () => {
    if (draft.begun) keepDraft(keep, { ...draft, open: false });
    else dropDraft(keep);
    onClose();
  };
  return (
    <Sheet title={`${t(`courier.${to}`)}: ${stop.name}`} onClose={close} testid="door-sheet">
      {first.begun && (
        <div class="notice ok kept" role="status" data-testid="door-kept">
          <p>{t('courier.kept', { time: clock(first.at) })}</p>
          <button type="button" class="quiet" data-testid="door-anew" onClick={() => { dropDraft(keep); onAnew(); }}>{t('courier.anew')}</button>
        </div>
      )}
      <form onSubmit={send} noValidate>
        {to !== 'delivered' && <Reasons list={to === 'partial' ? PARTIAL : FAILED} chosen={reason} onChoose={(r) => change({ reason: r })} />}
        {to === 'partial' && (
          <ul class="lines" aria-label={t('courier.took')}>{stop.lines.map((l, i) => (
            <li key={l.lot}><p><strong>{l.name}</strong></p>
              <Stepper mark="took-" id={l.lot} name={l.name} unit={l.unit} quantity={took[i]!} least={0} available={l.quantity}
                onChange={(q) => change({ took: took.map((old, n) => (n === i ? q : old)) })} /></li>
          ))}</ul>
        )}
        {to !== 'failed' && <ProofPart locked={stop.tries_left === 0} draft={draft} wasOut={first.camera} onChange={change} />}
        {to !== 'failed' && (
          <label class="field"><span>{t('courier.cash', { amount: money(due) })}</span>
            <input data-testid="cash" inputMode="numeric" value={cash} onInput={(e) => change({ typed: e.currentTarget.value })} />
            <b class="echo" data-testid="cash-echo">{collected === null ? '\u00a0' : collected < due ? t('courier.cash-short', { said: money(collected), short: money(due - collected) }) : money(collected)}</b></label>
        )}
        <Notice text={trouble} tone="bad" />
        <button type="submit" class={`${to === 'failed' ? 'danger' : 'primary'} big wide-button`} data-testid="door-send">{t(`courier.${to}`)}</button>
      </form>
    </Sheet>
  );
}

function Reasons({ list, chosen, onChoose }: { list: readonly string[]; chosen: string; onChoose(reason: string): void }) {
  return (
    <div class="reasons" role="group" aria-label={t('courier.why')}>
      {list.map((r) => <button key={r} type="button" class="chip" data-testid={`why-${r}`} aria-pressed={chosen === r} onClick={() => onChoose(r)}>{t(`stop-why.${r}` as Key)}</button>)}
    </div>
  );
}

interface ProofProps { locked: boolean; draft: DoorDraft; wasOut: boolean; onChange(part: Partial<DoorDraft>): void }

/** The four digits are quickest; a photo or a signature when nobody knows them. `wasOut`: the page was thrown away while its camera was open. */
function ProofPart({ locked, draft: { kind, body }, wasOut, onChange }: ProofProps) {
  const [making, setMaking] = useState<'busy' | 'failed' | null>(null);
  const [tried, setTried] = useState(false);
  const picture = making ?? (body ? 'taken' : wasOut && !tried ? 'lost' : 'none');
  const choose = (k: Proof['kind']) => { setMaking(null); onChange({ kind: k, body: '' }); };
  const photo = async (file: File | undefined) => {
    onChange({ camera: false });
    if (!file) return;
    setTried(true);
    setMaking('busy');
    try {
      onChange({ body: await smallPhoto(file) });
      setMaking(null);
    } catch {                            // no picture, or one this phone cannot read
      onChange({ body: '' });
      setMaking('failed');
    }
  };
  return (
    <fieldset class="proof">
      <legend>{t('courier.proof')}</legend>
      <div class="chips">{PROOFS.map((k) => (
        <button key={k} type="button" class="chip" aria-pressed={kind === k} disabled={k === 'code' && locked} data-testid={`proof-${k}`} onClick={() => choose(k)}>{t(`proof.${k}`)}</button>
      ))}</div>
      {kind === 'code' && <label class="field"><span>{t('courier.code')}</span>
        <input class="digits" data-testid="code" inputMode="numeric" autoComplete="off" maxLength={4} value={body} onInput={(e) => onChange({ body: e.currentTarget.value })} /></label>}
      {kind === 'photo' && (
        <div class="door-photo">
          {(picture === 'failed' || picture === 'lost') && <p class="notice warn" role="alert">{t(`courier.photo-${picture}`)}</p>}
          {picture === 'taken' && <img src={`data:image/jpeg;base64,${body}`} alt={t('proof.photo')} width="640" height="480" />}
          <label class="quiet big photo-button"><Icon name="camera" />
            <span role="status" data-testid="photo-state" data-state={picture}>{t(picture === 'busy' || picture === 'taken' ? `courier.photo-${picture}` : 'courier.photo')}</span>
            <input type="file" accept="image/*" capture="environment" data-testid="photo" onClick={() => onChange({ camera: true })} onCancel={() => onChange({ camera: false })}
              onChange={(e) => void photo(e.currentTarget.files?.[0])} /></label>
        </div>
      )}
      {kind === 'signature' && <Signature first={body} onChange={(path) => onChange({ body: path })} />}
    </fieldset>
  );
}
