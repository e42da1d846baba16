// lot-photo.ts: a lot's picture on its way: made small on the phone, sent as the file it is, again with the same key while the
// network is away.
import { sendFile, type Problem } from '../shared/api.ts';
import { backoff } from '../shared/backoff.ts';
import { newKey } from '../shared/key.ts';
import { smallJpeg } from '../shared/shrink.ts';
import type { Lot } from '../shared/types.ts';

const SIDE = 800, BYTES = 150_000;
const SEND_MS = 90_000;            // over one bar of 3G
const PACE = { firstMs: 1000, maxMs: 8000 };
const TRIES = 4;                   // then a person presses

export interface Photo { blob: Blob; key: string; url: string }

/** Rejects when this phone cannot read the file as a picture. `url` is to be revoked once nobody shows it. */
export async function takePhoto(file: Blob): Promise<Photo> {
  const blob = await smallJpeg(file, SIDE, BYTES);
  return { blob, key: newKey(), url: URL.createObjectURL(blob) };
}

/** Rejects with the last Problem. */
export async function sendPhoto(lot: number, { blob, key }: Photo): Promise<Lot> {
  for (let tries = 1; ; tries++) {
    try {
      return (await sendFile<{ lot: Lot }>(`/lots/${lot}/picture?key=${key}`, blob, SEND_MS)).lot;
    } catch (e) {
      const problem = e as Problem;
      if (!problem.passing || tries === TRIES) throw e;
      await new Promise((go) => setTimeout(go, problem.retryMs ?? backoff(PACE, tries)));
    }
  }
}
