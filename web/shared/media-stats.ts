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

interface Stat { type: string; kind?: string; [name: string]: unknown }
const num = (v: unknown): number | null => (typeof v === 'number' && Number.isFinite(v) ? v : null);

export interface UpReading { sample: UpSample; framesSent: number; bytesSent: number }

export function readUp(report: Iterable<unknown>): UpReading {
  const sample: UpSample = { lost: null, rttMs: null, availableKbps: null, limited: false, fps: null };
  let framesSent = 0;
  let bytesSent = 0;
  for (const stat of report as Iterable<Stat>) {
    if (stat.type === 'outbound-rtp') {
      bytesSent += num(stat.bytesSent) ?? 0;
      if (stat.kind !== 'video') continue;
      framesSent = num(stat.framesSent) ?? 0;
      sample.fps = num(stat.framesPerSecond);
      sample.limited = stat.qualityLimitationReason === 'bandwidth';
    } else if (stat.type === 'remote-inbound-rtp' && stat.kind === 'video') {
      sample.lost = num(stat.fractionLost);
      const rtt = num(stat.roundTripTime);
      if (rtt !== null) sample.rttMs = rtt * 1000;
    } else if (stat.type === 'candidate-pair' && stat.nominated === true) {
      const bps = num(stat.availableOutgoingBitrate);
      if (bps !== null) sample.availableKbps = bps / 1000;
      const rtt = num(stat.currentRoundTripTime);
      if (rtt !== null && sample.rttMs === null) sample.rttMs = rtt * 1000;
    }
  }
  return { sample, framesSent, bytesSent };
}

/** Frames decoded of the incoming video, -1 when there is none. */
export function readDown(report: Iterable<unknown>): { frames: number; bytes: number } {
  let frames = -1;
  let bytes = 0;
  for (const stat of report as Iterable<Stat>) {
    if (stat.type !== 'inbound-rtp') continue;
    bytes += num(stat.bytesReceived) ?? 0;
    if (stat.kind === 'video') frames = num(stat.framesDecoded) ?? 0;
  }
  return { frames, bytes };
}
