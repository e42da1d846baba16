// api.ts: one way to ask the market over HTTPS. Answers are JSON; refusals become Problem with the stable code,
// a lost network becomes Problem "offline". Callers never see fetch.
import { retryAfter } from './backoff.ts';
import { heardTime } from './market-time.ts';
import { factorWay } from './page.ts';
import { passwordAgain } from './proof.ts';
import type { Unit } from './types.ts';

export class Problem extends Error {
  readonly status: number;            // 0: no answer came
  readonly code: string;              // market/base/result.h, or "offline"
  readonly field: string | null;
  readonly retryMs: number | null;
  readonly extras: { available?: number; fee?: number; price?: number; lot?: number; unit?: Unit; reason?: string; due?: number; limit?: number; had?: number; flash_left?: number };
  constructor(status: number, code: string, body: Record<string, unknown> = {}, retryMs: number | null = null) {
    super(typeof body.title === 'string' ? body.title : code);
    this.status = status;
    this.code = code;
    this.field = typeof body.field === 'string' ? body.field : null;
    this.retryMs = retryMs;
    this.extras = body as Problem['extras'];
  }

  /** True when asking again with the same key may still succeed: no answer, or the market was not able to. */
  get passing(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }

  /** The code whose words fit an act that somebody has to do again themselves ("offline" and "busy" speak of what tries again by itself). */
  get actCode(): string {
    return this.code === 'offline' || this.code === 'busy' ? `act-${this.code}` : this.code;
  }
}

const ANSWER_MS = 12_000;

/** Asks; when the market wants the password first, the person is asked for it and the same body, same key, goes again. Who must set up a
 *  second factor first is taken there. */
export async function ask<T>(method: string, path: string, body?: unknown, timeoutMs = ANSWER_MS): Promise<T> {
  try {
    return await askOnce<T>(method, path, body, timeoutMs);
  } catch (e) {
    if ((e as Problem).code === 'factor-first') location.replace(factorWay(location.pathname));
    if ((e as Problem).code !== 'password-again' || !await passwordAgain()) throw e;
    return askOnce<T>(method, path, body, timeoutMs);
  }
}

/** Sends a file as the body it is; what else there is to say stands in the path. */
export const sendFile = <T>(path: string, file: Blob, timeoutMs: number) => send<T>('POST', path, file, 'application/octet-stream', timeoutMs);

const askOnce = <T>(method: string, path: string, body: unknown, timeoutMs: number) =>
  send<T>(method, path, body === undefined ? undefined : JSON.stringify(body), 'application/json', timeoutMs);

async function send<T>(method: string, path: string, body: BodyInit | undefined, type: string, timeoutMs: number): Promise<T> {
  const giveUp = new AbortController();
  const timer = setTimeout(() => giveUp.abort(), timeoutMs);
  const asked = Date.now();
  try {
    const answer = await fetch(`/api/v1${path}`, {
      method, credentials: 'same-origin', signal: giveUp.signal,
      headers: body === undefined ? {} : { 'content-type': type }, body,
    });
    heardTime(answer.headers.get('date'), asked);
    const text = await answer.text();
    if (answer.ok) return (text ? JSON.parse(text) : null) as T;
    throw problemOf(answer, text);
  } catch (e) {
    if (e instanceof Problem) throw e;
    throw new Problem(0, 'offline');
  } finally {
    clearTimeout(timer);
  }
}

function problemOf(answer: Response, text: string): Problem {
  let body: Record<string, unknown> = {};
  try {
    body = JSON.parse(text) as Record<string, unknown>;
  } catch { /* a proxy's own page: the status says enough */ }
  const code = typeof body.code === 'string' ? body.code : answer.status >= 500 ? 'busy' : 'internal-error';
  return new Problem(answer.status, code, body, retryAfter(answer.headers.get('retry-after'), Date.now()));
}

export const get = <T>(path: string) => ask<T>('GET', path);
export const post = <T>(path: string, body: unknown) => ask<T>('POST', path, body);
export const patch = <T>(path: string, body: unknown) => ask<T>('PATCH', path, body);
