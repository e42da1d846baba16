// screen.ts: the farmer's page in one word, from what the market says and what the phone does. Pure.
import type { SendPhase } from '../shared/whip.ts';
import type { Live, Snapshot } from '../shared/types.ts';

export type Screen =
  | 'start'          // nothing planned: the button asks the cadre
  | 'waiting'        // planned, the cadre has not approved
  | 'ready'          // approved: the button starts
  | 'starting' | 'live' | 'reconnecting'
  | 'paused'         // by the cadre
  | 'ended'          // by the cadre, or by the farmer: the reason stands beside it
  | 'closed';        // the stall is closed

export function screenOf(snap: Snapshot | null, phase: SendPhase): Screen {
  if (snap?.stall.state === 'closed') return 'closed';
  const live = snap?.live ?? null;
  if (live?.state === 'paused') return 'paused';
  if (phase === 'sending') return 'live';
  if (phase === 'reconnecting') return 'reconnecting';
  if (phase === 'connecting') return 'starting';
  if (!live) return 'start';
  if (live.state === 'ended') return 'ended';
  return live.approved ? 'ready' : 'waiting';
}

/** May this phone send now? The market decides too; this only spares a refusal. */
export function maySend(live: Live | null): boolean {
  return !!live && live.approved && (live.state === 'planned' || live.state === 'live');
}
