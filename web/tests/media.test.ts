import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { backoff, retryAfter } from '../shared/backoff.ts';
import { codecOrder } from '../shared/codec.ts';
import { readDown, readUp, StallDetector, uplinkOf, UplinkWord, WatchHealth, type UpSample } from '../shared/media-stats.ts';
import { pictureOf } from '../buyer/watcher.ts';
import { maySend, screenOf } from '../farmer/screen.ts';
import type { Live, Snapshot, Uplink } from '../shared/types.ts';

const fine: UpSample = { lost: 0, rttMs: 60, availableKbps: 1200, limited: false, fps: 25 };

describe('the way up', () => {
  test('is told in three words', () => {
    assert.equal(uplinkOf(fine), 'good');
    assert.equal(uplinkOf({ ...fine, lost: 0.06 }), 'weak');
    assert.equal(uplinkOf({ ...fine, availableKbps: 400 }), 'weak');
    assert.equal(uplinkOf({ ...fine, rttMs: 700 }), 'weak');
    assert.equal(uplinkOf({ ...fine, lost: 0.2 }), 'bad');
    assert.equal(uplinkOf({ ...fine, availableKbps: 100 }), 'bad');
    assert.equal(uplinkOf({ ...fine, fps: 2 }), 'bad');
    assert.equal(uplinkOf({ lost: null, rttMs: null, availableKbps: null, limited: false, fps: null }), 'good');
  });
  test('keeps its word while single readings differ', () => {
    const word = new UplinkWord();
    const after = (...readings: Uplink[]) => readings.map((reading) => word.feed(reading)).at(-1);
    assert.equal(after('good'), 'good', 'the first reading is the word');
    assert.equal(after('weak', 'good', 'weak', 'good'), 'good', 'not twice in a row');
    assert.equal(after('bad', 'weak'), 'weak', 'the mildest of the two');
    assert.equal(after('bad', 'bad'), 'bad');
    assert.equal(after('good', 'good', 'good', 'good', 'bad'), 'bad', 'not yet five good ones');
    assert.equal(after('good', 'weak', 'good', 'good', 'good'), 'weak', 'better by what all five say');
    assert.equal(after('good', 'good', 'good', 'good', 'good'), 'good');
  });
  test('is read from the browser\'s statistics', () => {
    const { sample, framesSent, bytesSent } = readUp([
      { type: 'outbound-rtp', kind: 'video', framesSent: 100, bytesSent: 5000, framesPerSecond: 24, qualityLimitationReason: 'bandwidth' },
      { type: 'outbound-rtp', kind: 'audio', bytesSent: 700 },
      { type: 'remote-inbound-rtp', kind: 'video', fractionLost: 0.05, roundTripTime: 0.2 },
      { type: 'candidate-pair', nominated: true, availableOutgoingBitrate: 800_000, currentRoundTripTime: 0.1 },
      { type: 'candidate-pair', nominated: false, availableOutgoingBitrate: 1 },
    ]);
    assert.deepEqual(sample, { lost: 0.05, rttMs: 200, availableKbps: 800, limited: true, fps: 24 });
    assert.equal(framesSent, 100);
    assert.equal(bytesSent, 5700);
  });
  test('of two layers speaks of the better one, and counts both', () => {
    const { sample, framesSent } = readUp([
      { type: 'outbound-rtp', kind: 'video', framesSent: 100, bytesSent: 5000, framesPerSecond: 24 },
      { type: 'outbound-rtp', kind: 'video', framesSent: 40, bytesSent: 1000 },
      { type: 'remote-inbound-rtp', kind: 'video', fractionLost: 0.05 },
      { type: 'remote-inbound-rtp', kind: 'video', fractionLost: 0 },
    ]);
    assert.equal(sample.fps, 24);
    assert.equal(sample.lost, 0.05);
    assert.equal(framesSent, 140);
  });
});

describe('of several nominated pairs of addresses', () => {
  const old = { type: 'candidate-pair', id: 'old', nominated: true, requestsSent: 40, responsesReceived: 30, availableOutgoingBitrate: 90_000 };
  const taken = { type: 'candidate-pair', id: 'taken', nominated: true, requestsSent: 9, responsesReceived: 9, availableOutgoingBitrate: 2_000_000 };
  const named = { type: 'transport', selectedCandidatePairId: 'taken' };
  const orders: [string, Record<string, unknown>[]][] = [['first', [named, taken, old]], ['last', [old, taken, named]],
    ['marked, as Firefox does', [old, { ...taken, selected: true }]]];
  for (const [where, stats] of orders) {
    test(`the one that carries the packets counts, ${where}`, () => {
      assert.equal(readUp(stats).sample.availableKbps, 2000);
      assert.deepEqual([readDown(stats).answered, readDown(stats).unanswered], [9, 0]);
    });
  }
  test('and a pair not yet measured is not a line without room', () => {
    assert.equal(readUp([{ ...taken, availableOutgoingBitrate: undefined }, old, named]).sample.availableKbps, null);
  });
});

describe('a picture standing still', () => {
  test('is noticed only after it has moved once', () => {
    const d = new StallDetector();
    assert.equal(d.feed(0, 0), 0);
    assert.equal(d.feed(0, 60_000), 0);
    assert.equal(d.feed(5, 61_000), 0);
    assert.equal(d.feed(5, 64_000), 3000);
    assert.equal(d.feed(6, 64_500), 0);
  });
  test('reads frames of the video, and -1 without video', () => {
    assert.deepEqual(readDown([{ type: 'inbound-rtp', kind: 'video', framesDecoded: 7, bytesReceived: 10 }, { type: 'inbound-rtp', kind: 'audio', bytesReceived: 5 },
      { type: 'candidate-pair', nominated: true, requestsSent: 9, responsesReceived: 7 }]), { frames: 7, bytes: 15, video: 10, answered: 7, unanswered: 2 });
    assert.equal(readDown([]).frames, -1);
  });
});

describe('a watching connection', () => {
  const at = (frames: number, bytes: number, unanswered = 0) => ({ frames, bytes, unanswered });
  test('is left alone through the farmer\'s pause, however long', () => {
    const h = new WatchHealth();
    assert.equal(h.feed(at(0, 0), false, true, 0), 'nothing-yet');
    assert.equal(h.feed(at(25, 9000), false, true, 1000), 'playing');
    assert.equal(h.feed(at(25, 9000, 1), false, false, 4000), 'stalled');
    assert.equal(h.feed(at(25, 9000, 2), false, false, 600_000), 'stalled');
    assert.equal(h.feed(at(25, 9000, 2), false, true, 601_000), 'stalled');     // live again: a moment of patience
    assert.equal(h.feed(at(50, 18000, 2), false, true, 602_000), 'playing');
  });
  test('is dead when the market says live and nothing comes, or nobody answers', () => {
    const silent = new WatchHealth();
    silent.feed(at(25, 9000), false, false, 0);
    silent.feed(at(25, 9000), false, true, 5000);
    assert.equal(silent.feed(at(25, 9000), false, true, 8100), 'dead');
    const undecodable = new WatchHealth();
    undecodable.feed(at(25, 9000), false, true, 0);
    assert.equal(undecodable.feed(at(25, 20000), false, true, 4000), 'stalled');
    for (let s = 5; s <= 20; s++) assert.equal(undecodable.feed(at(25, 20000 + s * 1000), false, true, s * 1000), 'stalled');
    assert.equal(undecodable.feed(at(25, 90000), false, true, 21_000), 'dead');
    const alone = new WatchHealth();
    alone.feed(at(25, 9000, 4), false, false, 0);                                // lost ones of the past do not count
    assert.equal(alone.feed(at(25, 9000, 6), false, false, 3000), 'stalled');
    assert.equal(alone.feed(at(25, 9000, 7), false, false, 3500), 'dead');
  });
  test('on a line too full for the answers of some checks is not dead', () => {
    const h = new WatchHealth();
    const full = (bytes: number, answered: number, unanswered: number) => ({ frames: 25, bytes, answered, unanswered });
    h.feed(full(9000, 1, 0), false, true, 0);
    assert.equal(h.feed(full(10_000, 1, 3), false, true, 4000), 'stalled', 'none in a row, but media comes');
    assert.equal(h.feed(full(10_000, 2, 5), false, false, 6000), 'stalled', 'nothing comes, but one was answered just now');
    assert.equal(h.feed(full(10_000, 2, 8), false, false, 7000), 'dead');
  });
  test('without a picture on its way is sound, not a dead connection', () => {
    const h = new WatchHealth();
    const heard = (bytes: number) => ({ frames: 25, bytes, video: 5000, unanswered: 0 });
    assert.equal(h.feed(heard(9000), false, true, 0), 'playing');
    for (let s = 1; s < 30; s++) assert.equal(h.feed(heard(9000 + s * 100), false, true, s * 1000), s < 3 ? 'playing' : 'sound');
    assert.equal(h.feed({ ...heard(12900), video: 5600 }, false, true, 30_000), 'playing');   // on its way again, not decoded yet
    const cut = { ...heard(12900), video: 5600 };
    assert.equal(h.feed(cut, false, true, 38_000), 'dead');
  });
  test('with sound only is measured by its bytes', () => {
    const h = new WatchHealth();
    assert.equal(h.feed(at(-1, 500), true, true, 0), 'playing');
    assert.equal(h.feed(at(-1, 900), true, true, 3000), 'playing');
    assert.equal(h.feed(at(-1, 900), true, false, 6000), 'stalled');
  });
});

describe('waiting', () => {
  test('doubles up to its limit, with jitter below', () => {
    const pace = { firstMs: 500, maxMs: 10_000 };
    assert.equal(backoff(pace, 1, () => 1), 500);
    assert.equal(backoff(pace, 1, () => 0), 250);
    assert.equal(backoff(pace, 3, () => 1), 2000);
    assert.equal(backoff(pace, 99, () => 1), 10_000);
  });
  test('keeps to Retry-After in seconds and as a date', () => {
    assert.equal(retryAfter('2', 0, () => 0), 2000);
    assert.equal(retryAfter('2', 0, () => 1), 2500);
    assert.equal(retryAfter(new Date(10_000).toUTCString(), 4000, () => 0), 6000);
    assert.equal(retryAfter(null, 0), null);
    assert.equal(retryAfter('soon', 0), null);
    assert.equal(retryAfter('99999', 0, () => 0), 300_000);
  });
});

describe('codecs', () => {
  const known = [
    { mimeType: 'video/VP8' }, { mimeType: 'video/rtx' }, { mimeType: 'video/VP9' },
    { mimeType: 'video/H264', sdpFmtpLine: 'packetization-mode=1;profile-level-id=42001f' },
    { mimeType: 'video/H264', sdpFmtpLine: 'packetization-mode=0;profile-level-id=42e01f' },
    { mimeType: 'video/H264', sdpFmtpLine: 'level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f' }, { mimeType: 'video/red' },
  ];
  test('are put in the wished order, none left out', () => {
    const h264 = codecOrder(known, 'h264');
    assert.equal(h264[0]!.sdpFmtpLine, known[5]!.sdpFmtpLine);
    assert.equal(h264[1]!.mimeType, 'video/VP8');
    assert.equal(h264.length, known.length);
    const vp8 = codecOrder(known, 'vp8');
    assert.equal(vp8[0]!.mimeType, 'video/VP8');
    assert.equal(vp8[1]!.sdpFmtpLine, known[5]!.sdpFmtpLine);
    assert.deepEqual(vp8.slice(-2).map((c) => c.mimeType), ['video/rtx', 'video/red']);
  });
});

const live: Live = { id: 1, title: null, state: 'live', approved: true, planned_at: null, started_at: null, ended_at: null, reason: null };
const snap = (over: Partial<Snapshot> = {}): Snapshot => ({
  stall: { slug: 'x', name: 'x', village: '', about: '', state: 'open' }, live, lots: [], mark: 1, mine: false, orders: [],
  room: { state: 'live', viewers: 0, uplink: 'good' }, poster: null, ...over,
});

describe('what the buyer sees', () => {
  test('follows the market first, then the connection', () => {
    assert.equal(pictureOf(snap(), 'playing'), 'playing');
    assert.equal(pictureOf(snap(), 'connecting'), 'connecting');
    assert.equal(pictureOf(snap(), 'stalled'), 'paused');
    assert.equal(pictureOf(snap(), 'full'), 'full');
    assert.equal(pictureOf(null, 'waiting'), 'none');
    assert.equal(pictureOf(snap({ live: { ...live, state: 'ended' } }), 'playing'), 'ended');
    assert.equal(pictureOf(snap({ live: { ...live, state: 'paused' } }), 'playing'), 'cadre-paused');
    assert.equal(pictureOf(snap({ room: { state: 'stalled', viewers: 0, uplink: 'bad' } }), 'connecting'), 'paused');
    assert.equal(pictureOf(snap({ live: null, room: { state: 'idle', viewers: 0, uplink: 'none' } }), 'connecting'), 'none');
    assert.equal(pictureOf(snap({ stall: { ...snap().stall, state: 'closed' } }), 'playing'), 'closed');
  });
});

describe('what the farmer sees', () => {
  test('goes from asking to live and back', () => {
    assert.equal(screenOf(null, 'idle'), 'start');
    assert.equal(screenOf(snap({ live: null }), 'idle'), 'start');
    assert.equal(screenOf(snap({ live: { ...live, state: 'planned', approved: false } }), 'idle'), 'waiting');
    assert.equal(screenOf(snap({ live: { ...live, state: 'planned' } }), 'idle'), 'ready');
    assert.equal(screenOf(snap(), 'connecting'), 'starting');
    assert.equal(screenOf(snap(), 'sending'), 'live');
    assert.equal(screenOf(snap(), 'reconnecting'), 'reconnecting');
    assert.equal(screenOf(snap({ live: { ...live, state: 'paused' } }), 'sending'), 'paused');
    assert.equal(screenOf(snap({ live: { ...live, state: 'ended' } }), 'idle'), 'ended');
    assert.equal(screenOf(snap(), 'refused'), 'ready');
  });
  test('sends only when approved and not paused', () => {
    assert.ok(maySend(live) && maySend({ ...live, state: 'planned' }));
    assert.ok(!maySend(null) && !maySend({ ...live, approved: false }) && !maySend({ ...live, state: 'paused' }) && !maySend({ ...live, state: 'ended' }));
  });
});
