// whep.ts: watches a stall (WHEP). Posts the offer at once without gathering candidates (the relay is ICE-lite and learns
// our address from the first check), keeps the connection through the farmer's pauses, and comes back by itself.
import { backoff, retryAfter } from './backoff.ts';
import { goodbye } from './goodbye.ts';
import { useServers } from './ice.ts';
import { readDown, WatchHealth } from './media-stats.ts';

/** sound: connected, the link carries no picture just now. waiting: nobody streams yet (409). full: the relay has no room (503). stalled: connected, picture stands still. */
export type WatchPhase = 'connecting' | 'playing' | 'sound' | 'stalled' | 'waiting' | 'full' | 'closed';

/** What the buyer allows: all the link carries, the low picture, or sound alone. */
export type Saving = 'auto' | 'low' | 'audio';

export interface WatchEvents {
  onStream(stream: MediaStream): void;
  onPhase(phase: WatchPhase): void;
  /** Does the market say that pictures should be coming? Only then is a long stall a reason to reconnect. */
  expected(): boolean;
}

const PACE = { firstMs: 500, maxMs: 10_000 };
const CONNECT_MS = 8000;       // answer to connected
const DISCONNECTED_MS = 2500;  // ICE often heals by itself within this

export class WhepPlayer {
  private pc: RTCPeerConnection | null = null;
  private session: string | null = null;
  private layer: string | null = null;      // where the rendition is chosen
  private turn = 0;            // each attempt has a number; late answers of older ones are dropped
  private tries = 0;
  private timer = 0;
  private ticker = 0;
  private phase: WatchPhase = 'closed';
  private health = new WatchHealth();

  constructor(private readonly url: string, private readonly events: WatchEvents, private saving: Saving = 'auto') {}

  start(): void {
    if (this.phase === 'closed') void this.attempt();
  }

  /** The market says the room came to life: do not wait for the timer. */
  nudge(): void {
    if (this.phase === 'waiting' || this.phase === 'full') void this.attempt();
  }

  /** In the same connection: the relay switches at a keyframe. */
  setSaving(saving: Saving): void {
    this.saving = saving;
    void this.choose();
  }

  private async choose(): Promise<void> {
    if (!this.layer) return;
    const body = JSON.stringify(this.saving === 'auto' ? {} : { encodingId: this.saving });
    await fetch(this.layer, { method: 'POST', credentials: 'same-origin', headers: { 'content-type': 'application/json' }, body })
      .catch(() => {});                     // the next connection says it again
  }

  /** `over`: the market has ended the session itself, there is nothing to say good-bye to. */
  stop(over = false): void {
    this.turn++;
    if (over) this.session = null;
    this.drop();
    this.say('closed');
  }

  private say(phase: WatchPhase): void {
    if (phase === this.phase) return;
    this.phase = phase;
    this.events.onPhase(phase);
  }

  private drop(): void {
    clearTimeout(this.timer);
    clearInterval(this.ticker);
    goodbye(this.pc, this.session);
    this.pc = null;
    this.session = null;
    this.layer = null;
    this.health = new WatchHealth();
  }

  private again(waitMs: number | null): void {
    this.drop();
    this.tries++;
    const turn = this.turn;
    this.timer = window.setTimeout(() => {
      if (turn === this.turn) void this.attempt();
    }, waitMs ?? backoff(PACE, this.tries));
  }

  private async attempt(): Promise<void> {
    const turn = ++this.turn;
    this.drop();
    if (this.phase !== 'full' && this.phase !== 'waiting') this.say('connecting');      // a try is no news
    const pc = this.connection(turn);
    try {
      const offer = await pc.createOffer();
      const answer = await fetch(this.url, {
        method: 'POST', credentials: 'same-origin', headers: { 'content-type': 'application/sdp' },
        body: offer.sdp!,
      });
      const text = await answer.text();
      if (turn !== this.turn) return;
      if (answer.status !== 201) return this.refused(answer);
      this.say('connecting');
      this.session = new URL(answer.headers.get('location') ?? '', answer.url).pathname;
      this.layer = layerOf(answer.headers.get('link'));
      if (this.saving !== 'auto') void this.choose();
      useServers(pc, answer.headers.get('link'));
      await pc.setLocalDescription(offer);
      await pc.setRemoteDescription({ type: 'answer', sdp: text });
      if (turn !== this.turn) return;
      this.timer = window.setTimeout(() => {
        if (turn === this.turn && pc.connectionState !== 'connected') this.again(null);
      }, CONNECT_MS);
      this.ticker = window.setInterval(() => void this.tick(turn), 500);
    } catch {
      if (turn === this.turn) this.again(null);
    }
  }

  private connection(turn: number): RTCPeerConnection {
    const pc = new RTCPeerConnection({ bundlePolicy: 'max-bundle' });
    this.pc = pc;
    const stream = new MediaStream();
    pc.addTransceiver('video', { direction: 'recvonly' });
    pc.addTransceiver('audio', { direction: 'recvonly' });
    pc.ontrack = (e) => {
      stream.addTrack(e.track);
      if (turn === this.turn) this.events.onStream(stream);
    };
    pc.onconnectionstatechange = () => {
      if (turn !== this.turn) return;
      if (pc.connectionState === 'failed') this.again(0);
      else if (pc.connectionState === 'connected') this.tries = 0;
      else if (pc.connectionState === 'disconnected')
        window.setTimeout(() => {
          if (turn === this.turn && pc.connectionState === 'disconnected') this.again(0);
        }, DISCONNECTED_MS);
    };
    return pc;
  }

  private refused(answer: Response): void {
    const wait = retryAfter(answer.headers.get('retry-after'), Date.now());
    if (answer.status === 409) this.say('waiting');
    else if (answer.status === 503 || answer.status === 429) this.say('full');
    else if (answer.status < 500) return this.stop();
    this.again(wait);
  }

  private async tick(turn: number): Promise<void> {
    const pc = this.pc;
    if (!pc || pc.connectionState !== 'connected') return;
    const reading = readDown((await pc.getStats()).values());
    if (turn !== this.turn) return;
    const health = this.health.feed(reading, this.saving === 'audio', this.events.expected(), performance.now());
    if (health === 'dead') this.again(0);
    else if (health !== 'nothing-yet') this.say(health);
  }
}

/** The path of the layer resource a 201 names (WHEP's extension), on our own origin. */
export function layerOf(link: string | null): string | null {
  const found = /<([^>]+)>; rel="urn:ietf:params:whep:ext:core:layer"/.exec(link ?? '');
  return found ? new URL(found[1]!).pathname : null;
}
