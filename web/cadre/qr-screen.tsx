// qr-screen.tsx: the whole screen is the code, so that the farmer's phone reads it at once, also in the evening.
import { useEffect, useRef } from 'preact/hooks';
import { t } from '../shared/text.ts';
import { useBack } from '../shared/ui/back.ts';
import { useNow } from '../shared/ui/hooks.ts';

export interface LoginLink { url: string; svg: string; expires_at: number }

export function QrScreen({ name, link, onClose, onAgain }: { name: string; link: LoginLink; onClose(): void; onAgain(): void }) {
  const ref = useRef<HTMLDialogElement>(null);
  const now = useNow(1000);
  useBack(onClose);
  useEffect(() => {
    ref.current!.showModal();
    return () => ref.current?.close();
  }, []);
  const left = Math.max(0, Math.ceil((link.expires_at - now) / 1000));
  return (
    <dialog ref={ref} class="qr-screen" aria-labelledby="qr-name" data-testid="qr-screen" onCancel={(e) => { e.preventDefault(); onClose(); }}>
      <h2 id="qr-name">{name}</h2>
      <img class={left ? '' : 'over'} data-testid="qr" src={`data:image/svg+xml;charset=utf-8,${encodeURIComponent(link.svg)}`} alt={t('people.qr-alt', { name })} />
      <p role="status">{left ? t('people.qr-left', { m: Math.floor(left / 60), s: String(left % 60).padStart(2, '0') }) : t('people.qr-over')}</p>
      <p class="qr-url" data-testid="qr-url">{new URL(link.url, location.href).href}</p>
      <div class="qr-acts">
        {left === 0 && <button type="button" class="primary big" onClick={onAgain}>{t('people.qr-again')}</button>}
        <button type="button" class="quiet wide-button" data-testid="qr-close" onClick={onClose}>{t('close')}</button>
      </div>
    </dialog>
  );
}
