// publishing.mjs: a page that publishes by WHIP as plainly as can be, more bits than Go live takes, and what it thinks of its line.

/** In the farmer's page: publishes, and keeps what a restart needs. The picture is a restless one: leaves
 *  in the wind cost more bits than the other tests' ball. */
export async function publishing({ url, token }) {
    const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
    const camera = new MediaStreamTrackGenerator({ kind: 'video' });
    const film = camera.writable.getWriter();
    const shape = { format: 'I420', codedWidth: 640, codedHeight: 360 };
    const picture = new Uint8Array(640 * 360 * 1.5).fill(128);
    const tile = new Uint8Array(80);
    setInterval(() => {
        for (let y = 0; y < 360; y++) {
            if (y % 8 === 0) crypto.getRandomValues(tile);
            for (let x = 0; x < 80; x++) picture.fill(64 + tile[x] / 2, y * 640 + x * 8, y * 640 + x * 8 + 8);
        }
        film.write(new VideoFrame(picture, { ...shape, timestamp: Math.round(performance.now() * 1000) }));
    }, 50);
    stream.addTrack(camera);
    const pc = new RTCPeerConnection({ bundlePolicy: 'max-bundle' });
    pc.addTransceiver(stream.getAudioTracks()[0], { direction: 'sendonly', streams: [stream] });
    pc.addTransceiver(camera, { direction: 'sendonly', streams: [stream], sendEncodings: [{ maxBitrate: 2500000 }] });
    await pc.setLocalDescription();
    const authorization = `Bearer ${token}`;
    const started = Date.now();
    const reply = await fetch(url, { method: 'POST', headers: { authorization, 'content-type': 'application/sdp' }, body: pc.localDescription.sdp });
    if (reply.status !== 201) throw new Error(`${reply.status} ${await reply.text()}`);
    const sdp = await reply.text();
    await pc.setRemoteDescription({ type: 'answer', sdp });
    window.whip = { pc, sdp, authorization, session: reply.headers.get('location') };
    return { started, answered: Date.now() };
}

/** In a page: what its connection thinks of the line up. */
export const uplink = (page) => page.evaluate(async () => {
    const report = await window.whip.pc.getStats();
    const video = [...report.values()].find((s) => s.type === 'outbound-rtp' && s.kind === 'video');
    return { kbps: (window.takenPath(report)?.availableOutgoingBitrate ?? 0) / 1000, state: window.whip.pc.connectionState, pli: video?.pliCount };
});
