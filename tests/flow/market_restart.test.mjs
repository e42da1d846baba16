// The market is killed while a relay of its own goes on: who watches keeps picture and connection, and the new market knows
// their sessions as well as the old one did: which m-line the picture is on, what they get, and by which tag they may be changed.
import assert from 'node:assert/strict';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { Browser, pictureMoves, received } from './lib/browser.mjs';
import { fragment } from './lib/sdp.mjs';
import { EventStream } from './lib/sse.mjs';
import { build, Stack } from './lib/stack.mjs';
import { after, before, test } from './lib/test.mjs';
import { until } from './lib/until.mjs';

let stack, relay, browser, page, session;

/** The relay as it runs on a machine of its own: it dials the market, and outlives it. */
function startRelay() {
    stack.logFd = openSync(stack.logFile, 'a');
    relay = stack.spawn(join(build, 'bin/relay'), ['--market', `unix:${stack.dir}/relay.sock`, '--udp-port', `${stack.udpPort}`, '--host', '127.0.0.1',
        '--media', join(stack.dir, 'media'), '--ingest', join(build, 'bin/ingest'), '--studio', join(build, 'bin/studio')]);
    closeSync(stack.logFd);
    relay.stdout.resume();
    relay.on('exit', (code, signal) => (relay.over = { code, signal }));
}
const room = async () => (await stack.client().get(`/api/v1/stalls/${stack.demo.stall}`)).body.room;

before(async () => {
    stack = await Stack.start({ args: ['--relay', 'none'] });
    startRelay();
    await until('the relay to have dialled', async () => (await stack.client().get('/readyz')).status === 200);
    await stack.phone();
    await until('the stall to be live', async () => (await room()).state === 'live', { ms: 60000 });
    browser = await Browser.start();
    page = await browser.person(stack);
    page.on('response', (reply) => {
        if (reply.request().method() === 'POST' && reply.status() === 201 && /\/whep\/[^/]+$/.test(reply.url())) session = { url: reply.headers().location, etag: reply.headers().etag };
    });
    await page.goto(`/s/${stack.demo.stall}`);
    await pictureMoves(page);
});
after(async () => {
    await browser?.stop();
    for (const phone of [...(stack?.phones ?? [])]) await stack.stopPhone(phone);
    if (relay && !relay.over) {
        relay.kill('SIGTERM');
        await until('the relay to end', () => relay.over);
    }
    await stack?.stop();
    assert.deepEqual(relay?.over, { code: 0, signal: null });
});

test('the buyer watches on through it, in one connection', async () => {
    await page.getByTestId('saving').selectOption('low');
    await until('the low picture', async () => (await received(page)).width === 320, { ms: 60000 });
    stack.market.kill('SIGKILL');
    await stack.market.ended;
    await pictureMoves(page, 'the picture without a market');
    await stack.startMarket();
    await until('the stall to be live again', async () => (await room()).state === 'live', { ms: 60000 });
    const now = await pictureMoves(page, 'the picture with a new market');
    assert.equal(now.connections, 1);
    assert.equal(now.width, 320);
});

test('"layers" of a session from before names the picture by its m-line and what is sent of it', async () => {
    const stream = await EventStream.open(stack, `${new URL(session.url).pathname}/events`);
    const [line, layers] = await until('the layers', () => stream.told('layers').map((data) => Object.entries(data)[0])[0]);
    stream.close();
    assert.match(line, /^[01]$/);
    assert.equal(layers.length, 2);
    assert.deepEqual(layers.find((layer) => layer.sent)?.rid, 'low');
});

test('its tag still counts: the old one may change it, another one not', async () => {
    const patch = (etag) => stack.client().send('PATCH', new URL(session.url).pathname,
        { text: fragment({ ufrag: 'abcd', pwd: 'abcdefghijklmnopqrstuv' }), type: 'application/trickle-ice-sdpfrag', headers: { 'if-match': etag } });
    assert.equal((await patch(session.etag)).status, 204);
    assert.equal((await patch('"other"')).status, 412);
});
