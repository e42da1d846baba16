// shrink.ts: a picture from the phone's camera, made small enough for one bar of network. It is drawn anew, so the place and the
// other secrets that cameras write into their files stay on the phone.

/** The picture on a canvas, upright, its longest side at most `side` pixels. Rejects for what this phone cannot read. */
export async function drawSmall(file: Blob, side: number): Promise<HTMLCanvasElement> {
  const picture = await createImageBitmap(file);
  const scale = Math.min(1, side / Math.max(picture.width, picture.height));
  const canvas = document.createElement('canvas');
  canvas.width = Math.max(1, Math.round(picture.width * scale));
  canvas.height = Math.max(1, Math.round(picture.height * scale));
  const pen = canvas.getContext('2d')!;
  pen.fillStyle = '#fff';                   // JPEG has no glass: what is clear would turn black
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.drawImage(picture, 0, 0, canvas.width, canvas.height);
  picture.close();
  return canvas;
}

const QUALITIES = [0.8, 0.65, 0.5, 0.35];

/** A JPEG of at most `bytes`: coarser first, then smaller. */
export async function smallJpeg(file: Blob, side: number, bytes: number): Promise<Blob> {
  const canvas = await drawSmall(file, side);
  for (const quality of QUALITIES) {
    const jpeg = await new Promise<Blob | null>((done) => canvas.toBlob(done, 'image/jpeg', quality));
    if (jpeg && jpeg.size <= bytes) return jpeg;
  }
  if (side <= 100) throw new Error('no picture');
  return smallJpeg(file, side / 2, bytes);
}
