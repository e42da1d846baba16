// import.tsx: bringing in a bank's statement as the bank gave it. The same file again changes nothing, so pressing twice
// is safe; what became of the rows is told in words.
import { useState } from 'preact/hooks';
import { sendFile, type Problem } from '../shared/api.ts';
import { newKey } from '../shared/key.ts';
import { t } from '../shared/text.ts';
import { useAnswer } from './load.ts';
import type { TabProps } from './office.tsx';
import { spaced } from './pay.ts';
import { importWords, refusalKey } from './statement-words.ts';
import type { Account, ImportAnswer } from './types.ts';

const FILE_MAX = 5 * 1024 * 1024;     // market/edge/limits.h, RAW_MAX
const SEND_MS = 180_000;       // a slow uplink and a long statement

export function ImportTab({ onTrouble }: TabProps) {
  const [found] = useAnswer<{ accounts: Account[] }>('/bank-accounts', onTrouble);
  const [chosen, setChosen] = useState<number | null>(null);
  const [busy, setBusy] = useState(false);
  const [words, setWords] = useState<{ good: boolean; lines: string[] } | null>(null);
  const accounts = found?.accounts ?? [];
  const account = chosen ?? (accounts.length === 1 ? accounts[0]!.id : null);

  const bring = async (file: File | undefined) => {
    if (!file || account === null) return;
    if (file.size > FILE_MAX) {
      setWords({ good: false, lines: [t('import.bad-too-big')] });
      return;
    }
    setBusy(true);
    setWords(null);
    try {
      const answer = await sendFile<ImportAnswer>(`/bank-accounts/${account}/statements?key=${newKey()}`, file, SEND_MS);
      setWords({ good: answer.statement.chain !== 'broken', lines: importWords(answer) });
    } catch (e) {
      const { code, field, extras } = e as Problem;
      if (code === 'bad-field' && field === 'file') setWords({ good: false, lines: [t(refusalKey((extras as { reason?: string }).reason))] });
      else onTrouble((e as Problem).actCode);
    }
    setBusy(false);
  };

  return (
    <>
      <p class="soft">{t('import.lead')}</p>
      {found && accounts.length === 0 && <p class="pay-note">{t('import.no-account')}</p>}
      <fieldset class="choices">
        <legend>{t('import.which')}</legend>
        {accounts.map((a) => (
          <label key={a.id} class="check"><input type="radio" name="account" data-testid={`import-account-${a.id}`} checked={account === a.id} onChange={() => setChosen(a.id)} />
            <span><strong>{a.bank ?? a.bin} {spaced(a.number)}</strong><br />{a.holder}</span></label>
        ))}
      </fieldset>
      <label class={`primary big file-button ${account === null || busy ? 'off' : ''}`}>
        {busy ? t('sending') : t('import.choose')}
        <input type="file" data-testid="import-file" accept=".csv,.xlsx,.txt,text/csv,application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
          disabled={account === null || busy} onChange={(e) => { const input = e.currentTarget; void bring(input.files?.[0]).then(() => { input.value = ''; }); }} />
      </label>
      <div role="status" data-testid="import-result" data-good={words ? String(words.good) : undefined} class={words ? `result ${words.good ? 'ok' : 'warn'}` : ''}>
        {words && <ul>{words.lines.map((line) => <li key={line}>{line}</li>)}</ul>}
      </div>
    </>
  );
}
