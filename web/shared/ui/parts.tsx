// parts.tsx: the few pieces every page is made of: shell, notice, stepper, speaker button, sheet.
import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { speak, watchVoices } from '../speech.ts';
import { inLanguage, LANGS, language, quantityText, t, type Lang } from '../text.ts';
import { less, more } from '../quantity.ts';
import { moment } from '../time.ts';
import type { Unit } from '../types.ts';
import { useBack } from './back.ts';
import { Icon, type IconName } from './icons.tsx';

const LANG_NAMES: Record<Lang, string> = { vi: 'Tiếng Việt', en: 'English', fr: 'Français' };

export function Shell({ say, aside, wide, children }: { say?: string; aside?: ComponentChildren; wide?: boolean; children: ComponentChildren }) {
  return (
    <>
      <a class="skip" href="#main">{t('skip')}</a>
      <header class="top">
        <a class="brand" href="/"><BrandMark /><span>Chợ Nương</span></a>
        <div class="top-aside">{aside}{say !== undefined && <Speaker text={say} />}</div>
      </header>
      <main id="main" class={wide ? 'wide' : ''} tabIndex={-1}>{children}</main>
      <footer class="foot">
        <div class="weave" aria-hidden="true" />
        <nav class="langs" aria-label={t('language')}>
          {LANGS.map((l) => (
            <a key={l} href={inLanguage(l, location)} onClick={(e) => { e.currentTarget.href = inLanguage(l, location); }} lang={l} hreflang={l} aria-current={l === language() ? 'true' : undefined}>{LANG_NAMES[l]}</a>
          ))}
        </nav>
        <p>{t('foot')}</p>
      </footer>
    </>
  );
}

export function BrandMark() {
  return (
    <svg class="brand-mark" viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <circle cx="22" cy="9" r="5" fill="#f6b73c" />
      <path fill="#8fc06a" d="M2 16c8-6 14-4 28-1v15H2z" />
      <path fill="#2f8f4e" d="M2 21c10-6 18-1 28-3v12H2z" />
      <path fill="#0a6b3d" d="M2 27c9-5 17 0 28-4v7H2z" />
    </svg>
  );
}

export type Tone = 'ok' | 'warn' | 'bad';

/** Always in the page so that screen readers hear what comes into it. */
export function Notice({ text, tone = 'ok', onClose }: { text: string | null; tone?: Tone; onClose?: () => void }) {
  return (
    <div class={`notice ${text ? tone : 'empty'}`} role="status" aria-live="polite" data-testid="notice" data-tone={text ? tone : undefined}>
      {text && <p>{text}</p>}
      {text && onClose && <button type="button" class="bare" aria-label={t('close')} onClick={onClose}><Icon name="close" /></button>}
    </div>
  );
}

/** On a page that the phone kept: of when it is. */
export function OldWords({ at }: { at: number | null }) {
  return at === null ? null : <p class="notice warn" role="status" data-testid="old">{t('order-old', { time: moment(at, Date.now()) })}</p>;
}

/** In the place of what has not come yet; seen only when that takes a while. */
export function Opening() {
  return <p class="opening" role="status" data-testid="opening">{t('opening')}</p>;
}

export function Speaker({ text }: { text: string }) {
  const [can, setCan] = useState(false);
  useEffect(() => watchVoices(setCan), []);
  if (!can) return null;
  return <button type="button" class="round small" aria-label={t('read-aloud')} onClick={() => speak(text)}><Icon name="sound" /></button>;
}

interface StepperProps {
  id: number; name: string; unit: Unit; quantity: number; least: number; available: number;
  mark?: string;               // before the test ids, when the same lot is on the page twice
  onChange(quantity: number): void;
}

export function Stepper({ mark = '', id, name, unit, quantity, least, available, onChange }: StepperProps) {
  return (
    <div class="stepper" role="group" aria-label={t('how-much', { name })}>
      <button type="button" data-testid={`${mark}minus-${id}`} aria-label={t('less', { name })} disabled={quantity <= least}
        onClick={() => onChange(less(unit, quantity, least))}><Icon name="minus" /></button>
      <output data-testid={`${mark}quantity-${id}`}>{quantityText(unit, quantity)}</output>
      <button type="button" data-testid={`${mark}plus-${id}`} aria-label={t('more', { name })} disabled={quantity >= available}
        onClick={() => onChange(more(unit, quantity, available))}><Icon name="plus" /></button>
    </div>
  );
}

/** A modal sheet that comes up from the thumb's side. Focus stays in it; Escape, the phone's back button and the cross close it. */
export function Sheet({ title, onClose, children, testid }: { title: string; onClose(): void; children: ComponentChildren; testid?: string }) {
  const ref = useRef<HTMLDialogElement>(null);
  const id = useId();                                // one sheet may lie over another
  const begun = useRef(false);                       // something was written, drawn or chosen: a finger beside the sheet does not throw it away
  const begin = (e: Event) => {
    const on = e.target as Element;
    if (e.type === 'input' || on.closest(e.type === 'click' ? '.sheet-body button' : 'canvas')) begun.current = true;
  };
  useBack(onClose);
  useEffect(() => {
    const dialog = ref.current!, opener = document.activeElement;
    dialog.showModal();
    return () => {
      dialog.close();
      if (opener instanceof HTMLElement && opener.isConnected) opener.focus({ preventScroll: true });
    };
  }, []);
  return (
    // `cancel` also comes up from a file input whose camera was left without a picture
    <dialog ref={ref} class="sheet" aria-labelledby={id} data-testid={testid}
      onCancel={(e) => { if (e.target !== ref.current) return; e.preventDefault(); onClose(); }} onInput={begin} onPointerDown={begin}
      onClick={(e) => { if (e.target !== ref.current) begin(e); else if (!begun.current) onClose(); }}>
      <div class="sheet-body">
        <div class="sheet-head">
          <h2 id={id}>{title}</h2>
          <button type="button" class="round small" aria-label={t('close')} onClick={onClose}><Icon name="close" /></button>
        </div>
        {children}
      </div>
    </dialog>
  );
}

export function IconLine({ icon, children }: { icon: IconName; children: ComponentChildren }) {
  return <p class="icon-line"><Icon name={icon} /><span>{children}</span></p>;
}

/** For inputs whose type is only known while running (the typings want to know it beforehand). */
export const typed = (type: 'text' | 'tel' | 'password') => ({ type }) as { type: 'text' };
