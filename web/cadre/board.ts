// board.ts: the list of sessions as the cadre's page keeps it, and how rows and room news change it. Pure.
import type { LiveCard, Room, Row } from '../shared/types.ts';

/** Those on air first, then those waiting for approval (longest waiting first), then approved ones, ended last. */
export function inOrder(cards: readonly LiveCard[]): LiveCard[] {
  const rank = (c: LiveCard) => (c.state === 'live' ? 0 : c.state === 'paused' ? 1 : c.state === 'planned' ? (c.approved ? 3 : 2) : 9);
  return [...cards].sort((a, b) => rank(a) - rank(b) || a.id - b.id);
}

/** null: a session this board does not know yet; ask the market for the list. */
export function applyRow(cards: readonly LiveCard[], row: Row): LiveCard[] | null {
  const live = row.body.live;
  if (!live) return [...cards];
  if (!cards.some((c) => c.id === live.id)) return null;
  return cards.map((c) => (c.id === live.id ? { ...c, ...live } : c));
}

export function applyRoom(cards: readonly LiveCard[], stall: string, room: Room): LiveCard[] {
  return cards.map((c) => (c.slug === stall ? { ...c, viewers: room.viewers, renditions: room.renditions, uplink: room.uplink, room: room.state } : c));
}

/** Viewers who do not get the full picture, because their line is weak or to save data; null: all of them get it. */
export function savers({ renditions }: LiveCard): { low: number; audio: number } | null {
  return renditions && renditions.low + renditions.audio > 0 ? { low: renditions.low, audio: renditions.audio } : null;
}

export function roomState(card: LiveCard): Room['state'] {
  return typeof card.room === 'string' ? card.room : (card.room?.state ?? 'idle');
}
