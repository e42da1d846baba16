// courier.tsx: my trip, door by door. Shows what the phone knows at once, also without network; everything pressed goes through
// the queue of doors.ts.
import { useEffect, useRef, useState } from 'preact/hooks';
import { alone } from '../shared/alone.ts';
import { get, post, Problem } from '../shared/api.ts';
import { newKey } from '../shared/key.ts';
import { arrived, knownPerson } from '../shared/leave.ts';
import { money } from '../shared/money.ts';
import { Newest } from '../shared/newest.ts';
import { timedOnce } from '../shared/once.ts';
import { onReturn } from '../shared/page.ts';
import { phoneKeep, recall } from '../shared/store.ts';
import { errorText, t, type Key } from '../shared/text.ts';
import { clock } from '../shared/time.ts';
import type { Person } from '../shared/types.ts';
import type { Vault } from '../shared/vault.ts';
import { useNow } from '../shared/ui/hooks.ts';
import { LogOut } from '../shared/ui/log-out.tsx';
import { Notice, Opening, Shell } from '../shared/ui/parts.tsx';
import { cash, DOORS, DoorQueue, isDone, nextStop, withWaiting, type Answer, type Deed, type Waiting } from './doors.ts';
import { draftFor, dropDraft, firstDraft, keptDraft, type DoorDraft, type To } from './door-draft.ts';
import { DoorSheet } from './door-sheet.tsx';
import { CloseSheet } from './close-sheet.tsx';
import { Place } from './place.tsx';
import { StopCard } from './stop-card.tsx';
import type { Stop, Trip, TripHead, TripState } from './types.ts';

const TRIP = 'cx.trip';
const REFRESH_MS = 60_000;

const whoIsIt = async () => (await get<{ person: Person | null }>('/me')).person?.id ?? null;

/** Refused as nobody's business of whoever is logged in: that is no refusal when it is somebody else than who pressed. */
async function sendDeed({ key, at, deed, by }: Waiting): Promise<Answer> {
  try {
    return await post<Answer>(`/stops/${deed.stop}/${deed.kind}`, { key, at, ...(deed.kind === 'mark' ? deed.mark : {}) });
  } catch (e) {
    const { status } = e as Problem;
    if (by !== undefined && (status === 403 || status === 404) && (await whoIsIt()) !== by) throw new Problem(401, 'not-logged-in');
    throw e;
  }
}

export const doorQueue = (keep: Vault) => new DoorQueue({
  keep,
  send: sendDeed,
  alone: (run) => alone(DOORS, run),
  later: (ms, run) => window.setTimeout(run, ms),
  now: () => Date.now(),
});

/** The trip that moves, or the one to be driven next. */
async function loadTrip(): Promise<Trip | null> {
  const { trips } = await get<{ trips: TripHead[] }>('/trips?mine=1');
  const head = trips.find((x) => x.state === 'moving') ?? trips.find((x) => x.state === 'loaded') ?? trips.at(-1);
  return head ? (await get<{ trip: Trip }>(`/trips/${head.id}`)).trip : null;
}

export function Courier({ queue, vault }: { queue: DoorQueue; vault: Vault }) {
  const [known, setKnown] = useState<Trip | null>(() => recall<Trip>(phoneKeep, TRIP));
  const [loaded, setLoaded] = useState(false);
  const [up, setUp] = useState(true);
  const [trouble, setTrouble] = useState<string | null>(null);
  const [sheet, setSheet] = useState<{ stop: Stop; draft: DoorDraft } | null>(null);
  const restored = useRef(false);
  useState(() => {
    if (known && knownPerson() === null) void arrived(known.courier);
    queue.of(knownPerson(), false);
  });
  const [closing, setClosing] = useState(false);
  const [, draw] = useState(0);
  const [trips] = useState(() => new Newest(async () => (await Promise.all([loadTrip(), identify()]))[0]));
  const now = useNow(15_000);

  /** Who comes after somebody else sees nothing of them; what is sent is one's own. */
  const identify = async () => {
    const id = await whoIsIt();
    if (id === null) throw new Problem(401, 'not-logged-in');
    if (await arrived(id)) {
      setSheet(null);
      setKnown(null);
    }
    queue.of(id, true);
    void queue.run();
  };
  const keep = (trip: Trip | null) => { phoneKeep.set(TRIP, trip && JSON.stringify(trip)); setKnown(trip); };
  const load = () => trips.ask().then(
    (trip) => { keep(trip); setUp(true); setLoaded(true); },
    (e: Problem) => {
      if (e.status === 401) location.replace('/login?to=/courier');
      else if (e.status === 0) setUp(false);
      else setTrouble(errorText(e.code));
    });

  useEffect(() => {
    queue.onChange = () => draw((n) => n + 1);
    queue.onReceipt = (stop) => {
      trips.heard();
      setKnown((trip) => {
        if (!trip) return trip;
        const next = { ...trip, stops: trip.stops.map((s) => (s.id === stop.id ? stop : s)) };
        phoneKeep.set(TRIP, JSON.stringify(next));
        return next;
      });
    };
    queue.onRefused = () => void load();
    queue.onElsewhere = () => { kept(); void load(); };
    const kept = () => setKnown((trip) => recall<Trip>(phoneKeep, TRIP) ?? trip);
    const other = (e: StorageEvent) => { if (e.key === TRIP) kept(); };
    const renew = () => { void load(); void queue.run(); };
    const gone = () => setUp(false);
    renew();
    window.addEventListener('offline', gone);
    window.addEventListener('storage', other);
    const stop = onReturn(renew), timer = setInterval(renew, REFRESH_MS);
    return () => { stop(); clearInterval(timer); window.removeEventListener('offline', gone); window.removeEventListener('storage', other); };
  }, []);

  const press = (stop: Stop, deed: Deed) => void queue.add(newKey(), stop.name, deed);
  const move = async (to: TripState, note = '') => {
    setClosing(false);
    try {
      const { trip } = await timedOnce<{ trip: Trip }>(`/trips/${known!.id}/move`, { to, ...(note ? { note } : {}) });
      trips.heard();
      keep(trip.state === 'closed' ? null : trip);
      setTrouble(null);
      if (trip.state === 'closed') void load();
    } catch (e) {
      const { actCode, extras } = e as Problem;
      const reason = (extras as { reason?: string }).reason;
      if (reason === 'cash-missing') setClosing(true);
      else setTrouble(whyText(reason ?? actCode));
    }
  };

  const trip = known && withWaiting(known, queue.waiting());
  const next = trip && nextStop(trip);
  const open = (stop: Stop, draft: DoorDraft) => setSheet({ stop, draft });
  useEffect(() => {                          // the sheet that was open when the page was thrown away
    if (restored.current || !trip) return;
    restored.current = true;
    const draft = keptDraft(vault, trip, Date.now());
    if (draft?.open) open(trip.stops.find((s) => s.id === draft.stop)!, draft);
  }, [trip]);
  const sums = trip && cash(trip);
  return (
    <Shell aside={!up && <span class="offline" role="status" data-testid="offline">{t('no-net')}</span>}
      say={next ? `${next.name}. ${next.point_place ?? next.place}. ${next.due ? t('courier.to-collect', { amount: money(next.due) }) : t('courier.paid')}` : t('courier.title')}>
      <h1>{trip ? trip.title : t('courier.title')}</h1>
      <Notice text={trouble} tone="bad" onClose={() => setTrouble(null)} />
      {queue.waiting().length > 0 && <p class="notice warn" role="status" data-testid="unsent" data-count={queue.waiting().length}>{t('courier.unsent', { n: queue.waiting().length })}</p>}
      {queue.conflicts().map((c) => (
        <div key={c.key} class="notice bad" role="alert" data-testid="conflict" data-why={c.why}>
          <p>{clock(c.at)} {c.name}: {whyText(c.why)}</p>
          <button type="button" class="quiet" onClick={() => { queue.seen(c.key); void load(); }}>{t('courier.seen')}</button>
        </div>
      ))}
      {!loaded && !trip && up && !trouble && <Opening />}
      {loaded && !trip && <p class="soft" data-testid="no-trip">{t('courier.none')}</p>}
      {trip && sums && (
        <>
          <p class="trip-sums" data-testid="trip" data-state={trip.state}>{t('courier.sums', { done: trip.stops.filter(isDone).length, all: trip.stops.length, due: money(sums.due), collected: money(sums.collected) })}</p>
          {trip.state === 'planned' && <button type="button" class="primary big" data-testid="load" onClick={() => void move('loaded')}>{t('courier.load')}</button>}
          {trip.state === 'loaded' && <button type="button" class="primary big" data-testid="set-off" onClick={() => void move('moving')}>{t('courier.set-off')}</button>}
          {trip.state === 'moving' && <Place trip={trip.id} />}
          <ol class="stops">
            {trip.stops.map((s) => (
              <StopCard key={s.id} stop={s} current={s.id === next?.id} moving={trip.state === 'moving'} now={now}
                waits={queue.waiting().some((w) => w.deed.stop === s.id)}
                onArrived={() => press(s, { kind: 'mark', stop: s.id, mark: { to: 'arrived' } })}
                onSheet={(to) => open(s, draftFor(vault, trip, s, to, Date.now()))} onUndo={() => press(s, { kind: 'undo', stop: s.id })} />
            ))}
          </ol>
          {trip.state === 'moving' && !next && queue.waiting().length === 0 && (
            <button type="button" class="primary big" data-testid="close-trip" onClick={() => void move('closed')}>{t('courier.close')}</button>
          )}
        </>
      )}
      <p><a class="quiet wide-button" href="/trips">{t('trips.title')}</a></p>
      <LogOut />
      {sheet && trip && <DoorSheet key={`${sheet.draft.to} ${sheet.draft.at}`} stop={sheet.stop} keep={vault} first={sheet.draft} onClose={() => setSheet(null)}
        onAnew={() => open(sheet.stop, firstDraft(trip, sheet.stop, sheet.draft.to, Date.now()))}
        onMark={(mark) => { setSheet(null); press(sheet.stop, { kind: 'mark', stop: sheet.stop.id, mark }); dropDraft(vault); }} />}
      {closing && <CloseSheet onClose={() => setClosing(false)} onNote={(note) => void move('closed', note)} />}
    </Shell>
  );
}

const WHYS = ['wrong-code', 'code-locked', 'not-moving', 'done', 'removed', 'cancelled', 'too-late', 'nothing-to-undo', 'not-enough', 'no-stops', 'stops-open', 'on-a-trip', 'not-confirmed', 'with-carrier', 'cod-refusals', 'cod-cap', 'closed', 'order-closed'];
export function whyText(why: string): string {
  return WHYS.includes(why) ? t(`conflict.${why}` as Key) : errorText(why);
}
