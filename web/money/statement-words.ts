// statement-words.ts: what became of a statement that was brought in, told in sentences. Pure.
import { money } from '../shared/money.ts';
import { t, type Key } from '../shared/text.ts';
import type { ImportAnswer, ImportCounts } from './types.ts';

const COUNTS = ['matched', 'joined', 'repeated', 'unsure', 'review', 'outgoing', 'foreign'] as const satisfies readonly (keyof ImportCounts)[];
const REASONS = ['no-header', 'mixed-amounts', 'no-direction', 'no-rows', 'empty', 'too-big', 'not-text', 'broken', 'old-excel', 'password-protected'];

/** A file already known in whole, or an empty one, changes nothing; that is said first. */
export function importWords({ counts, statement }: ImportAnswer): string[] {
  const words = [counts.repeated === counts.rows ? t('import.nothing-new', { n: counts.rows }) : t('import.read', { n: counts.rows })];
  if (counts.repeated !== counts.rows)
    for (const name of COUNTS) if (counts[name] > 0) words.push(t(`import.${name}`, { n: counts[name] }));
  if (statement.chain === 'whole') words.push(t('import.chain-whole', { closing: money(statement.closing ?? 0) }));
  if (statement.chain === 'broken') words.push(t('import.chain-broken', { row: statement.chain_row ?? 0 }));
  if (statement.issues.length > 0) words.push(t('import.issues', { rows: statement.issues.slice(0, 8).map((i) => i.row).join(', ') }));
  return words;
}

export function refusalKey(reason: string | undefined): Key {
  return (REASONS.includes(reason ?? '') ? `import.bad-${reason}` : 'import.bad-broken') as Key;
}

/** Bytes as base64, in pieces: a spread of the whole would be too many arguments. */
export function base64(bytes: Uint8Array): string {
  let text = '';
  for (let i = 0; i < bytes.length; i += 0x8000) text += String.fromCharCode(...bytes.subarray(i, i + 0x8000));
  return btoa(text);
}
