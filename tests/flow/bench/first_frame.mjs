// first_frame.mjs: how long a buyer waits for the first picture, in real Chromium, on loopback. Prints JSON.
//   click  from the moment a script asks (offer made, POST, ICE, DTLS) to the first frame shown
//   page   from the start of the navigation to the stall's page to its first frame: HTML, script, and all of the above
// usage: first_frame.mjs [--runs N] [--codec h264|vp8]      the build is TEST_BUILD (default build/release)
process.env.TEST_BUILD ??= 'build/release';
const { Stack } = await import('../lib/stack.mjs');
const { Browser, pictureMoves } = await import('../lib/browser.mjs');

const option = (name, otherwise) => {
    const at = process.argv.indexOf(`--${name}`);
    return at < 0 ? otherwise : process.argv[at + 1];
};
const runs = Number(option('runs', 20));
const codec = option('codec', 'h264');

/** In the page: watches by WHEP as plainly as can be. */
async function click(url) {
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

const summary = (values) => {
    const sorted = [...values].sort((a, b) => a - b);
    const pick = (share) => Math.round(sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] * 10) / 10;
    return { min: pick(0), p50: pick(0.5), p95: pick(0.95), max: pick(1) };
};

const stack = await Stack.start();
const browser = await Browser.start();
try {
    await stack.phone({ codec });
    const slug = stack.demo.stall;
    const warm = await browser.person(stack);
    await warm.goto(`/s/${slug}`);
    await pictureMoves(warm);
    await warm.goto('/login');
    const clicks = [], answers = [], pages = [];
    for (let i = 0; i < runs; i++) {
        const { frame, answer } = await warm.evaluate(click, `/whep/${slug}`);
        clicks.push(frame);
        answers.push(answer);
    }
    for (let i = 0; i < runs; i++) {
        const page = await browser.person(stack);
        await page.goto(`/s/${slug}`);
        await page.waitForFunction(() => performance.getEntriesByName('first-frame').length > 0);
        pages.push(await page.evaluate(() => performance.getEntriesByName('first-frame')[0].startTime));
        await page.context().close();
    }
    console.log(JSON.stringify({ bench: 'first-frame', codec, runs, unit: 'ms', click: summary(clicks), answer: summary(answers), page: summary(pages) }));
} finally {
    await browser.stop();
    await stack.stop();
}
