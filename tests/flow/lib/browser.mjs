// browser.mjs: one headless Chromium with a fake camera; each person of a test is a context of it.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { root } from './stack.mjs';
import { until } from './until.mjs';

const FLAGS = [
    '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync',
    '--use-fake-ui-for-media-stream', '--use-fake-device-for-media-stream', '--autoplay-policy=user-gesture-required',
    '--ignore-certificate-errors',   // the server's own certificate is checked by the tests of TLS, not here
];

/** How many times slower than this machine each page's own work is: what a cheap phone is, and a test that only fits a fast machine shows itself. */
const SLOW = Number(process.env.SLOW_PAGES ?? 1);

/** What the fake camera sees: a yellow ball over a green field, ten seconds of it. Made once, by GStreamer. */
function cameraFile() {
    const dir = join(root, 'build/test-media');
    const file = join(dir, 'camera.mjpeg');
    if (!existsSync(file)) {
        mkdirSync(dir, { recursive: true });
        const making = join(dir, `camera-${process.pid}.mjpeg`);
        execFileSync('gst-launch-1.0', ['-q', 'videotestsrc', 'pattern=ball', 'num-buffers=200', 'foreground-color=0xfff2c94c', 'background-color=0xff3f7d3a', '!',
            'video/x-raw,format=I420,width=640,height=360,framerate=20/1', '!', 'jpegenc', 'quality=85', '!', 'filesink', `location=${making}`]);
        renameSync(making, file);
    }
    return file;
}

export class Browser {
    /** `behind`: a Badnet at whose far end it runs. */
    static async start({ executable = process.env.CHROMIUM ?? '/usr/bin/chromium', behind } = {}) {
        const browser = new Browser();
        browser.chromium = await chromium.launch({
            executablePath: behind ? behind.program(executable) : executable, headless: true, chromiumSandbox: process.getuid() !== 0, timeout: 60000,
            args: [...FLAGS, `--use-file-for-fake-video-capture=${cameraFile()}`],
        });
        return browser;
    }

    /** A person with a phone of their own: cookies, storage, language. `camera`: may use camera and microphone. */
    async person(stack, options = {}) {
        const context = await this.chromium.newContext(phoneOf(stack, options));
        await dressed(context, stack, options);
        return pageOf(context);
    }

    /** A person whose browser is a process of its own and may be closed and opened again: what the phone keeps is in `dir`.
     *  Ends with `page.context().close()`. */
    static async lasting(stack, dir, options = {}) {
        const context = await chromium.launchPersistentContext(dir, {
            executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', headless: true, chromiumSandbox: process.getuid() !== 0, timeout: 60000,
            args: FLAGS, ...phoneOf(stack, options),
        });
        await dressed(context, stack, options);
        return pageOf(context);
    }

    stop() { return this.chromium.close(); }
}

const phoneOf = (stack, { camera = false, lang = 'vi', width = 360, height = 740 }) => ({
    baseURL: stack.origin, ignoreHTTPSErrors: true, locale: lang, viewport: { width, height }, deviceScaleFactor: 2,
    hasTouch: true, isMobile: true, permissions: camera ? ['camera', 'microphone', 'screen-wake-lock'] : [], serviceWorkers: 'allow',
});

async function dressed(context, stack, { cookies }) {
    context.setDefaultTimeout(60000);
    await context.addInitScript(rememberConnections);
    if (cookies) await logIn(context, stack, cookies);
}

/** Whoever was logged in on this phone is not any more; who has these cookies is. */
export async function logIn(context, stack, cookies) {
    await context.clearCookies();
    await context.addCookies([...cookies].map(([name, value]) => ({ name, value, url: stack.origin, secure: true, httpOnly: true, sameSite: 'Lax' })));
}

/** A page (another tab, when there is one) of the phone. `trouble`: what went wrong in it. */
export async function pageOf(context) {
    const page = await context.newPage();
    if (SLOW > 1) await (await context.newCDPSession(page)).send('Emulation.setCPUThrottlingRate', { rate: SLOW });
    page.trouble = [];
    page.on('pageerror', (error) => page.trouble.push(`error: ${error.message}`));
    page.on('console', (m) => {
        if (m.type() === 'error' && /Content.Security.Policy/i.test(m.text())) page.trouble.push(m.text());
    });
    return page;
}

/** Runs in the page before its own scripts: keeps every RTCPeerConnection, so that tests can read statistics; the locks that keep the screen
 *  on; and counts the strokes of bells, which nobody hears here. `takenPath`: of a report,
 *  the pair of addresses the packets take; more than one can be nominated. */
function rememberConnections() {
    window.takenPath = (report) => {
        const transport = [...report.values()].find((s) => s.type === 'transport' && s.selectedCandidatePairId);
        return transport && report.get(transport.selectedCandidatePairId);
    };
    window.screenLocks = [];
    const request = navigator.wakeLock?.request.bind(navigator.wakeLock);
    if (request) navigator.wakeLock.request = async (type) => {
        const lock = await request(type);
        window.screenLocks.push(lock);
        return lock;
    };
    window.strokes = 0;
    const start = OscillatorNode.prototype.start;
    OscillatorNode.prototype.start = function (...args) {
        window.strokes++;
        return start.apply(this, args);
    };
    const Real = window.RTCPeerConnection;
    window.connections = [];
    window.RTCPeerConnection = class extends Real {
        constructor(...args) {
            super(...args);
            window.connections.push(this);
        }
    };
}

/** What the page's newest connection has received: {frames, codec, lost, received, width, connections, state}. */
export function received(page) {
    return page.evaluate(async () => {
        const pc = window.connections.at(-1);
        const found = { frames: 0, audio: 0, lost: 0, received: 0, keyframes: 0, connections: window.connections.length, state: pc?.connectionState };
        if (!pc) return found;
        const stats = await pc.getStats();
        for (const s of stats.values()) {
            if (s.type !== 'inbound-rtp') continue;
            if (s.kind === 'audio') found.audio += s.packetsReceived;
            if (s.kind !== 'video') continue;
            found.frames += s.framesDecoded ?? 0;
            found.keyframes += s.keyFramesDecoded ?? 0;
            found.lost += s.packetsLost;
            found.received += s.packetsReceived;
            found.width = s.frameWidth;
            found.freezes = s.freezeCount;
            found.codec = stats.get(s.codecId)?.mimeType;
        }
        return found;
    });
}

/** Waits until the page decodes pictures: `more` of them beyond what it has now. */
export async function pictureMoves(page, what = 'the picture to move', { more = 20, ms = 60000 } = {}) {
    const first = await received(page);
    return until(what, async () => {
        const now = await received(page);
        const grown = now.connections === first.connections ? now.frames - first.frames : now.frames;
        return grown >= more && now;
    }, { ms, every: 100 });
}

/** Waits for an element by its test id to be visible. */
export const seen = (page, id, options) => page.getByTestId(id).first().waitFor({ state: 'visible', ...options });
export const tap = (page, id) => page.getByTestId(id).first().click();
export const words = async (page, id) => (await page.getByTestId(id).first().textContent()).trim();

/** The network as it is behind a hill: the first `times` POSTs to a path that `pattern` fits reach the market, and their answers get lost. */
export async function loseAnswers(page, pattern, times = 1) {
    let left = times;
    await page.route((url) => pattern.test(url.pathname), async (route) => {
        if (route.request().method() !== 'POST' || left <= 0) return route.fallback();
        left--;
        await route.fetch({ maxRetries: 3, timeout: 60000 });      // a connection that was reset before it carried anything
        return route.abort();
    });
}
/** What a sheet says went wrong; waits for it. */
export async function wordsIn(page, sheet) {
    const notice = page.getByTestId(sheet).getByTestId('notice').filter({ hasText: /\S/ });
    await notice.waitFor();
    return notice.textContent();
}
