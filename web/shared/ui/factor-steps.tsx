// factor-steps.tsx: setting up a second factor: the app's secret, its first code, and the codes for paper. For the settings and for the
// page where the office is led to that first.
import { useEffect, useRef, useState } from 'preact/hooks';
import { post, Problem } from '../api.ts';
import { newKey } from '../key.ts';
import { postOnce } from '../once.ts';
import { recall, tabKeep } from '../store.ts';
import { t } from '../text.ts';
import { useAct } from './act.ts';
import { CopyButton } from './copy.tsx';
import { Notice } from './parts.tsx';

const HASHES_MS = 60_000;          // ten slow hashes are made of the recovery codes

export interface Begun { secret: string; uri: string; svg: string }

const BEGUN = 'cx.factor-begun', UNSURE = 'cx.factor-codes';
const BEGUN_MS = 30 * 60_000;

/** A secret for the app. The tab keeps the key of the act, never the secret: a phone short of memory throws the page away while the app is
 *  open, and who begins again must find the secret that the app has by now. */
export async function beginFactor(): Promise<Begun> {
  const before = recall<{ key: string; at: number }>(tabKeep, BEGUN);
  const act = before && Date.now() - before.at < BEGUN_MS ? before : { key: newKey(), at: Date.now() };
  tabKeep.set(BEGUN, JSON.stringify(act));
  try {
    return (await post<{ begun: Begun }>('/me/factor', { key: act.key })).begun;
  } catch (e) {
    if (!(e instanceof Problem && e.passing)) tabKeep.set(BEGUN, null);
    throw e;
  }
}

/** Ten codes; none when they were shown already, to a page that did not hear it. Until somebody says that they are kept, the tab knows that
 *  they may not be. */
export async function makeCodes(path: '/me/factor/confirm' | '/me/factor/codes', otp: string): Promise<string[]> {
  const { codes } = await postOnce<{ codes: string[] }>(path, { otp }, HASHES_MS);
  tabKeep.set(BEGUN, null);
  tabKeep.set(UNSURE, '1');
  return codes;
}
export const codesUnsure = () => tabKeep.get(UNSURE) !== null;
export const codesKept = () => tabKeep.set(UNSURE, null);

/** Better words than "log in" for a code that is wrong here. */
export const codeWords = ({ code }: Problem) => (code === 'bad-code' ? t('factor.code-wrong') : null);

/** "ABCD EFGH …": easier to read over to a phone. */
export const inFours = (secret: string) => secret.replace(/(.{4})(?=.)/g, '$1 ');

/** Six digits (or, with `paper`, also a recovery code) and what is done with them. */
export function CodeForm({ send, paper, danger, onCode }: { send: string; paper?: boolean; danger?: boolean; onCode(otp: string): Promise<void> }) {
  const [code, setCode] = useState('');
  const { busy, trouble, act } = useAct();
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (trouble && !busy) field.current?.focus();
  }, [trouble, busy]);
  const press = (e: Event) => {
    e.preventDefault();
    void act(() => onCode(code.trim()), (problem) => {
      if (problem.code === 'bad-code') setCode('');
      return codeWords(problem);
    });
  };
  return (
    <form class="order-form" onSubmit={press} noValidate>
      <Notice text={trouble} tone="bad" />
      <label class="field code-field"><span>{t(paper ? 'code.either-label' : 'code.label')}</span>
        <input ref={field} data-testid="factor-code" inputMode={paper ? 'text' : 'numeric'} autoComplete="one-time-code" autoCapitalize="characters" spellcheck={false} maxLength={20}
          value={code} onInput={(e) => setCode(e.currentTarget.value)} /></label>
      <button type="submit" class={`${danger ? 'danger' : 'primary'} big`} data-testid="factor-send" disabled={busy || !code.trim()}>{send}</button>
    </form>
  );
}

export function SetUp({ begun, onCodes }: { begun: Begun; onCodes(codes: string[]): void }) {
  return (
    <div class="factor-steps" data-testid="factor-set-up">
      <p>{t('factor.step-app')}</p>
      <p>{t('factor.step-scan')}</p>
      <img class="factor-qr" data-testid="factor-qr" width="240" height="240" src={`data:image/svg+xml;charset=utf-8,${encodeURIComponent(begun.svg)}`} alt={t('factor.qr-alt')} />
      <dl class="factor-secret"><dt>{t('factor.secret')}</dt><dd data-testid="factor-secret" translate={false}>{inFours(begun.secret)}</dd></dl>
      <CopyButton name={t('factor.secret')} value={begun.secret} testid="copy-factor-secret" wide />
      <a class="quiet wide-button" href={begun.uri}>{t('factor.open-app')}</a>
      <p>{t('factor.step-code')}</p>
      <CodeForm send={t('factor.confirm')} onCode={async (otp) => onCodes(await makeCodes('/me/factor/confirm', otp))} />
    </div>
  );
}

export function Codes({ codes, onDone }: { codes: string[]; onDone(): void }) {
  if (!codes.length) return (
    <>
      <p class="notice warn" role="status" data-testid="codes-lost">{t('factor.codes-lost')}</p>
      <button type="button" class="primary big" data-testid="codes-kept" onClick={onDone}>{t('code.send')}</button>
    </>
  );
  return (
    <>
      <p>{t('factor.codes-lead')}</p>
      <ul class="recovery-codes" data-testid="recovery-codes" translate={false}>{codes.map((code) => <li key={code}>{code}</li>)}</ul>
      <CodesKept onDone={onDone} />
    </>
  );
}

export function CodesKept({ onDone }: { onDone(): void }) {
  const kept = () => {
    codesKept();
    onDone();
  };
  return <button type="button" class="primary big" data-testid="codes-kept" onClick={kept}>{t('factor.codes-kept')}</button>;
}
