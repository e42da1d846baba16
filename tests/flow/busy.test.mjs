// A relay with no time left (--relay-busy): whoever comes is told when to come again, who is inside goes on, and
// when the rush is over the door opens by itself.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { Browser, pictureMoves, received } from './lib/browser.mjs';
import { figures } from './lib/metrics.mjs';
import { freePort } from './lib/ports.mjs';
import { offer } from './lib/sdp.mjs';
import { build, Stack } from './lib/stack.mjs';
import { after, before, figure, test } from './lib/test.mjs';
import { until } from './lib/until.mjs';

const RUSH = 400, RUSH_S = 40;
let stack, browser, port, inside, rush;
before(async () => {
    port = await freePort('tcp');
    stack = await Stack.start({ args: ['--metrics', `127.0.0.1:${port}`, '--relay-busy', 250] });
    browser = await Browser.start();
    await stack.phone();
    await until('the demo stall to be live', async () => (await stack.client().get(`/api/v1/stalls/${stack.demo.stall}`)).body.room.state === 'live', { ms: 60000 });
});
after(async () => {
    for (const child of rush ?? []) child.kill('SIGTERM');
    await browser?.stop();
    await stack?.stop();
});
const ask = () => stack.client().send('POST', `/whep/${stack.demo.stall}`, { text: offer('recvonly'), type: 'application/sdp' });
const load = (program, args) => spawn('setpriv', ['--pdeathsig', 'KILL', join(build, 'bin', program), ...args.map(String)], { stdio: 'ignore' });

test('a rush of viewers, until the relay has no time for more: 503 with Retry-After, though there are places', async () => {
    inside = await browser.person(stack);
    await inside.goto(`/s/${stack.demo.stall}`);
    await pictureMoves(inside, 'the picture of the first viewer');
    rush = [
        load('swarm', ['--whep', `${stack.origin}/whep/${stack.demo.stall}`, '--insecure', '--viewers', RUSH, '--rate', 40, '--decrypt', 0, '--duration', RUSH_S]),
        load('hostile', ['--to', stack.udpPort, '--kind', 'stranger', '--seconds', RUSH_S]),
    ];
    const reply = await until('a refusal', async () => {
        const answer = await ask();
        return answer.status === 503 && answer;
    }, { every: 200 });
    assert.ok(Number(reply.headers['retry-after']) >= 1, reply.headers['retry-after']);
    assert.match(reply.headers['content-type'], /^application\/problem\+json/);
    const now = await figures(port);
    figure('a rush: viewers inside at the first refusal', { viewers: now.relay_viewers, refused: now.relay_viewers_refused_total });
    assert.ok(now.relay_viewers < RUSH, 'everybody got in');
});

test('who is inside goes on, in the connection there was', async () => {
    const before = await received(inside);
    const now = await pictureMoves(inside, 'the picture to go on');
    assert.equal(now.connections, 1);
    figure('in the rush: lost of received', [now.lost - before.lost, now.received - before.received]);
});

test('the rush is over: the door is open again', async () => {
    for (const child of rush) child.kill('SIGTERM');
    rush = [];
    await until('a place', async () => (await ask()).status === 201, { every: 500 });
    const outside = await browser.person(stack);
    await outside.goto(`/s/${stack.demo.stall}`);
    await pictureMoves(outside, 'the picture for who came later');
    assert.equal((await received(inside)).connections, 1);
    assert.deepEqual([...inside.trouble, ...outside.trouble], []);
});
