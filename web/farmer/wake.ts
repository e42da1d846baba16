// wake.ts: keeps the screen on while streaming. The system takes the lock away whenever the page is hidden,
// so it is asked for again when the page comes back.

export class ScreenWake {
  private lock: WakeLockSentinel | null = null;
  private wanted = false;
  private readonly seen = () => { if (this.wanted && document.visibilityState === 'visible') void this.take(); };

  on(): void {
    if (this.wanted) return;
    this.wanted = true;
    document.addEventListener('visibilitychange', this.seen);
    void this.take();
  }

  off(): void {
    this.wanted = false;
    document.removeEventListener('visibilitychange', this.seen);
    void this.lock?.release().catch(() => {});
    this.lock = null;
  }

  private async take(): Promise<void> {
    try {
      this.lock = (await navigator.wakeLock?.request('screen')) ?? null;
    } catch { /* low battery: the system refuses; nothing to do */ }
  }
}
