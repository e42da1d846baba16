// photo.ts: what shows that goods were handed over, small enough to be kept on the phone for a day without network.
import { drawSmall } from '../shared/shrink.ts';

const SIDE = 640, QUALITY = 0.6;

/** JPEG in base64. */
export async function smallPhoto(file: File): Promise<string> {
  const canvas = await drawSmall(file, SIDE);
  return canvas.toDataURL('image/jpeg', QUALITY).split(',')[1] ?? '';
}
