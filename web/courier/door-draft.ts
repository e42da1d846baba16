// door-draft.ts: the door sheet that is being filled in. A phone short of memory throws the page away while its camera is open, so it
// is kept with its photo and signature, for this person, trip and door, until it was sent or thrown away. One at a time: a courier
// stands at one door. Pure but for the keep.
import { DOOR_SHEET } from '../shared/leave.ts';
import { recall, type Keep } from '../shared/store.ts';
import { isDone } from './doors.ts';
import { FAILED, PARTIAL, PROOFS, type Proof, type Stop, type Trip } from './types.ts';

export type To = 'delivered' | 'partial' | 'failed';

export interface DoorDraft {
  person: number; trip: number; stop: number; at: number;    // at: when it was begun
  to: To;
  open: boolean;               // false: closed with something in it
  begun: boolean;              // something is in it
  camera: boolean;             // the camera was open when the page was last seen
  kind: Proof['kind']; body: string;
  typed: string | null;        // cash; null: what is due, which follows what was taken
  reason: string; took: number[];
}

const KEPT_MS = 12 * 3600_000;
const MOST = 400_000;          // a photo of 640 pixels has a quarter of that

export const firstDraft = (trip: Trip, stop: Stop, to: To, at: number): DoorDraft => ({
  person: trip.courier, trip: trip.id, stop: stop.id, at, to, open: true, begun: false, camera: false,
  kind: stop.tries_left === 0 ? 'photo' : 'code', body: '', typed: null, reason: '', took: stop.lines.map((l) => l.quantity),
});

export const dropDraft = (keep: Keep) => keep.set(DOOR_SHEET, null);

export function keepDraft(keep: Keep, draft: DoorDraft): void {
  const text = JSON.stringify(draft);
  keep.set(DOOR_SHEET, text.length <= MOST ? text : JSON.stringify({ ...draft, body: '' }));
}

/** What was kept of one of this trip's doors that still is to be done; anything else that was kept goes. */
export function keptDraft(keep: Keep, trip: Trip, now: number): DoorDraft | null {
  const kept = recall<DoorDraft>(keep, DOOR_SHEET);
  if (!kept) return null;
  const stop = trip.stops.find((s) => s.id === kept.stop);
  const whole = typeof kept.body === 'string' && typeof kept.reason === 'string' && (kept.typed === null || typeof kept.typed === 'string')
    && PROOFS.includes(kept.kind) && ['delivered', 'partial', 'failed'].includes(kept.to);
  if (whole && stop && !isDone(stop) && stop.state !== 'removed' && trip.state === 'moving' && kept.person === trip.courier && kept.trip === trip.id
    && now - kept.at < KEPT_MS) return fitting(kept, stop);
  dropDraft(keep);
  return null;
}

/** The door may have changed meanwhile: another weight, no tries left for the four digits. */
function fitting(kept: DoorDraft, stop: Stop): DoorDraft {
  const took = Array.isArray(kept.took) && kept.took.length === stop.lines.length && kept.took.every((q, i) => q >= 0 && q <= stop.lines[i]!.quantity);
  const locked = stop.tries_left === 0 && kept.kind === 'code';
  return { ...kept, ...(took ? {} : { took: stop.lines.map((l) => l.quantity) }), ...(locked ? { kind: 'photo', body: '' } : {}) };
}

/** What the sheet of this door begins with: as it was left; the proof also when it turns out otherwise at the door. */
export function draftFor(keep: Keep, trip: Trip, stop: Stop, to: To, now: number): DoorDraft {
  const first = firstDraft(trip, stop, to, now), kept = keptDraft(keep, trip, now);
  if (!kept || kept.stop !== stop.id) return first;
  if (kept.to === to) return { ...kept, open: true };
  const reason = (to === 'partial' ? PARTIAL as readonly string[] : FAILED).includes(kept.reason) && to !== 'delivered' ? kept.reason : '';
  return { ...first, at: kept.at, begun: kept.begun, camera: kept.camera, kind: kept.kind, body: kept.body, reason };
}
