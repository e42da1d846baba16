// goodbye.ts: ends a WHIP or WHEP session. The DELETE goes first and the connection is closed after its answer: closing
// says good-bye over UDP too, and the session would be gone before the DELETE asks for it.

const LATE_MS = 1500;

export function goodbye(pc: RTCPeerConnection | null, session: string | null): void {
  if (pc) pc.onconnectionstatechange = pc.ontrack = null;
  if (!session || pc?.connectionState !== 'connected') {
    pc?.close();
    if (session) void fetch(session, { method: 'DELETE', keepalive: true }).catch(() => {});
    return;
  }
  const timer = window.setTimeout(() => pc.close(), LATE_MS);
  void fetch(session, { method: 'DELETE', keepalive: true }).catch(() => {}).finally(() => {
    clearTimeout(timer);
    pc.close();
  });
}
