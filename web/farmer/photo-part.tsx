// photo-part.tsx: the picture of a lot in a form: how it looks, and one big button to take it. Also the sheet of a lot that is on
// sale already, where a picture is sent as soon as it is taken.
import { useEffect, useState } from 'preact/hooks';
import { postOnce } from '../shared/once.ts';
import { t } from '../shared/text.ts';
import type { Lot } from '../shared/types.ts';
import { useAct } from '../shared/ui/act.ts';
import { Icon } from '../shared/ui/icons.tsx';
import { Notice, Sheet } from '../shared/ui/parts.tsx';
import { Produce } from '../shared/ui/produce.tsx';
import { sendPhoto, takePhoto, type Photo } from './lot-photo.ts';

export type Taking = 'none' | 'shrinking' | 'failed';

/** The picture taken last; its address is given back when another one comes or the form closes. */
export function usePhoto(): { photo: Photo | null; taking: Taking; take(file: File): Promise<Photo | null>; clear(): void } {
  const [photo, setPhoto] = useState<Photo | null>(null);
  const [taking, setTaking] = useState<Taking>('none');
  useEffect(() => () => { if (photo) URL.revokeObjectURL(photo.url); }, [photo]);
  const take = async (file: File) => {
    setTaking('shrinking');
    const made = await takePhoto(file).catch(() => null);      // no picture, or one this phone cannot read
    setTaking(made ? 'none' : 'failed');
    if (made) setPhoto(made);
    return made;
  };
  return { photo, taking, take, clear: () => setPhoto(null) };
}

interface PartProps { name: string; shown: string | null; taking: Taking; busy: boolean; onFile(file: File): void }

export function PhotoPart({ name, shown, taking, busy, onFile }: PartProps) {
  const wait = busy || taking === 'shrinking';
  const words = taking === 'shrinking' ? t('photo.shrinking') : busy ? t('photo.sending') : shown ? t('photo.again') : t('photo.take');
  return (
    <div class="photo-part">
      <div class="photo-shown" data-testid="photo-shown" data-url={shown ?? ''}>
        {shown ? <img src={shown} alt={name} width="800" height="600" /> : <Produce name={name} picture={null} />}
      </div>
      <label class={`primary big photo-button ${wait ? 'off' : ''}`}>
        <Icon name="camera" /><span data-testid="photo-state" data-state={wait ? 'busy' : taking}>{words}</span>
        <input type="file" accept="image/*" capture="environment" data-testid="photo-file" disabled={wait}
          onChange={(e) => { const input = e.currentTarget, file = input.files?.[0]; if (file) onFile(file); input.value = ''; }} />
      </label>
      <p class="hidden" role="status">{wait ? words : ''}</p>
      <Notice text={taking === 'failed' ? t('photo.failed') : null} tone="bad" />
    </div>
  );
}

export function PhotoSheet({ lot, onClose }: { lot: Lot; onClose(): void }) {
  const { photo, taking, take, clear } = usePhoto();
  const [unsent, setUnsent] = useState<Photo | null>(null);
  const [saved, setSaved] = useState(false);
  const { busy, trouble, act } = useAct();
  const send = (taken: Photo) => act(async () => {
    setUnsent(taken);
    setSaved(false);
    await sendPhoto(lot.id, taken);
    setUnsent(null);
    setSaved(true);
  });
  const remove = () => act(async () => {
    await postOnce(`/lots/${lot.id}/picture/remove`, { picture: lot.picture });
    clear();
    setUnsent(null);
    setSaved(false);
  });
  return (
    <Sheet title={t('photo.of', { name: lot.name })} onClose={onClose} testid="photo-sheet">
      <PhotoPart name={lot.name} shown={photo?.url ?? lot.picture} taking={taking} busy={busy}
        onFile={(file) => void take(file).then((taken) => taken && send(taken))} />
      <Notice text={trouble} tone="bad" />
      <Notice text={saved ? t('photo.saved') : null} tone="ok" />
      {unsent && !busy && <button type="button" class="primary big" data-testid="photo-again" onClick={() => void send(unsent)}>{t('photo.send-again')}</button>}
      {lot.picture && <button type="button" class="quiet wide-button" data-testid="photo-remove" disabled={busy} onClick={() => void remove()}>{t('photo.remove')}</button>}
      <button type="button" class="quiet wide-button" data-testid="photo-done" onClick={onClose}>{t('lot.save')}</button>
    </Sheet>
  );
}
