// copy.tsx: one value with its name and a button that copies it.
import { useState } from 'preact/hooks';
import { t } from '../shared/text.ts';
import { Icon } from '../shared/ui/icons.tsx';

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

export function CopyLine({ name, shown, value, testid }: { name: string; shown: string; value: string; testid: string }) {
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    if (!(await copyText(value))) return;
    setCopied(true);
    setTimeout(() => setCopied(false), SHOWN_MS);
  };
  return (
    <div class="copy-line">
      <dt>{name}</dt>
      <dd data-testid={testid}>{shown}</dd>
      <button type="button" class="quiet" data-testid={`copy-${testid}`} aria-label={t('pay.copy-what', { name })} onClick={() => void copy()}>
        {copied ? <><Icon name="check" />{t('pay.copied')}</> : t('pay.copy')}
      </button>
    </div>
  );
}
