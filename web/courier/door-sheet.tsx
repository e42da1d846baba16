// door-sheet.tsx: what happened at the door: handed over, a part of it, or not; proof, cash and reason.
import { useState } from 'preact/hooks';
import { groups, money, readMoney } from '../shared/money.ts';
import { t, type Key } from '../shared/text.ts';
import { Notice, Sheet, Stepper } from '../shared/ui/parts.tsx';
import { dueFor } from './doors.ts';
import { smallPhoto } from './photo.ts';
import { Signature } from './signature.tsx';
import { FAILED, PARTIAL, type Mark, type Proof, type Stop } from './types.ts';

type To = 'delivered' | 'partial' | 'failed';
interface Props { stop: Stop; to: To; onMark(mark: Mark): void; onClose(): void }

export function DoorSheet({ stop, to, onMark, onClose }: Props) {
  const [proof, setProof] = useState<Proof | null>(null);
  const [typed, setTyped] = useState<string | null>(null);   // null: what is due, which follows what was taken
  const [reason, setReason] = useState('');
  const [took, setTook] = useState(() => stop.lines.map((l) => l.quantity));
  const [trouble, setTrouble] = useState<string | null>(null);
  const lines = stop.lines.map((l, i) => ({ lot: l.lot, quantity: took[i]! }));
  const due = to === 'partial' ? dueFor(stop, lines) : stop.due;
  const cash = typed ?? groups(due);
  const collected = cash.trim() === '' || cash.trim() === '0' ? 0 : readMoney(cash);
  const [sure, setSure] = useState(0);                       // more than is due: this much was asked about
  const send = (e: Event) => {
    e.preventDefault();
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
  return (
    <Sheet title={`${t(`courier.${to}`)}: ${stop.name}`} onClose={onClose} testid="door-sheet">
      <form onSubmit={send} noValidate>
        {to !== 'delivered' && <Reasons list={to === 'partial' ? PARTIAL : FAILED} chosen={reason} onChoose={setReason} />}
        {to === 'partial' && (
          <ul class="lines" aria-label={t('courier.took')}>{stop.lines.map((l, i) => (
            <li key={l.lot}><p><strong>{l.name}</strong></p>
              <Stepper mark="took-" id={l.lot} name={l.name} unit={l.unit} quantity={took[i]!} least={0} available={l.quantity}
                onChange={(q) => setTook(took.map((old, n) => (n === i ? q : old)))} /></li>
          ))}</ul>
        )}
        {to !== 'failed' && <ProofPart locked={stop.tries_left === 0} onProof={setProof} />}
        {to !== 'failed' && (
          <label class="field"><span>{t('courier.cash', { amount: money(due) })}</span>
            <input data-testid="cash" inputMode="numeric" value={cash} onInput={(e) => setTyped(e.currentTarget.value)} />
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

const KINDS = ['code', 'photo', 'signature'] as const;

/** The four digits are quickest; a photo or a signature when nobody knows them. */
function ProofPart({ locked, onProof }: { locked: boolean; onProof(proof: Proof | null): void }) {
  const [kind, setKind] = useState<Proof['kind']>(locked ? 'photo' : 'code');
  const [picture, setPicture] = useState<'none' | 'busy' | 'taken' | 'failed'>('none');
  const choose = (k: Proof['kind']) => { setKind(k); setPicture('none'); onProof(null); };
  const photo = async (file: File | undefined) => {
    if (!file) return;
    setPicture('busy');
    try {
      onProof({ kind: 'photo', body: await smallPhoto(file) });
      setPicture('taken');
    } catch {                            // no picture, or one this phone cannot read
      onProof(null);
      setPicture('failed');
    }
  };
  return (
    <fieldset class="proof">
      <legend>{t('courier.proof')}</legend>
      <div class="chips">{KINDS.map((k) => (
        <button key={k} type="button" class="chip" aria-pressed={kind === k} disabled={k === 'code' && locked} data-testid={`proof-${k}`} onClick={() => choose(k)}>{t(`proof.${k}`)}</button>
      ))}</div>
      {kind === 'code' && <label class="field"><span>{t('courier.code')}</span>
        <input class="digits" data-testid="code" inputMode="numeric" autoComplete="off" maxLength={4}
          onInput={(e) => { const v = e.currentTarget.value; onProof(/^\d{4}$/.test(v) ? { kind: 'code', body: v } : null); }} /></label>}
      {kind === 'photo' && <label class="field"><span role="status" data-testid="photo-state" data-state={picture}>{t(picture === 'none' ? 'courier.photo' : `courier.photo-${picture}`)}</span>
        <input type="file" accept="image/*" capture="environment" data-testid="photo" onChange={(e) => void photo(e.currentTarget.files?.[0])} /></label>}
      {kind === 'signature' && <Signature onChange={(body) => onProof(body ? { kind: 'signature', body } : null)} />}
    </fieldset>
  );
}
