// camera.ts: the phone's camera and microphone. Rear camera, 640x360 at 25 pictures a second: what the field's uplink carries.

export type Facing = 'environment' | 'user';
export type CameraTrouble = 'denied' | 'none' | 'busy';

export class CameraError extends Error {
  constructor(readonly trouble: CameraTrouble) { super(trouble); }
}

/** Opens the camera; without a microphone (or its permission) the picture alone. Rejects with CameraError. */
export async function openCamera(facing: Facing): Promise<MediaStream> {
  if (!navigator.mediaDevices?.getUserMedia) throw new CameraError('none');
  const video: MediaTrackConstraints = {
    facingMode: { ideal: facing }, width: { ideal: 640 }, height: { ideal: 360 }, frameRate: { ideal: 25, max: 30 },
  };
  const audio: MediaTrackConstraints = { echoCancellation: true, noiseSuppression: true, autoGainControl: true, channelCount: 1 };
  try {
    return await navigator.mediaDevices.getUserMedia({ video, audio });
  } catch (first) {
    try {
      return await navigator.mediaDevices.getUserMedia({ video });
    } catch {
      throw new CameraError(troubleOf(first));
    }
  }
}

function troubleOf(e: unknown): CameraTrouble {
  const name = e instanceof DOMException ? e.name : '';
  if (name === 'NotAllowedError' || name === 'SecurityError') return 'denied';
  return name === 'NotFoundError' || name === 'OverconstrainedError' ? 'none' : 'busy';
}

export function closeCamera(stream: MediaStream | null): void {
  stream?.getTracks().forEach((track) => track.stop());
}

/** Calls back once when a track dies by itself (a call, another app, a pulled cable). Returns how to stop listening. */
export function onCameraLost(stream: MediaStream, lost: () => void): () => void {
  const tracks = stream.getTracks();
  tracks.forEach((track) => track.addEventListener('ended', lost, { once: true }));
  return () => tracks.forEach((track) => track.removeEventListener('ended', lost));
}
