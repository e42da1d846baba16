// Programs of the media path die by kill -9 while people watch: the picture comes back by itself.
import assert from 'node:assert/strict';
import { Stack } from '../flow/lib/stack.mjs';
import { Browser, pictureMoves, received } from '../flow/lib/browser.mjs';
import { after, before, describe, figure, test } from '../flow/lib/test.mjs';
import { ok } from '../flow/lib/api.mjs';
import { until } from '../flow/lib/until.mjs';

let stack, browser, viewer;
before(async () => {
    stack = await Stack.start();
    browser = await Browser.start();
    await stack.phone({ codec: 'h264' });
    viewer = await browser.person(stack);
    await viewer.goto(`/s/${stack.demo.stall}`);
    await pictureMoves(viewer);
});
after(async () => {
    await browser?.stop();
    await stack?.stop();
});

/** Kills `name`, waits for its successor and for pictures that were decoded after it came; how long that took. */
async function killed(name) {
    const [old] = stack.processes(name);
    assert.ok(old, `no ${name} is running`);
    const started = Date.now();
    process.kill(old.pid, 'SIGKILL');
    await until(`a new ${name}`, () => stack.processes(name).some((p) => p.pid !== old.pid && p.pid));
    const { frames, connections } = await received(viewer);
    await until('new pictures', async () => {
        const now = await received(viewer);
        return now.connections > connections ? now.frames > 5 : now.frames > frames + 5;
    }, { ms: 60000, every: 50 });
    return Date.now() - started;
}

describe('kill -9', () => {
    test('of ingest: the picture is back, on the same viewer connection', async () => {
        const { connections } = await received(viewer);
        const ms = await killed('ingest');
        figure('ingest killed: picture back after ms', ms);
        assert.equal((await received(viewer)).connections, connections, 'the viewer had to connect again');
        assert.ok(ms < 15000, `${ms} ms (3,000 is what we want)`);
    });

    test('of studio: nobody notices', async () => {
        const { connections } = await received(viewer);
        await until('studio', () => stack.processes('studio').length > 0);
        const ms = await killed('studio');
        figure('studio killed: new studio and pictures after ms', ms);
        assert.equal((await received(viewer)).connections, connections);
    });

    test('of relay: viewers and the phone reconnect by themselves', async () => {
        const ms = await killed('relay');
        figure('relay killed: picture back after ms', ms);
        assert.ok(ms < 30000, `${ms} ms (5,000 is what we want)`);
        await until('the room to be live', async () => ok(await stack.client().get(`/api/v1/stalls/${stack.demo.stall}`)).room.state === 'live');
        await pictureMoves(viewer, 'the picture to go on');
    });

    test('of the nursery: the relay, which could start nothing any more, is started again', async () => {
        const [relay] = stack.processes('relay');
        const ms = await killed('nursery');
        figure('nursery killed: picture back after ms', ms);
        assert.notEqual(stack.processes('relay')[0].pid, relay.pid);
        await until('the room to be live', async () => ok(await stack.client().get(`/api/v1/stalls/${stack.demo.stall}`)).room.state === 'live');
        await pictureMoves(viewer, 'the picture to go on');
    });

    test('of ingest five times in a row: the relay does not give up on the room', async () => {
        for (let i = 0; i < 5; i++) await killed('ingest');
        await pictureMoves(viewer, 'the picture to go on');
    }, { ms: 240000 });

    test('of market: the pages come back and the picture too', async () => {
        stack.market.kill('SIGKILL');
        await stack.market.ended;
        await stack.startMarket();
        await until('the room to be live again', async () => ok(await stack.client().get(`/api/v1/stalls/${stack.demo.stall}`)).room.state === 'live', { ms: 60000 });
        await pictureMoves(viewer, 'the picture to go on');
    });

    test('of the phone: viewers keep their connection and see the picture when it comes back', async () => {
        const { connections } = await received(viewer);
        const [old] = stack.phones;
        old.kill('SIGKILL');
        await old.ended;
        stack.phones = [];
        await until('the room to stall or pause', async () => ['stalled', 'paused'].includes(
            ok(await stack.client().get(`/api/v1/stalls/${stack.demo.stall}`)).room.state));
        await stack.phone({ codec: 'h264' });
        await pictureMoves(viewer, 'the picture to come back');
        assert.equal((await received(viewer)).connections, connections, 'the viewer had to connect again');
    });

    test('of the phone, and another one goes on with another codec: the page connects anew by itself', async () => {
        const { connections, codec } = await received(viewer);
        assert.equal(codec, 'video/H264');
        const [old] = stack.phones;
        old.kill('SIGKILL');
        await old.ended;
        stack.phones = [];
        const since = Date.now();
        await stack.phone({ codec: 'vp8' });
        const now = await until('the picture of the other phone', async () => {
            const seen = await received(viewer);
            return seen.codec === 'video/VP8' && seen.frames > 20 && seen;
        }, { every: 100 });
        figure('another codec: picture after ms', Date.now() - since);
        assert.ok(now.connections > connections);
    });
});
