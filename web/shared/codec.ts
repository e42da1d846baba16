// codec.ts: which video codec the phone should send. Hardware H.264 saves the battery; without hardware VP8 is the
// safer software encoder. H.264 must be constrained baseline, packetization-mode 1: every buyer's phone plays that.

export type WishedCodec = 'h264' | 'vp8';

interface Codec { mimeType: string; sdpFmtpLine?: string }

/** All codecs stay in the offer (the relay chooses); only the order changes. Resilience formats keep their place. */
export function codecOrder<T extends Codec>(known: readonly T[], wished: WishedCodec): T[] {
  return known.map((codec, i) => ({ codec, i, rank: rank(codec, wished) }))
    .sort((a, b) => a.rank - b.rank || a.i - b.i).map((x) => x.codec);
}

function rank(c: Codec, wished: WishedCodec): number {
  const mime = c.mimeType.toLowerCase();
  if (/rtx|red|ulpfec|flexfec/.test(mime)) return 9;
  const fmtp = c.sdpFmtpLine ?? '';
  const plain = /profile-level-id=42e0/i.test(fmtp) && /packetization-mode=1/.test(fmtp);
  if (mime === 'video/h264') return (wished === 'h264' ? 0 : 2) + (plain ? 0 : 4);
  if (mime === 'video/vp8') return 1;
  return 7;
}

/** Asks the browser whether H.264 is encoded in hardware. Late or no answer counts as no. */
export async function wishedCodec(search: string): Promise<WishedCodec> {
  const asked = new URLSearchParams(search).get('codec');   // for tests and for support by phone
  if (asked === 'h264' || asked === 'vp8') return asked;
  const video = { contentType: 'video/H264;level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f',
    width: 640, height: 360, framerate: 25, bitrate: 900_000 };
  try {
    const late = new Promise<null>((done) => setTimeout(() => done(null), 400));
    const info = await Promise.race([navigator.mediaCapabilities.encodingInfo({ type: 'webrtc', video }), late]);
    return info?.supported && info.powerEfficient ? 'h264' : 'vp8';
  } catch {
    return 'vp8';
  }
}
