// close-sheet.tsx: money is missing at the end of a trip: where it is.
import { useState } from 'preact/hooks';
import { t } from '../shared/text.ts';
import { Sheet } from '../shared/ui/parts.tsx';

export function CloseSheet({ onNote, onClose }: { onNote(note: string): void; onClose(): void }) {
  const [note, setNote] = useState('');
  return (
    <Sheet title={t('courier.cash-missing')} onClose={onClose} testid="close-sheet">
      <form onSubmit={(e) => { e.preventDefault(); if (note.trim()) onNote(note.trim()); }}>
        <label class="field"><span>{t('courier.cash-where')}</span>
          <input data-testid="close-note" maxLength={300} value={note} onInput={(e) => setNote(e.currentTarget.value)} /></label>
        <button type="submit" class="primary big wide-button" data-testid="close-send" disabled={!note.trim()}>{t('courier.close')}</button>
      </form>
    </Sheet>
  );
}
