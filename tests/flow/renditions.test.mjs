// Renditions: a buyer whose link gets narrow sees the low picture, then hears the sound alone, and gets it all back when the
// link is wide again, in one and the same connection; saving data by hand does the same; the transcode runs only meanwhile.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { Browser, pictureMoves, received, seen } from './lib/browser.mjs';
import { build, Stack } from './lib/stack.mjs';
import { after, before, test } from './lib/test.mjs';
import { until } from './lib/until.mjs';

let stack, browser, page, line, linePort;
before(async () => {
    stack = await Stack.start();
    browser = await Browser.start();
    await stack.phone();
    await until('the demo stall to be live', async () => (await room()).state === 'live', { ms: 60000 });
    line = spawn('setpriv', ['--pdeathsig', 'KILL', join(build, 'bin/badlink'), '--listen', '127.0.0.1:0', '--to', `127.0.0.1:${stack.udpPort}`, '--delay', '20'],
        { stdio: ['pipe', 'pipe', 'inherit'] });
    linePort = await new Promise((done) => {
        let said = '';
        line.stdout.on('data', (part) => {
            said += part;
            const port = /ready (\d+)/.exec(said)?.[1];
            if (port) done(Number(port));
        });
    });
});
after(async () => {
    await browser?.stop();
    line?.kill('SIGTERM');
    await stack?.stop();
});
const room = async () => (await stack.client().get(`/api/v1/stalls/${stack.demo.stall}`)).body.room;

const narrow = (kbps) => line.stdin.write(`down rate ${kbps}\n`);

/** Waits until the page draws pictures as wide as that; the connection stays the first one. */
const width = (fits, what) => until(what, async () => {
    const now = await received(page);
    assert.equal(now.connections, 1, 'a new connection was made');
    return fits(now.width) && now;
}, { ms: 90000, every: 250 });
const choose = (saving) => page.getByTestId('saving').selectOption(saving);

test('a buyer watches over a line that is wide enough', async () => {
    page = await browser.person(stack);
    await page.addInitScript((port) => {
        const Real = window.RTCPeerConnection;
        window.RTCPeerConnection = class extends Real {
            setRemoteDescription({ type, sdp }) {
                const here = sdp.replace(/^a=candidate:\S+ 1 tcp .*\r\n/gm, '').replace(/^(a=candidate:\S+ 1 udp \d+) \S+ \d+/gm, `$1 127.0.0.1 ${port}`);
                return super.setRemoteDescription({ type, sdp: here });
            }
        };
    }, linePort);
    await page.goto(`/s/${stack.demo.stall}`);
    const now = await pictureMoves(page, 'the picture over the line');
    assert.ok(now.width > 320);
    assert.equal(stack.processes('studio').length, 1);
});

test('saving data by hand: the low picture, made by one process more, in the same connection', async () => {
    await choose('low');
    await width((w) => w === 320, 'the low picture');
    await pictureMoves(page, 'the low picture to move');
    assert.equal(stack.processes('studio').length, 2);
});

test('sound alone by hand, with words; and all of it back', async () => {
    await choose('audio');
    await seen(page, 'sound-only');
    await until('the pictures to stop', async () => {
        const before = await received(page);
        await new Promise((done) => setTimeout(done, 700));
        const now = await received(page);
        return now.received === before.received && now.audio > before.audio;
    });
    await until('the transcode to end', () => stack.processes('studio').length === 1);
    await choose('auto');
    await width((w) => w > 320, 'the full picture again');
    await pictureMoves(page, 'the full picture to move');
});

test('a transcode that is killed comes back', async () => {
    await choose('low');
    await width((w) => w === 320, 'the low picture');
    const transcode = stack.processes('studio').map((p) => p.pid).sort((a, b) => a - b).at(-1);
    process.kill(transcode, 'SIGKILL');
    await until('another transcode', () => stack.processes('studio').some((p) => p.pid !== transcode) && stack.processes('studio').length === 2);
    await pictureMoves(page, 'the low picture to move again');
    await choose('auto');
    await width((w) => w > 320, 'the full picture again');
});

test('a line that gets narrow: low, then sound; wide again: all of it back, nothing renegotiated', async () => {
    narrow(400);
    await width((w) => w === 320, 'the low picture over the narrow line');
    narrow(140);
    await seen(page, 'sound-only', { timeout: 90000 });
    narrow(0);
    await width((w) => w > 320, 'the full picture again');
    await pictureMoves(page, 'the full picture to move');
    assert.deepEqual(page.trouble, []);
});
