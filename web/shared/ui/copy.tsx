// copy.tsx: a button that copies one value, and the value with its name before it.
import { useState } from 'preact/hooks';
import { t } from '../text.ts';
import { Icon } from './icons.tsx';

const SHOWN_MS = 2500;

/** Old WebViews have no clipboard, or refuse it: then an input is selected and copied the old way. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const field = document.createElement('textarea');
    field.value = text;
    field.readOnly = true;
    field.className = 'hidden';
    document.body.append(field);
    field.select();
    const done = document.execCommand('copy');
    field.remove();
    return done;
  }
}

export function CopyButton({ name, value, testid, wide }: { name: string; value: string; testid: string; wide?: boolean }) {
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    if (!(await copyText(value))) return;
    setCopied(true);
    setTimeout(() => setCopied(false), SHOWN_MS);
  };
  return (
    <button type="button" class={wide ? 'quiet wide-button' : 'quiet'} data-testid={testid} aria-label={copied ? undefined : t('pay.copy-what', { name })} onClick={() => void copy()}>
      {copied ? <><Icon name="check" />{t('pay.copied')}</> : t('pay.copy')}
    </button>
  );
}

export function CopyLine({ name, shown, value, testid }: { name: string; shown: string; value: string; testid: string }) {
  return (
    <div class="copy-line">
      <dt>{name}</dt>
      <dd data-testid={testid}>{shown}</dd>
      <CopyButton name={name} value={value} testid={`copy-${testid}`} />
    </div>
  );
}
