// Figures for Prometheus: a door of its own that only this machine reaches, in the text form, without names of anybody.
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { Stack, build, web } from './lib/stack.mjs';
import { after, before, test } from './lib/test.mjs';
import { freePort } from './lib/ports.mjs';
import { figures, parse, scrape } from './lib/metrics.mjs';
import { newKey } from './lib/api.mjs';
import { until } from './lib/until.mjs';

let stack, port;
before(async () => {
    port = await freePort('tcp');
    stack = await Stack.start({ args: ['--metrics', `127.0.0.1:${port}`] });
});
after(() => stack?.stop());

test('each line is Prometheus\' text form, each family is told once with its type', async () => {
    const reply = await scrape(port);
    assert.equal(reply.status, 200);
    assert.match(reply.type, /^text\/plain; version=0\.0\.4/);
    const samples = parse(reply.text);
    assert.equal(samples.relay_up, 1);
    assert.ok(samples['relay_stage_seconds_total{stage="idle"}'] > 0);
    assert.equal(samples['relay_queue_seconds_bucket{le="+Inf"}'], samples.relay_queue_seconds_count);
    assert.ok(samples.db_commit_seconds_count >= 1);
    assert.equal(samples['db_commit_seconds_bucket{le="+Inf"}'], samples.db_commit_seconds_count);
    assert.equal(samples.desk_run_seconds_count, samples.db_commit_seconds_count, 'each batch is timed at each stage');
    assert.ok(samples.desk_queue_seconds_count >= samples.desk_run_seconds_count);
    assert.ok(Object.keys(samples).length < 200, 'few series');
    assert.doesNotMatch(reply.text, new RegExp(`${stack.demo.stall}|127\\.0\\.0\\.1|\\+84`), 'names nobody and no address');
});

test('orders, refusals and log-ins are counted', async () => {
    const before = await figures(port);
    const buyer = stack.client();
    const stall = (await buyer.get(`/api/v1/stalls/${stack.demo.stall}`)).body;
    const line = (quantity) => ({
        key: newKey(), stall: stack.demo.stall, lines: [{ lot: stall.lots[0].id, quantity, price: stall.lots[0].price }],
        name: 'Lan', phone: '0912345678', place: 'Mường Xén',
    });
    assert.equal((await buyer.post('/api/v1/orders', line(1000))).status, 201);
    assert.equal((await buyer.post('/api/v1/orders', line(1000000))).status, 409);
    assert.equal((await stack.client().post('/api/v1/login', { phone: '0912345670', password: 'not the one' })).status, 401);
    const now = await figures(port);
    const grown = (name) => now[name] - before[name];
    assert.equal(grown('orders_total{result="placed"}'), 1);
    assert.equal(grown('orders_total{result="sold_out"}'), 1);
    assert.equal(grown('login_fail_total'), 1);
    assert.ok(grown('edge_answer_seconds_count') >= 1 && grown('desk_queue_seconds_count') >= 2);
    assert.ok(grown('desk_batches_total') >= 1 && grown('desk_batched_commands_total') >= 2);
});

test('nothing else is answered there: other paths, other hosts, other talk', async () => {
    assert.equal((await scrape(port, { path: '/' })).status, 404);
    assert.equal((await scrape(port, { method: 'POST' })).status, 404);
    for (const host of ['evil.example', '127.0.0.1.evil.example', 'localhost.evil.example'])
        assert.equal((await scrape(port, { host })).status, 403, host);
    assert.equal((await scrape(port, { host: `localhost:${port}` })).status, 200);
    await new Promise((done, fail) => {
        const socket = connect(port, '127.0.0.1', () => socket.write('x'.repeat(8192)));
        socket.on('close', done).on('error', done).on('data', () => fail(new Error('it answered')));
    });
});

test('idle connections do not keep the door shut', async () => {
    const idle = Array.from({ length: 8 }, () => connect(port, '127.0.0.1').on('error', () => {}));
    await until('a scrape to come through', async () => (await scrape(port)).status === 200, { every: 500 });
    for (const socket of idle) socket.destroy();
});

test('the public port does not know the path, and other addresses are refused at the start', async () => {
    assert.equal((await stack.client().get('/metrics')).status, 404);
    const other = String(await freePort('tcp'));
    for (const address of ['0.0.0.0:9464', '192.0.2.1:9464', '[::]:9464', '127.0.0.1:0', '127.0.0.1']) {
        const ended = spawnSync(join(build, 'bin/market'), ['serve', '--data', join(stack.dir, 'other'), '--port', other, '--relay', 'none', '--web', web, '--metrics', address],
            { timeout: 30000, encoding: 'utf8' });
        assert.notEqual(ended.status, 0, address);
        assert.match(ended.stderr, /--metrics wants/, address);
    }
});
