// picture.ts: the QR with everything one needs beside it, as a PNG in the phone's gallery: bank apps read it from there,
// and it can be sent to whoever pays.
import { money } from '../shared/money.ts';
import { t } from '../shared/text.ts';
import { spaced, svgUrl } from './pay.ts';
import type { PayQr } from './types.ts';

const SIDE = 720, MARGIN = 40, LINE = 62;

function load(url: string): Promise<HTMLImageElement> {
  return new Promise((done, failed) => {
    const image = new Image();
    image.onload = () => done(image);
    image.onerror = () => failed(new Error('the picture cannot be drawn'));
    image.src = url;
  });
}

export async function qrPng(qr: PayQr): Promise<Blob> {
  const image = await load(svgUrl(qr.svg, SIDE - 2 * MARGIN));
  const lines = [money(qr.amount), `${t('pay.memo')}: ${qr.memo}`, `${qr.bank ?? qr.bin} ${spaced(qr.number)}`, qr.holder];
  const canvas = document.createElement('canvas');
  canvas.width = SIDE;
  canvas.height = SIDE + lines.length * LINE + MARGIN;
  const pen = canvas.getContext('2d')!;
  pen.fillStyle = '#fff';
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.imageSmoothingEnabled = false;
  pen.drawImage(image, MARGIN, MARGIN, SIDE - 2 * MARGIN, SIDE - 2 * MARGIN);
  pen.fillStyle = '#000';
  pen.textAlign = 'center';
  lines.forEach((line, i) => {
    pen.font = `${i === 0 ? 'bold 56px' : '36px'} system-ui, sans-serif`;
    pen.fillText(line, SIDE / 2, SIDE + (i + 0.7) * LINE, SIDE - MARGIN);
  });
  return new Promise((done, failed) => canvas.toBlob((blob) => (blob ? done(blob) : failed(new Error('no picture'))), 'image/png'));
}

/** Hands bytes to the phone as a file. */
export function saveFile(blob: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
