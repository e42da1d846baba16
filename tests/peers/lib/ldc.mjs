// ldc.mjs: WHEP viewers on libdatachannel. Run as a program (`ldc.mjs ORIGIN CERTIFICATE SLUG COUNT`) it says "ready" once all of them have
// media, and watches on until it is killed.
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import datachannel from 'node-datachannel';
import { Client } from '../../flow/lib/api.mjs';
import { until } from '../../flow/lib/until.mjs';

/** {pc, session, audio, video, state}: the last three are counts of packets, and the connection's state. */
export async function ldcViewer(client, slug, name) {
    const peer = { audio: 0, video: 0, state: 'new' };
    const pc = peer.pc = new datachannel.PeerConnection(name, { iceServers: [], disableAutoNegotiation: true });
    pc.onStateChange((state) => (peer.state = state));
    const audio = new datachannel.Audio('audio', 'RecvOnly');
    audio.addOpusCodec(111);
    const video = new datachannel.Video('video', 'RecvOnly');
    video.addVP8Codec(96);
    for (const [kind, description] of [['audio', audio], ['video', video]]) {
        const track = pc.addTrack(description);
        track.onMessage(() => peer[kind]++);
        (peer.tracks ??= []).push(track);
    }
    const gathered = new Promise((done) => pc.onGatheringStateChange((state) => state === 'complete' && done()));
    pc.setLocalDescription('offer');
    await gathered;
    const reply = await client.send('POST', `/whep/${slug}`, { text: pc.localDescription().sdp, type: 'application/sdp' });
    if (reply.status !== 201) throw new Error(`${reply.status} ${reply.text}`);
    peer.session = new URL(reply.headers.location).pathname;
    pc.setRemoteDescription(reply.text, 'answer');
    return peer;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
    const [origin, certificate, slug, count] = process.argv.slice(2);
    const client = new Client(origin, { ca: readFileSync(certificate) });
    const peers = await Promise.all(Array.from({ length: Number(count) }, (_, i) => ldcViewer(client, slug, `viewer-${i}`)));
    await until('media at all of them', () => peers.every((p) => p.video > 5 && p.audio > 5));
    console.log('ready');
    await once(process.stdin.resume(), 'end');
}
