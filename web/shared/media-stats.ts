// media-stats.ts: reads WebRTC statistics into the two questions the pages ask: is the picture moving, and how good is
// the way up. Pure, so a bad network is a table of numbers in a test.
import type { Uplink } from './types.ts';

/** Fed with a growing counter (frames decoded, bytes sent); says since when it stands still. */
export class StallDetector {
  private last = -1;
  private movedAt: number | null = null;

  /** ms without progress; 0 until the first progress was seen. */
  feed(counter: number, now: number): number {
    if (counter !== this.last) {
      if (counter > 0) this.movedAt = now;
      this.last = counter;
    }
    return this.movedAt === null ? 0 : now - this.movedAt;
  }

  /** Standing still is right just now: it does not count. */
  rest(now: number): void {
    this.movedAt = now;
  }

  reset(): void {
    this.last = -1;
    this.movedAt = null;
  }
}

export interface UpSample {
  lost: number | null;       // fraction 0…1 the relay reports
  rttMs: number | null;
  availableKbps: number | null;
  limited: boolean;          // the encoder is held back by bandwidth
  fps: number | null;
}

/** Words for the farmer. Thresholds: 640x360 is fine from ~500 kb/s; audio and a slow picture live from ~180. */
export function uplinkOf(s: UpSample): Uplink {
  if ((s.lost ?? 0) > 0.12 || (s.rttMs ?? 0) > 1500 || (s.availableKbps !== null && s.availableKbps < 180)) return 'bad';
  if (s.fps !== null && s.fps < 5) return 'bad';
  if ((s.lost ?? 0) > 0.04 || (s.rttMs ?? 0) > 500 || (s.availableKbps !== null && s.availableKbps < 450)) return 'weak';
  if (s.limited && (s.fps ?? 25) < 15) return 'weak';
  return 'good';
}

const RANK: Record<Uplink, number> = { none: 0, good: 0, weak: 1, bad: 2 };
const WORSE_AFTER = 2;      // readings in a row: one lost report is not a weak line…
const BETTER_AFTER = 5;     // …and one clean second is not a good one

/** A word that people can read: it does not change with every second's reading. */
export class UplinkWord {
  private word: Uplink = 'none';
  private row: Uplink[] = [];

  feed(reading: Uplink): Uplink {
    if (this.word === 'none') return (this.word = reading);
    const turn = Math.sign(RANK[reading] - RANK[this.word]);
    const same = this.row.length === 0 || Math.sign(RANK[this.row[0]!] - RANK[this.word]) === turn;
    this.row = turn === 0 ? [] : same ? [...this.row, reading] : [reading];
    if (this.row.length >= (turn > 0 ? WORSE_AFTER : BETTER_AFTER)) {
      this.word = this.row.reduce((a, b) => ((RANK[a] - RANK[b]) * turn < 0 ? a : b));     // the mildest change of them
      this.row = [];
    }
    return this.word;
  }
}

interface Stat { type: string; id?: string; kind?: string; [name: string]: unknown }
const num = (v: unknown): number | null => (typeof v === 'number' && Number.isFinite(v) ? v : null);

/** The pair of addresses the packets take. Several can be nominated: browsers move to a better one, and the old one keeps its last
 *  figures. The transport names it; Firefox marks the pair itself. */
function takenPath(stats: readonly Stat[]): Stat | undefined {
  const pairs = stats.filter((s) => s.type === 'candidate-pair');
  const chosen = stats.find((s) => s.type === 'transport' && s.selectedCandidatePairId)?.selectedCandidatePairId;
  return pairs.find((s) => chosen !== undefined && s.id === chosen) ?? pairs.find((s) => s.selected === true) ?? pairs.find((s) => s.nominated === true);
}

export interface UpReading { sample: UpSample; framesSent: number; bytesSent: number }

export function readUp(report: Iterable<unknown>): UpReading {
  const sample: UpSample = { lost: null, rttMs: null, availableKbps: null, limited: false, fps: null };
  let framesSent = 0;
  let bytesSent = 0;
  const stats = [...report] as Stat[];
  const path = takenPath(stats);
  const availableBps = num(path?.availableOutgoingBitrate);
  if (availableBps !== null) sample.availableKbps = availableBps / 1000;
  const pathRtt = num(path?.currentRoundTripTime);
  if (pathRtt !== null) sample.rttMs = pathRtt * 1000;
  for (const stat of stats) {
    if (stat.type === 'outbound-rtp') {
      bytesSent += num(stat.bytesSent) ?? 0;
      if (stat.kind !== 'video') continue;
      framesSent += num(stat.framesSent) ?? 0;      // of all layers; the words are about the best of them
      sample.fps = Math.max(sample.fps ?? -1, num(stat.framesPerSecond) ?? -1);
      if (sample.fps < 0) sample.fps = null;
      sample.limited ||= stat.qualityLimitationReason === 'bandwidth';
    } else if (stat.type === 'remote-inbound-rtp' && stat.kind === 'video') {
      const lost = num(stat.fractionLost);
      if (lost !== null) sample.lost = Math.max(sample.lost ?? 0, lost);
      const rtt = num(stat.roundTripTime);
      if (rtt !== null) sample.rttMs = rtt * 1000;      // the relay's own answer says more than the checks of the path
    }
  }
  return { sample, framesSent, bytesSent };
}

/** frames: decoded of the incoming video, -1 when there is none. video: bytes of it. answered, unanswered: checks of the path so far, with
 *  an answer and without. */
export interface DownReading { frames: number; bytes: number; video?: number; answered?: number; unanswered: number }

export function readDown(report: Iterable<unknown>): DownReading {
  let frames = -1;
  let bytes = 0;
  let video = 0;
  const stats = [...report] as Stat[];
  const path = takenPath(stats);
  const answered = num(path?.responsesReceived) ?? 0;
  const unanswered = (num(path?.requestsSent) ?? 0) - answered;
  for (const stat of stats) {
    if (stat.type !== 'inbound-rtp') continue;
    bytes += num(stat.bytesReceived) ?? 0;
    if (stat.kind !== 'video') continue;
    frames = num(stat.framesDecoded) ?? 0;
    video = num(stat.bytesReceived) ?? 0;
  }
  return { frames, bytes, video, answered, unanswered };
}

const STALL_MS = 2500;      // frames standing still for this long are a pause
const HEARD_MS = 1500;      // sound comes fifty times a second
const RENEW_MS = 6000;      // and for this long though the market says "live", and nothing comes: a dead connection
const STUCK_MS = 20_000;    // …or though it comes: a line too narrow for it gets less by then, and to connect again would fill it anew
const SILENT_MS = 3000;     // the market says "live", yet not one byte comes
const UNANSWERED = 3;       // checks of the path in a row: nobody is there any more (browsers themselves wait twice as long)

/** Looks at one reading after the other and says what the connection is worth. */
export class WatchHealth {
  private readonly picture = new StallDetector();
  private readonly pictures = new StallDetector();
  private readonly arriving = new StallDetector();
  private answered = 0;
  private answeredBase = 0;
  private expectedSince: number | null = null;

  /** sound: the relay sends no picture just now, because the link carries none; the voice goes on.
   *  progress: frames, or bytes when only sound is wanted. expected: the market says that pictures should be coming. */
  feed(reading: DownReading, audioOnly: boolean, expected: boolean, now: number): 'nothing-yet' | 'playing' | 'sound' | 'stalled' | 'dead' {
    const progress = audioOnly ? reading.bytes : reading.frames;
    const still = this.picture.feed(progress, now);
    const silent = this.arriving.feed(reading.bytes, now);
    const unsent = this.pictures.feed(reading.video ?? -1, now);
    this.expectedSince = expected ? (this.expectedSince ?? now) : null;
    const expectedFor = this.expectedSince === null ? 0 : now - this.expectedSince;
    if (reading.answered !== undefined && reading.answered !== this.answered) {      // a full line loses some: only those in a row count
      this.answered = reading.answered;
      this.answeredBase = reading.unanswered;
    }
    if (progress <= 0) return 'nothing-yet';
    if (!audioOnly && unsent >= STALL_MS && silent < HEARD_MS) {
      this.answeredBase = reading.unanswered;
      this.picture.rest(now);      // the next picture gets its time to come
      return 'sound';
    }
    if (still < STALL_MS) {
      this.answeredBase = reading.unanswered;
      return 'playing';
    }
    const unheard = reading.unanswered - this.answeredBase >= UNANSWERED && silent >= HEARD_MS;      // who sends is there
    const silence = silent > SILENT_MS && expectedFor > SILENT_MS;
    const stuckMs = silent < HEARD_MS ? STUCK_MS : RENEW_MS;
    return unheard || silence || (still > stuckMs && expectedFor > stuckMs) ? 'dead' : 'stalled';
  }
}
