// live.ts: the WebSocket to the market. Keeps its mark, comes back by itself with back-off and jitter, and gets what
// it missed; the first state may come from the HTML, so the page is right before the socket is open.
import { backoff } from './backoff.ts';
import { applyRow } from './stall-state.ts';
import type { Room, Row, Snapshot, Uplink } from './types.ts';

export interface LivePorts {
  open(): WebSocket;
  later(ms: number, run: () => void): unknown;
  cancel(timer: unknown): void;
  random(): number;
}

export interface LiveEvents {
  onState?(s: Snapshot): void;                 // after every change
  onRow?(row: Row, fresh: boolean): void;      // fresh: not one of those missed while away
  onRoom?(stall: string, room: Room): void;
  onLink?(up: boolean): void;
  onBye?(code: string): void;
  onRefused?(code: string): void;              // this stall cannot be joined: unknown, or not for this person
}

type Message =
  | ({ t: 'state' } & Snapshot)
  | { t: 'joined'; mark: number }
  | ({ t: 'row' } & Row)
  | ({ t: 'room'; stall: string } & Room)
  | { t: 'reply'; id: string | null; status: number; body?: { code?: string } }
  | { t: 'bye'; code: string; retry_ms?: number };

const PACE = { firstMs: 500, maxMs: 15_000 };
const OPEN_MS = 8000;                          // a handshake slower than this is tried anew

export const browserPorts: LivePorts = {
  open: () => new WebSocket(`${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/live`),
  later: (ms, run) => setTimeout(run, ms),
  cancel: (timer) => clearTimeout(timer as number),
  random: Math.random,
};

export class LiveSocket {
  private ws: WebSocket | null = null;
  private timer: unknown = null;
  private tries = 0;
  private stopped = false;
  private joined = false;
  private catchUpTo = 0;                       // rows up to here are news from while we were away
  private mark: number | null;

  /** stall "*" (cadres) has rows but no state. */
  constructor(
    private readonly stall: string,
    private state: Snapshot | null,
    private readonly events: LiveEvents,
    private readonly ports: LivePorts = browserPorts,
  ) {
    this.mark = state ? state.mark : null;
  }

  start(): void {
    this.stopped = false;
    this.connect();
  }

  stop(): void {
    this.stopped = true;
    this.ports.cancel(this.timer);
    this.drop();
  }

  /** The network changed or the page is seen again: do not wait for the timer. */
  nudge(): void {
    if (!this.stopped && !this.ws) {
      this.ports.cancel(this.timer);
      this.connect();
    }
  }

  /** Throws the socket away and comes back at once with the mark; for a line that may be dead without saying so. */
  renew(): void {
    if (this.stopped) return;
    this.ports.cancel(this.timer);
    this.drop();
    this.connect();
  }

  /** Says something that is worth nothing later. False: the socket is not there. */
  tell(message: { t: 'uplink'; word: Uplink }): boolean {
    if (!this.joined || !this.ws) return false;
    this.ws.send(JSON.stringify(message));
    return true;
  }

  private connect(): void {
    const ws = this.ports.open();
    this.ws = ws;
    this.timer = this.ports.later(OPEN_MS, () => this.lost(ws, null));
    ws.onopen = () => {
      this.ports.cancel(this.timer);
      ws.send(JSON.stringify(this.mark === null ? { t: 'join', stall: this.stall } : { t: 'join', stall: this.stall, mark: this.mark }));
    };
    ws.onmessage = (e) => this.take(ws, String(e.data));
    ws.onclose = () => this.lost(ws, null);
    ws.onerror = () => this.lost(ws, null);
  }

  private drop(): void {
    const ws = this.ws;
    this.ws = null;
    this.joined = false;
    if (!ws) return;
    ws.onopen = ws.onmessage = ws.onclose = ws.onerror = null;
    ws.close();
  }

  private lost(ws: WebSocket, waitMs: number | null): void {
    if (this.ws !== ws) return;
    this.ports.cancel(this.timer);
    this.drop();
    if (this.stopped) return;
    this.events.onLink?.(false);
    this.tries++;
    this.timer = this.ports.later(waitMs ?? backoff(PACE, this.tries, this.ports.random), () => this.connect());
  }

  private take(ws: WebSocket, text: string): void {
    let m: Message;
    try {
      m = JSON.parse(text) as Message;
    } catch {
      return;
    }
    switch (m.t) {
      case 'state': {
        const { t: _, ...snapshot } = m;
        this.settled(snapshot.mark);
        this.mark = snapshot.mark;
        if (this.stall !== '*') this.events.onState?.((this.state = snapshot));
        break;
      }
      case 'joined':
        this.settled(m.mark);
        this.mark ??= m.mark;
        break;
      case 'row':
        this.row(m);
        break;
      case 'room':
        this.room(m.stall, { state: m.state, viewers: m.viewers, uplink: m.uplink, renditions: m.renditions });
        break;
      case 'bye':
        this.events.onBye?.(m.code);
        this.lost(ws, m.code === 'logged-out' ? null : (m.retry_ms ?? null));
        break;
      case 'reply':
        if (m.id === null && m.status >= 400) this.refused(ws, m.status, m.body?.code ?? 'internal-error');
        break;
    }
  }

  /** A join was refused. The mark may be too old for the rows kept; anything else will not change by asking again. */
  private refused(ws: WebSocket, status: number, code: string): void {
    if (status === 409 && this.mark !== null) {
      this.mark = null;
      ws.send(JSON.stringify({ t: 'join', stall: this.stall }));
    } else if (status >= 500 || status === 429) {
      this.lost(ws, null);
    } else {
      this.stop();
      this.events.onRefused?.(code);
    }
  }

  private settled(mark: number): void {
    this.tries = 0;
    this.joined = true;
    this.catchUpTo = mark;
    this.events.onLink?.(true);
  }

  private row(row: Row): void {
    if (this.mark !== null && row.id <= this.mark) return;
    this.mark = row.id;
    if (this.state) {
      this.state = applyRow(this.state, row);
      this.events.onState?.(this.state);
    }
    this.events.onRow?.(row, row.id > this.catchUpTo);
  }

  private room(stall: string, room: Room): void {
    if (this.state && stall === this.stall) {
      this.state = { ...this.state, room };
      this.events.onState?.(this.state);
    }
    this.events.onRoom?.(stall, room);
  }
}
