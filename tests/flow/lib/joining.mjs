// joining.mjs: what runs in a page that watches a stall as plainly as can be.

/** Watches by WHEP until the first frame is shown, then goes. Gives ms from the wish to the frame and to the answer. Self-contained: it
 *  is handed to page.evaluate. */
export async function firstFrame(url) {
    const video = document.createElement('video');
    video.muted = video.autoplay = video.playsInline = true;
    document.body.append(video);
    const started = performance.now();
    const pc = new RTCPeerConnection({ bundlePolicy: 'max-bundle' });
    pc.addTransceiver('video', { direction: 'recvonly' });
    pc.addTransceiver('audio', { direction: 'recvonly' });
    const stream = new MediaStream();
    pc.ontrack = (e) => {
        stream.addTrack(e.track);
        video.srcObject = stream;
    };
    const shown = new Promise((resolve) => video.requestVideoFrameCallback(resolve));
    await pc.setLocalDescription();
    const reply = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/sdp' }, body: pc.localDescription.sdp });
    const answered = performance.now();
    await pc.setRemoteDescription({ type: 'answer', sdp: await reply.text() });
    const at = await shown;
    pc.close();
    await fetch(reply.headers.get('location'), { method: 'DELETE' });
    video.remove();
    return { frame: at - started, answer: answered - started };
}
