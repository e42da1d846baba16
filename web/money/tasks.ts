// tasks.ts: the office's list of what about money a person has to decide: in which order, and what may become of each.
// The market refuses what does not fit; here is only what is offered. Pure.
import type { Key } from '../shared/text.ts';
import { TASK_KINDS, type Task, type TaskKind } from './types.ts';

export type Deed = 'match' | 'same' | 'banked' | 'carrier' | 'refund' | 'seen';

/** Money without an owner comes first, then money owed to buyers, then the rest. */
export const KIND_ORDER: readonly TaskKind[] = ['unmatched', 'duplicate', 'refund-due', 'late', 'over', 'under', 'out', 'unreadable'];

export function deedsOf(task: Task): Deed[] {
  switch (task.kind) {
    case 'unmatched': return ['match', 'banked', 'carrier'];
    case 'duplicate': return ['same', 'match'];
    case 'over': case 'late': case 'refund-due': return task.order ? ['refund', 'seen'] : ['seen'];
    case 'under': case 'out': case 'unreadable': return ['seen'];
  }
}

/** The usual reasons for a deed, one tap each. */
export function reasonsFor(task: Task, deed: Deed): Key[] {
  if (deed === 'refund') return ['why.refund-over', 'why.refund-cancelled', 'why.refund-goods'];
  if (task.kind === 'under') return ['why.under-cash', 'why.under-called', 'why.under-let'];
  if (task.kind === 'out' || task.kind === 'unreadable') return ['why.out-known', 'why.out-fee', 'why.out-no'];
  return ['why.keep-credit', 'why.paid-back', 'why.called'];
}

/** By kind, oldest first within it; kinds with nothing are left out. */
export function grouped(tasks: readonly Task[]): [TaskKind, Task[]][] {
  return KIND_ORDER.map((kind): [TaskKind, Task[]] => [kind, tasks.filter((x) => x.kind === kind).sort((a, b) => a.id - b.id)])
    .filter(([, list]) => list.length > 0);
}

export const nearCodes = (task: Task) => task.near.split(/\s+/).filter(Boolean);

/** Kinds the market may know and this page does not yet. */
export const knownKind = (kind: string): kind is TaskKind => (TASK_KINDS as readonly string[]).includes(kind);
