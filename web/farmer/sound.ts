// sound.ts: the bell for a new order and the gong for "approved", made by the phone itself: no file to load.
// A browser only allows sound after a touch, so wakeSound is called from the big button.

let context: AudioContext | null = null;

export function wakeSound(): void {
  context ??= 'AudioContext' in window ? new AudioContext() : null;
  void context?.resume().catch(() => {});
}

function tone(at: number, hz: number, seconds: number, loud: number): void {
  if (!context) return;
  const gain = context.createGain();
  gain.gain.setValueAtTime(0, at);
  gain.gain.linearRampToValueAtTime(loud, at + 0.01);
  gain.gain.exponentialRampToValueAtTime(0.001, at + seconds);
  gain.connect(context.destination);
  for (const [ratio, part] of [[1, 'triangle'], [2.76, 'sine']] as const) {   // a second, inharmonic part sounds like metal
    const osc = context.createOscillator();
    osc.type = part;
    osc.frequency.value = hz * ratio;
    osc.connect(gain);
    osc.start(at);
    osc.stop(at + seconds);
  }
}

/** Three rising strokes: heard over wind and chickens. */
export function bell(): void {
  if (!context) return;
  const now = context.currentTime;
  tone(now, 660, 0.5, 0.5);
  tone(now + 0.16, 880, 0.5, 0.5);
  tone(now + 0.32, 1100, 0.9, 0.6);
  navigator.vibrate?.([120, 60, 120]);
}

/** One low stroke: something about the session changed. */
export function gong(): void {
  if (!context) return;
  tone(context.currentTime, 330, 1.4, 0.6);
  navigator.vibrate?.(250);
}
