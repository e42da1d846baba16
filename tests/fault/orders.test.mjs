// What was acknowledged is there: after kill -9 in the middle of orders, after an orderly stop, after a full disk, after a
// disk that refuses to sync, to write or to read.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Stack } from '../flow/lib/stack.mjs';
import { describe, figure, test } from '../flow/lib/test.mjs';
import { makeStall, orderBody } from '../flow/lib/commune.mjs';
import { integrity, rows } from '../flow/lib/database.mjs';
import { Live } from '../flow/lib/live.mjs';
import { ok } from '../flow/lib/api.mjs';
import { until } from '../flow/lib/until.mjs';

const big = [{ name: 'Khoai sọ', unit: 'kg', price: 18000, amount: 1000000 }];
const codesIn = (stack) => rows(stack.database, 'SELECT code FROM orders').map((row) => row.code);
const stockIn = (stack, stall) => rows(stack.database, `SELECT available FROM lot WHERE id = ${stall.lot.id}`)[0].available;

/** Sends one order; resolves with the reply or null when the connection broke. */
const attempt = (buyer, body) => buyer.post('/api/v1/orders', body).catch(() => null);

/** From now on these system calls of the market fail with EIO. Gives the function that ends it. */
async function broken(stack, calls) {
    const strace = spawn('strace', ['-f', '-p', stack.market.pid, '-o', '/dev/null', '-e', `trace=${calls}`, '-e', `inject=${calls}:error=EIO`], { stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    strace.stderr.on('data', (text) => (said += text));
    const over = new Promise((done) => strace.on('exit', done));
    await until('strace to be attached', () => /attached/.test(said));
    return () => (strace.kill('SIGINT'), over);
}

/** When the market last said in its log that it serves. */
const lastStart = (stack) => Date.parse(stack.log.split('\n').filter((line) => line.includes('"edge.ready"')).map((line) => JSON.parse(line).at).at(-1));

/** Money and stock agree with the orders that are there. */
function addsUp(stack, stall, before) {
    assert.equal(integrity(stack.database), 'ok');
    const sold = rows(stack.database, `SELECT COALESCE(SUM(l.quantity), 0) AS n FROM order_line l WHERE l.lot = ${stall.lot.id}`)[0].n;
    assert.equal(stockIn(stack, stall), before - sold);
}

describe('acknowledged orders', () => {
    test('kill -9 during 200 orders: every acknowledged one is there after the restart, none twice', async () => {
        const stack = await Stack.start({ args: ['--relay', 'none'] });
        try {
            const stall = await makeStall(stack, { lots: big });
            const buyers = Array.from({ length: 20 }, () => stack.client());
            const orders = [];
            for (const buyer of buyers) for (let i = 0; i < 10; i++) orders.push({ buyer, body: orderBody(stall, 500) });
            let acknowledged = 0;
            const work = buyers.map(async (buyer) => {
                for (const order of orders.filter((o) => o.buyer === buyer)) {
                    order.first = await attempt(buyer, order.body);
                    if (order.first?.status === 201) acknowledged++;
                    if (!order.first) return; // the market is dead; this buyer waits
                }
            });
            await until('half of the orders', () => acknowledged >= 80, { every: 1 });
            stack.market.kill('SIGKILL');
            await Promise.all(work);
            await stack.market.ended;
            const known = new Set(codesIn(stack));
            for (const { first } of orders) if (first?.status === 201) assert.ok(known.has(first.body.order.code), 'an acknowledged order is lost');

            await stack.startMarket();
            // The pages send what they got no answer for again, with the same key.
            for (const order of orders) {
                order.second = await until('an answer', () => attempt(order.buyer, order.body));
                assert.equal(order.second.status, 201, order.second.text);
                if (order.first?.status === 201) assert.equal(order.second.text, order.first.text, 'another answer to the same key');
            }
            const codes = orders.map((o) => o.second.body.order.code);
            assert.equal(new Set(codes).size, 200);
            assert.equal(codesIn(stack).filter((c) => codes.includes(c)).length, 200);
            addsUp(stack, stall, 1000000);
            figure('orders acknowledged before kill -9', acknowledged);
        } finally {
            await stack.stop();
        }
    });

    test('SIGTERM during orders: those in flight are answered, sockets hear goodbye, exit is prompt and clean', async () => {
        const stack = await Stack.start({ args: ['--relay', 'none'] });
        try {
            const stall = await makeStall(stack, { lots: big });
            const watcher = await Live.join(stack.client(), stall.slug);
            const replies = [];
            let going = true;
            const work = Array.from({ length: 10 }, async () => {
                const buyer = stack.client();
                while (going) {
                    const reply = await attempt(buyer, orderBody(stall, 500));
                    if (!reply) return;
                    replies.push(reply);
                }
            });
            await until('some orders', () => replies.length > 50, { every: 1 });
            const started = Date.now();
            stack.market.kill('SIGTERM');
            const over = await stack.market.ended;
            figure('drained in ms', Date.now() - started);
            going = false;
            await Promise.all(work);
            assert.deepEqual(over, { code: 0, signal: null });
            const bad = replies.filter((r) => r.status >= 500 && !(r.status === 503 && r.headers['retry-after']));
            assert.deepEqual(bad.map((r) => r.text), []);
            const bye = watcher.messages.find((m) => m.t === 'bye');
            assert.equal(bye?.code, 'draining');
            assert.ok(bye.retry_ms > 0);
            assert.equal((await watcher.closed).code, 1001);
            const known = new Set(codesIn(stack));
            for (const r of replies) if (r.status === 201) assert.ok(known.has(r.body.order.code));
            addsUp(stack, stall, 1000000);
        } finally {
            await stack.stop();
        }
    });

    test('a full disk: refused in words, nothing half done, and all is well when there is room again', async () => {
        const dir = mkdtempSync(join(tmpdir(), 'cho-full-'));
        const sudo = process.getuid() === 0 ? [] : ['sudo', '-n'];
        const run = (...args) => execFileSync([...sudo, ...args][0], [...sudo, ...args].slice(1));
        run('mount', '-t', 'tmpfs', '-o', `size=24m,mode=0777`, 'none', dir);
        let stack;
        try {
            stack = await Stack.start({ dir, args: ['--relay', 'none'] });
            const stall = await makeStall(stack, { lots: big });
            const buyer = stack.client();
            const codes = [ok(await buyer.post('/api/v1/orders', orderBody(stall, 500)), 201).order.code];
            const filler = join(dir, 'filler');
            const { bsize, bavail } = statfsSync(dir);
            writeFileSync(filler, Buffer.alloc(Math.max(bavail - 8, 0) * bsize));
            const refusals = [];
            for (let i = 0; i < 2000 && refusals.length < 3 && !stack.market.over; i++) {
                const body = orderBody(stall, 500, { note: 'x'.repeat(300) });
                const reply = await attempt(buyer, body);
                if (reply?.status === 201) codes.push(reply.body.order.code);
                else refusals.push(reply);
            }
            assert.ok(refusals.length > 0, 'the disk never filled');
            const spoken = refusals.filter(Boolean);
            assert.ok(spoken.length > 0, 'nobody was told');
            for (const r of spoken) {
                assert.equal(r.status, 503, r.text);
                assert.ok(['not-saved', 'busy'].includes(r.body.code), r.text);
            }
            // Reading goes on, for as long as it takes.
            const { order } = ok(await buyer.get(`/api/v1/orders/${codes[0]}`));
            assert.equal(order.code, codes[0]);
            ok(await stack.client().get(`/api/v1/stalls/${stall.slug}`));
            assert.ok((await stack.client().get('/readyz')).body.reasons.includes('store-failed'));
            // Room again: orders are taken again, without a person or a supervisor.
            rmSync(filler);
            await until('orders again', async () => (await attempt(buyer, orderBody(stall, 500)))?.status === 201, { ms: 60000, every: 200 });
            assert.equal(stack.market.over, undefined);
            const known = codesIn(stack);
            for (const code of codes) assert.equal(known.filter((c) => c === code).length, 1, 'an acknowledged order is lost');
            ok(await attempt(buyer, orderBody(stall, 500)), 201);
            addsUp(stack, stall, 1000000);
        } finally {
            try {
                await stack?.stop();
            } finally {
                run('umount', '-l', dir);
                rmdirSync(dir);
            }
        }
    });

    test('a disk that refuses to sync, to write, to read: refused in words, reading goes on, orders come back by themselves', async () => {
        const dir = mkdtempSync(join(tmpdir(), 'cho-eio-'));
        // Leak checking needs ptrace for itself, so it is off here.
        const stack = await Stack.start({ dir, args: ['--relay', 'none'], env: { ASAN_OPTIONS: 'detect_leaks=0:exitcode=99' } });
        try {
            const stall = await makeStall(stack, { lots: big });
            const buyer = stack.client();
            const codes = [];
            const order = async () => {
                const reply = await attempt(buyer, orderBody(stall, 500));
                if (reply?.status === 201) codes.push(reply.body.order.code);
                return reply;
            };
            const look = () => buyer.get(`/api/v1/orders/${codes[0]}`);
            ok(await order(), 201);
            for (const calls of ['fsync,fdatasync', 'pwrite64']) {
                await until('the market to be old enough to be healed', () => Date.now() - lastStart(stack) > 3500);
                const unbreak = await broken(stack, calls);
                let reply;
                do reply = await order(); while (reply?.status === 201);
                assert.deepEqual([reply?.status, reply?.body.code], [503, 'not-saved'], calls);
                assert.equal((await order()).status, 503, 'the failed commit was tried again');
                ok(await look());
                assert.ok((await stack.client().get('/readyz')).body.reasons.includes('store-failed'));
                await unbreak();
                await until('orders again', async () => (await order())?.status === 201, { ms: 60000, every: 200 });
                ok(await look());
            }
            const unbreak = await broken(stack, 'pread64');
            await until('a reader to be refused', async () => { await order(); return (await look()).status >= 500; });
            await unbreak();
            await until('reading again', async () => (await look().catch(() => null))?.status === 200);
            await until('orders again', async () => (await order())?.status === 201, { ms: 60000, every: 200 });
            assert.equal(stack.market.over, undefined); // all this time the same process, without a supervisor
            const known = codesIn(stack);
            for (const code of codes) assert.equal(known.filter((c) => c === code).length, 1, 'an acknowledged order is lost');
            addsUp(stack, stall, 1000000);
        } finally {
            try { await stack.stop(); } finally { rmSync(dir, { recursive: true, force: true }); }
        }
    });
});

describe('a disk that fails at once', () => {
    test('again within three seconds of a start: the market says so and leaves, for its supervisor, with nothing half done', async () => {
        const stack = await Stack.start({ args: ['--relay', 'none'], env: { ASAN_OPTIONS: 'detect_leaks=0:exitcode=99' } });
        try {
            const lot = ok(await stack.client().get(`/api/v1/stalls/${stack.demo.stall}`)).lots.find((l) => l.unit === 'kg');
            const order = () => attempt(stack.client(), orderBody({ slug: stack.demo.stall, lot }, 100));
            let reply, unbreak, early = false;
            const isEarly = () => Date.now() - lastStart(stack) < 2500;      // the machine may be too slow for it: then once more
            for (let tries = 0; tries < 8 && !early; tries++) {
                stack.market.kill('SIGTERM');
                await stack.market.ended;
                await stack.startMarket();
                unbreak = await broken(stack, 'fsync,fdatasync');
                do reply = await order(); while (reply?.status === 201);
                early = isEarly();
                if (!early) {
                    await unbreak();
                    await until('orders again', async () => (await order())?.status === 201, { ms: 60000, every: 200 });
                }
            }
            assert.ok(early, 'never in time');
            assert.deepEqual([reply?.status, reply?.body.code], [503, 'not-saved']);
            assert.deepEqual(await stack.market.ended, { code: 1, signal: null });
            assert.match(stack.log, /"store\.failed".*"why":"io".*"now":"leaving"/);
            await unbreak();
            await stack.startMarket();      // as the unit does
            assert.equal(integrity(stack.database), 'ok');
            ok(await order(), 201);
        } finally {
            await stack.stop();
        }
    });
});

describe('the certificate', () => {
    test('SIGHUP takes a renewed one, and open connections go on', async () => {
        const dir = mkdtempSync(join(tmpdir(), 'cho-tls-'));
        const make = (cn) => execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '30',
            '-keyout', join(dir, 'key.pem'), '-out', join(dir, 'cert.pem'), '-subj', `/CN=${cn}`, '-addext', 'subjectAltName=DNS:localhost'], { stdio: 'ignore' });
        make('first');
        const stack = await Stack.start({ args: ['--relay', 'none', '--cert', join(dir, 'cert.pem'), '--key', join(dir, 'key.pem')] });
        try {
            const subject = () => execFileSync('sh', ['-c', `openssl s_client -connect localhost:${stack.port} -servername localhost </dev/null 2>/dev/null | openssl x509 -noout -subject`], { encoding: 'utf8' });
            assert.match(subject(), /first/);
            Object.defineProperty(stack, 'ca', { value: undefined });
            const { default: WebSocket } = await import('ws');
            const open = new WebSocket(`wss://localhost:${stack.port}/live`, { rejectUnauthorized: false, origin: stack.origin });
            await new Promise((resolve, reject) => open.once('open', resolve).once('error', reject));
            make('second');
            stack.market.kill('SIGHUP');
            await until('the new certificate', () => /second/.test(subject()), { every: 200 });
            assert.equal(open.readyState, WebSocket.OPEN);
            open.terminate();
            assert.ok(existsSync(stack.database));
        } finally {
            try { await stack.stop(); } finally { rmSync(dir, { recursive: true, force: true }); }
        }
    });
});
