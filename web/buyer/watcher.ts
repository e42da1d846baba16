// watcher.ts: the stall's video outside the component tree, so that it can start before the first drawing and so that
// drawing never disturbs it. Decides when watching makes sense; the player does the rest.
import { WhepPlayer, type Saving, type WatchPhase } from '../shared/whep.ts';
import { phoneKeep } from '../shared/store.ts';
import type { Snapshot } from '../shared/types.ts';

const SAVING_KEY = 'saving';
const HIDDEN_MS = 30_000;     // nobody looks and nobody listens: stop spending their data

/** What the buyer should see instead of, or over, the picture. */
export type Picture = 'playing' | 'connecting' | 'paused' | 'cadre-paused' | 'full' | 'none' | 'ended' | 'closed';

/** Pure: from what the market says and what the connection does to one word for the page. */
export function pictureOf(snap: Snapshot | null, phase: WatchPhase): Picture {
  if (snap?.stall.state === 'closed') return 'closed';
  if (snap?.live?.state === 'paused') return 'cadre-paused';
  if (snap?.live?.state === 'ended') return 'ended';
  if (snap && snap.room.state === 'idle' && phase !== 'playing' && phase !== 'sound') return 'none';
  if (phase === 'playing' || phase === 'sound') return 'playing';
  if (phase === 'full') return 'full';
  if (phase === 'stalled' || snap?.room.state === 'stalled' || snap?.room.state === 'paused') return 'paused';
  if (phase === 'waiting') return 'none';
  return 'connecting';
}

export class Watcher {
  stream: MediaStream | null = null;
  phase: WatchPhase = 'closed';
  saving: Saving = savingOf(phoneKeep.get(SAVING_KEY), savesData());
  onChange: () => void = () => {};
  private readonly player: WhepPlayer;
  private snap: Snapshot | null;
  private held = false;        // the buyer chose not to watch yet (Save-Data)
  private hiddenTimer = 0;

  constructor(slug: string, first: Snapshot | null) {
    this.snap = first;
    this.player = new WhepPlayer(`/whep/${encodeURIComponent(slug)}`, {
      onStream: (stream) => { this.stream = stream; this.onChange(); },
      onPhase: (phase) => { this.phase = phase; this.onChange(); },
      expected: () => this.snap?.room.state === 'live',
    }, this.saving);
    this.held = savesData();
    this.settle(null);
    document.addEventListener('visibilitychange', () => this.seen());
    window.addEventListener('pagehide', () => this.player.stop());
    window.addEventListener('pageshow', (e) => { if (e.persisted) this.settle(null); });
  }

  get waitsForTap(): boolean {
    return this.held;
  }

  /** Called with each new state: starts, stops, or wakes the player. */
  update(snap: Snapshot): void {
    const before = this.snap;
    this.snap = snap;
    this.settle(before);
  }

  /** There is nothing to watch here. */
  close(): void {
    this.held = true;
    this.player.stop();
  }

  play(): void {
    this.held = false;
    this.settle(null);
    this.onChange();
  }

  setSaving(saving: Saving): void {
    this.saving = saving;
    phoneKeep.set(SAVING_KEY, saving);
    this.player.setSaving(saving);
    this.onChange();
  }

  private settle(before: Snapshot | null): void {
    const s = this.snap;
    const over = s?.stall.state === 'closed' || s?.live?.state === 'ended';
    const may = !this.held && !over && s?.room.state !== 'idle';
    if (over) this.player.stop(true);
    else if (may) this.player.start();
    if (may && s?.room.state === 'live' && before?.room.state !== 'live') this.player.nudge();
  }

  private seen(): void {
    clearTimeout(this.hiddenTimer);
    if (document.visibilityState === 'visible') this.settle(null);
    else if (!this.listening()) this.hiddenTimer = window.setTimeout(() => this.player.stop(), HIDDEN_MS);
  }

  /** With the sound on, a pocket is a fine place for the phone. */
  listening: () => boolean = () => false;
}

/** What was chosen on this phone, else what its own setting says. Pure. */
export function savingOf(kept: string | null, savesData: boolean): Saving {
  if (kept === 'auto' || kept === 'low' || kept === 'audio') return kept;
  return savesData ? 'low' : 'auto';
}

function savesData(): boolean {
  const link = (navigator as Navigator & { connection?: { saveData?: boolean } }).connection;
  return link?.saveData === true;
}
