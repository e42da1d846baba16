// speech.ts: reads short texts aloud for those who read little or are in the sun with wet hands.
// Uses a voice of the page's language when the phone has one; without one the button is not shown.
import { language } from './text.ts';

function voice(): SpeechSynthesisVoice | null {
  if (!('speechSynthesis' in window)) return null;
  return speechSynthesis.getVoices().find((v) => v.lang.toLowerCase().startsWith(language())) ?? null;
}

export const canSpeak = () => voice() !== null;

/** Voices arrive late on some phones; calls back now and whenever the list changes. Returns how to stop. */
export function watchVoices(changed: (can: boolean) => void): () => void {
  changed(canSpeak());
  if (!('speechSynthesis' in window)) return () => {};
  const listen = () => changed(canSpeak());
  speechSynthesis.addEventListener?.('voiceschanged', listen);
  return () => speechSynthesis.removeEventListener?.('voiceschanged', listen);
}

export function speak(text: string): void {
  const v = voice();
  if (!v) return;
  speechSynthesis.cancel();
  const u = new SpeechSynthesisUtterance(text);
  u.voice = v;
  u.lang = v.lang;
  u.rate = 0.95;
  speechSynthesis.speak(u);
}
