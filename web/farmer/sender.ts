// sender.ts: camera and WHIP sender together, outside the component tree: drawing must never touch the stream.
// Mends itself: a dead camera is opened anew and slipped under the running connection.
import type { Problem } from '../shared/api.ts';
import { wishedCodec } from '../shared/codec.ts';
import { onReturn } from '../shared/page.ts';
import type { Uplink } from '../shared/types.ts';
import { WhipSender, type SendPhase } from '../shared/whip.ts';
import { CameraError, closeCamera, onCameraLost, openCamera, type CameraTrouble, type Facing } from './camera.ts';
import { ScreenWake } from './wake.ts';

export class FieldSender {
  stream: MediaStream | null = null;
  phase: SendPhase = 'idle';
  problem: Problem | null = null;
  uplink: Uplink = 'none';
  trouble: CameraTrouble | null = null;
  facing: Facing = 'environment';
  muted = false;
  held = false;             // paused by the cadre: connected, but nothing of the field leaves the phone
  onChange: () => void = () => {};
  private whip: WhipSender | null = null;
  private forget: () => void = () => {};
  private opening: Promise<void> | null = null;
  private readonly wake = new ScreenWake();
  private readonly stopWatching: () => void;

  constructor(private readonly slug: string) {
    this.stopWatching = onReturn(() => this.back());
  }

  /** Opens the camera for the preview; safe to call again. */
  openCamera(): Promise<void> {
    this.opening ??= this.reopen().finally(() => { this.opening = null; });
    return this.opening;
  }

  private async reopen(): Promise<void> {
    try {
      closeCamera(this.stream);                 // many phones cannot open a camera twice
      this.forget();
      const stream = await openCamera(this.facing);
      this.forget = onCameraLost(stream, () => void this.openCamera());
      this.stream = stream;
      this.enable();
      this.trouble = null;
      await this.whip?.replace(stream);
    } catch (e) {
      this.stream = null;
      this.trouble = e instanceof CameraError ? e.trouble : 'busy';
    }
    this.onChange();
  }

  async start(): Promise<void> {
    if (!this.stream) await this.openCamera();
    if (!this.stream || this.whip || this.phase === 'connecting') return;
    this.phase = 'connecting';
    this.problem = null;
    this.wake.on();
    this.onChange();
    const codec = await wishedCodec(location.search);
    if ((this.phase as SendPhase) !== 'connecting' || !this.stream) return;      // stopped meanwhile
    this.whip = new WhipSender(`/whip/${encodeURIComponent(this.slug)}`, {
      onPhase: (phase, problem) => this.phaseIs(phase, problem),
      onUplink: (uplink) => { if (uplink !== this.uplink) { this.uplink = uplink; this.onChange(); } },
      onDeadCamera: () => void this.openCamera(),
    }, this.stream, codec);
    this.whip.start();
  }

  stop(): void {
    this.whip?.stop();
    this.whip = null;
    this.phase = 'idle';
    this.uplink = 'none';
    this.held = false;
    this.enable();
    this.wake.off();
    this.onChange();
  }

  async flip(): Promise<void> {
    this.facing = this.facing === 'environment' ? 'user' : 'environment';
    await this.openCamera();
  }

  mute(on: boolean): void {
    this.muted = on;
    this.enable();
    this.onChange();
  }

  hold(on: boolean): void {
    if (on === this.held) return;
    this.held = on;
    this.enable();
    this.onChange();
  }

  private enable(): void {
    this.stream?.getVideoTracks().forEach((track) => { track.enabled = !this.held; });
    this.stream?.getAudioTracks().forEach((track) => { track.enabled = !this.held && !this.muted; });
  }

  /** Leaving the page. */
  close(): void {
    this.stop();
    this.stopWatching();
    this.forget();
    closeCamera(this.stream);
  }

  private phaseIs(phase: SendPhase, problem: Problem | null): void {
    if (!this.whip) return;
    this.phase = phase;
    this.problem = problem;
    if (phase === 'refused') {
      this.whip = null;
      this.wake.off();
    }
    this.onChange();
  }

  /** Back from a call, a locked screen or a dead zone: iPhones say the track lives although it does not. */
  private back(): void {
    const dead = this.stream?.getVideoTracks().every((track) => track.readyState === 'ended' || track.muted);
    if (dead) void this.openCamera();
    this.whip?.nudge();
  }
}
