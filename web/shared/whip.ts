// whip.ts: sends the farmer's camera to the market (WHIP). On a bad network it simply posts again: the market lets the
// same person take over at once, and buyers only see a short pause.
import { Problem } from './api.ts';
import { retryAfter } from './backoff.ts';
import { goodbye } from './goodbye.ts';
import { useServers } from './ice.ts';
import { codecOrder, type WishedCodec } from './codec.ts';
import { readUp, StallDetector, UplinkWord, uplinkOf } from './media-stats.ts';
import type { Uplink } from './types.ts';

export type SendPhase = 'idle' | 'connecting' | 'sending' | 'reconnecting' | 'refused';

export interface SendEvents {
  onPhase(phase: SendPhase, problem: Problem | null): void;
  onUplink(uplink: Uplink): void;
  /** Connected, but no new picture leaves: the camera is dead though it says it is alive (a phone call, a locked screen). */
  onDeadCamera(): void;
}

const STEP_MS = 1000;          // between tries: short, the field's network comes and goes
const CONNECT_MS = 6000;
const DEAD_MS = 4000;
const VIDEO_BPS = 900_000;
const LOW_BPS = 150_000;       // of the layer that goes to buyers with a weak link: a quarter of the pixels…
const LOW_FROM_KBPS = 800;     // …sent only while the way up has this much to spare, and no more once it has less than that
const LOW_UNTIL_KBPS = 550;
const SPARE_MS = 5000;         // after a change, and at first: the browser is still finding out
const AUDIO_BPS = 32_000;

export class WhipSender {
  private pc: RTCPeerConnection | null = null;
  private session: string | null = null;
  private turn = 0;
  private timer = 0;
  private ticker = 0;
  private phase: SendPhase = 'idle';
  private wasSending = false;
  private sparedAt = 0;
  private readonly detector = new StallDetector();
  private word = new UplinkWord();

  constructor(private readonly url: string, private readonly events: SendEvents, private stream: MediaStream, private readonly codec: WishedCodec) {}

  start(): void {
    if (this.phase === 'idle' || this.phase === 'refused') void this.attempt();
  }

  stop(): void {
    this.turn++;
    this.drop(true);
    this.wasSending = false;
    this.say('idle', null);
  }

  /** Puts a new track in place of the old one of its kind without the buyers noticing. */
  async replace(stream: MediaStream): Promise<void> {
    this.stream = stream;
    this.detector.reset();
    await Promise.all((this.pc?.getSenders() ?? []).map((sender, i) => {
      const track = i === 0 ? stream.getVideoTracks()[0] : stream.getAudioTracks()[0];
      return track ? sender.replaceTrack(track) : undefined;
    }));
  }

  /** The network changed or the page is seen again: look now instead of waiting. */
  nudge(): void {
    if (this.phase === 'reconnecting' || (this.phase === 'sending' && this.pc?.connectionState !== 'connected')) void this.attempt();
  }

  private say(phase: SendPhase, problem: Problem | null): void {
    if (phase === this.phase && !problem) return;
    this.phase = phase;
    this.events.onPhase(phase, problem);
  }

  private drop(ends: boolean): void {
    clearTimeout(this.timer);
    clearInterval(this.ticker);
    goodbye(this.pc, ends ? this.session : null);
    this.pc = null;
    this.session = null;
    this.word = new UplinkWord();
    this.detector.reset();
  }

  /** No DELETE of the old session here: the market should see a take-over, not an end. */
  private again(waitMs: number): void {
    this.drop(false);
    this.say('reconnecting', null);
    const turn = this.turn;
    this.timer = window.setTimeout(() => {
      if (turn === this.turn) void this.attempt();
    }, waitMs);
  }

  private async attempt(): Promise<void> {
    const turn = ++this.turn;
    this.drop(false);
    this.say(this.wasSending ? 'reconnecting' : 'connecting', null);
    try {
      const pc = this.connection(turn);
      const offer = await pc.createOffer();
      const giveUp = new AbortController();
      this.timer = window.setTimeout(() => giveUp.abort(), CONNECT_MS);
      const answer = await fetch(this.url, {
        method: 'POST', credentials: 'same-origin', headers: { 'content-type': 'application/sdp' },
        body: offer.sdp!, signal: giveUp.signal,
      });
      const text = await answer.text();
      if (turn !== this.turn) return;
      clearTimeout(this.timer);
      if (answer.status !== 201) return this.refused(answer, text);
      this.session = new URL(answer.headers.get('location') ?? '', answer.url).pathname;
      useServers(pc, answer.headers.get('link'));
      await pc.setLocalDescription(offer);
      await pc.setRemoteDescription({ type: 'answer', sdp: text });
      if (turn !== this.turn) return;
      this.timer = window.setTimeout(() => {
        if (turn === this.turn && pc.connectionState !== 'connected') this.again(0);
      }, CONNECT_MS);
      this.ticker = window.setInterval(() => void this.tick(turn), 1000);
    } catch {
      if (turn === this.turn) this.again(STEP_MS);
    }
  }

  private connection(turn: number): RTCPeerConnection {
    const pc = new RTCPeerConnection({ bundlePolicy: 'max-bundle' });
    this.pc = pc;
    const [video] = this.stream.getVideoTracks();
    const [audio] = this.stream.getAudioTracks();
    if (video) {
      const sender = this.transceiver(pc, video);
      const known = RTCRtpSender.getCapabilities?.('video')?.codecs;
      if (known && 'setCodecPreferences' in sender) sender.setCodecPreferences(codecOrder(known, this.codec));
    }
    if (audio)
      pc.addTransceiver(audio, { direction: 'sendonly', streams: [this.stream], sendEncodings: [{ maxBitrate: AUDIO_BPS }] });
    pc.onconnectionstatechange = () => {
      if (turn !== this.turn) return;
      if (pc.connectionState === 'connected') {
        this.wasSending = true;
        this.sparedAt = performance.now();
        this.say('sending', null);
      } else if (pc.connectionState === 'failed') this.again(0);
      else if (pc.connectionState === 'disconnected')
        window.setTimeout(() => {
          if (turn === this.turn && pc.connectionState === 'disconnected') this.again(0);
        }, STEP_MS);
    };
    return pc;
  }

  /** Two layers, the small one first: a browser whose line gets narrow stops the later one. An old browser sends one. */
  private transceiver(pc: RTCPeerConnection, video: MediaStreamTrack): RTCRtpTransceiver {
    const full = { maxBitrate: VIDEO_BPS, maxFramerate: 25 };
    const init = (sendEncodings: RTCRtpEncodingParameters[]): RTCRtpTransceiverInit => ({ direction: 'sendonly', streams: [this.stream], sendEncodings });
    try {
      return pc.addTransceiver(video, init([{ rid: 'l', scaleResolutionDownBy: 2, maxBitrate: LOW_BPS, maxFramerate: 25 }, { rid: 'h', ...full }]));
    } catch {
      return pc.addTransceiver(video, init([full]));
    }
  }

  /** A weak way up carries the one picture better alone; the relay then makes the low one by itself. */
  private async spare(pc: RTCPeerConnection, kbps: number | null): Promise<void> {
    const sender = pc.getSenders().find((s) => s.track?.kind === 'video');
    const all = sender?.getParameters();
    const low = all?.encodings.find((e) => e.rid === 'l');
    if (!sender || !all || !low || kbps === null) return;
    const send = low.active === false ? kbps > LOW_FROM_KBPS : kbps > LOW_UNTIL_KBPS;
    if (send === (low.active !== false) || performance.now() - this.sparedAt < SPARE_MS) return;
    this.sparedAt = performance.now();
    low.active = send;
    await sender.setParameters(all).catch(() => {});      // the connection is going; the next one begins anew
  }

  private refused(answer: Response, text: string): void {
    if (answer.status >= 500 || answer.status === 429 || answer.status === 408)
      return this.again(Math.min(retryAfter(answer.headers.get('retry-after'), Date.now()) ?? STEP_MS, 5000));
    let body: Record<string, unknown> = {};
    try {
      body = JSON.parse(text) as Record<string, unknown>;
    } catch { /* no problem document */ }
    this.drop(false);
    this.say('refused', new Problem(answer.status, typeof body.code === 'string' ? body.code : 'internal-error', body));
  }

  private async tick(turn: number): Promise<void> {
    const pc = this.pc;
    if (!pc || pc.connectionState !== 'connected') return;
    const reading = readUp((await pc.getStats()).values());
    if (turn !== this.turn) return;
    this.events.onUplink(this.word.feed(uplinkOf(reading.sample)));
    void this.spare(pc, reading.sample.availableKbps);
    if (this.detector.feed(reading.framesSent, performance.now()) > DEAD_MS) {
      this.detector.reset();
      this.events.onDeadCamera();
    }
  }
}
