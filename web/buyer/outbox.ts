// outbox.ts: the one order queue of this phone, wired to the real network and clock.
import { post } from '../shared/api.ts';
import { knownPerson } from '../shared/leave.ts';
import { onReturn } from '../shared/page.ts';
import { OrderQueue } from '../shared/queue.ts';
import { phoneKeep } from '../shared/store.ts';
import type { Order } from '../shared/types.ts';

export const outbox = new OrderQueue({
  keep: phoneKeep,
  send: async (body) => (await post<{ order: Order }>('/orders', body)).order,
  later: (ms, run) => window.setTimeout(run, ms),
  now: () => Date.now(),
  person: knownPerson,
});

/** Starts sending what a reload interrupted, and again whenever the network or the person comes back. */
export function startOutbox(): () => void {
  void outbox.run();
  return onReturn(() => void outbox.run());
}
