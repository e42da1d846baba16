// A backup takes the place of the database while the market runs; what is no good backup never does.
import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Stack, build, root } from '../flow/lib/stack.mjs';
import { freePort } from '../flow/lib/ports.mjs';
import { after, before, describe, figure, test } from '../flow/lib/test.mjs';
import { available, makeStall, orderBody } from '../flow/lib/commune.mjs';
import { rows } from '../flow/lib/database.mjs';
import { newKey, ok } from '../flow/lib/api.mjs';
import { until } from '../flow/lib/until.mjs';

let stack;
let stall;
let scratch;

before(async () => {
    scratch = mkdtempSync(join(tmpdir(), 'cho-restore-'));
    stack = await Stack.start({ args: ['--relay', 'none'] });
    stall = await makeStall(stack);
});
after(async () => {
    await stack?.stop();
    rmSync(scratch, { recursive: true, force: true });
});

/** A door of the program at the command line. */
const market = (...args) => new Promise((done) => execFile(join(build, 'bin/market'), args, { encoding: 'utf8' },
    (error, out, err) => done({ status: error ? error.code : 0, out, err, json: () => JSON.parse(out) })));
const backup = async (name) => {
    const file = join(scratch, name);
    const { status, err } = await market('backup', file, '--data', stack.dir);
    assert.equal(status, 0, err);
    return file;
};
const order = async (buyer, body = orderBody(stall, 500)) => ok(await buyer.post('/api/v1/orders', body), 201).order;
const serving = () => until('the market to serve', async () => (await stack.client().get('/healthz')).status === 200);
const left = (dir) => readdirSync(dir).filter((name) => /\.(checking|checked|incoming|probe)/.test(name));

describe('market restore', () => {
    test('takes a backup in while the market runs: what it knew is there, what came later is kept beside it', async () => {
        const buyer = stack.client();
        const before = [await order(buyer), await order(buyer)];
        const file = await backup('good.db');
        assert.equal(statSync(file).mode & 0o777, 0o600);
        const body = orderBody(stall, 1500);
        const lost = await order(buyer, body);
        const had = rows(stack.database, 'SELECT MAX(id) AS n FROM journal')[0].n;
        const pid = stack.market.pid;
        const started = Date.now();
        const { status, err, json } = await market('restore', file, '--data', stack.dir);
        assert.equal(status, 0, err);
        figure('restored and serving again in ms', Date.now() - started);
        const report = json();
        assert.deepEqual([report.ok, report.market, report.lost_rows], [true, 'restored', had - report.journal.rows]);
        assert.ok(report.lost_rows > 0);
        await serving();
        assert.equal(stack.market.over, undefined);
        assert.equal(stack.processes('market')[0].pid, pid); // no supervisor had to see to it
        for (const { code } of before) ok(await buyer.get(`/api/v1/orders/${code}`));
        assert.equal((await buyer.get(`/api/v1/orders/${lost.code}`)).status, 404);
        assert.equal(await available(stack, stall), 9000);
        const kept = readdirSync(stack.dir).find((name) => /^market\.db\.before-\d{8}T\d{6}Z$/.test(name));
        assert.equal(rows(join(stack.dir, kept), `SELECT 1 FROM orders WHERE code = '${lost.code}'`).length, 1);
        // The phone still has the order and its key: it sends it again, and it is an order again.
        assert.equal((await order(buyer, body)).total, lost.total);
        assert.equal((await market('verify', '--data', stack.dir)).json().ok, true);
        assert.deepEqual(left(stack.dir), []);
    });

    test('the pictures of lots are in it: what was replaced or removed meanwhile comes back, and only that is written', async () => {
        const own = await makeStall(stack, { lots: ['Rau cải', 'Ngô', 'Khoai'].map((name) => ({ name, unit: 'kg', price: 20000, amount: 10000 })) });
        const folder = join(stack.dir, 'media', own.slug);
        const drawn = (pattern) => execFileSync('gst-launch-1.0', ['-q', 'videotestsrc', 'num-buffers=1', `pattern=${pattern}`, '!', 'video/x-raw,width=160,height=120', '!',
            'jpegenc', '!', 'fdsink', 'fd=1']);
        const put = async (lot, bytes) => ok(await own.farmer.post(`/api/v1/lots/${lot.id}/picture?key=${newKey()}`, undefined, { text: bytes, type: 'application/octet-stream' })).lot.picture;
        const shown = async (client = stack.client()) => ok(await client.get(`/api/v1/stalls/${own.slug}`)).lots.map((l) => l.picture);
        const [ball, snow] = [drawn('ball'), drawn('snow')];
        await put(own.lots[0], ball);
        await put(own.lots[1], snow);
        const then = await shown();
        const file = await backup('pictures.db');
        assert.deepEqual(readdirSync(scratch).filter((name) => name.startsWith('pictures.db')), ['pictures.db']);
        assert.equal(rows(file, 'SELECT path FROM picture_file').length, 2);
        assert.equal(rows(stack.database, 'SELECT path FROM picture_file').length, 0);
        // Pictures come, go and change; the last lot gets one that the backup does not know.
        const later = await put(own.lots[0], snow);
        ok(await own.farmer.post(`/api/v1/lots/${own.lots[1].id}/picture/remove`, { key: newKey() }));
        await put(own.lots[2], ball);
        for (const path of then.slice(0, 2)) assert.equal((await stack.client().get(path)).status, 404);
        const before = readdirSync(folder).sort();
        const bad = join(scratch, 'pictures-bad.db');      // refused: the pictures it brings are not left behind
        writeFileSync(bad, readFileSync(file));
        execFileSync('sqlite3', [bad, 'UPDATE orders SET total = total - 1000']);
        assert.equal((await market('restore', bad, '--data', stack.dir)).status, 1);
        assert.equal((await market('restore', file, '--data', stack.dir, '--check')).json().pictures, 2);
        assert.deepEqual(readdirSync(folder).sort(), before);
        const report = await market('restore', file, '--data', stack.dir);
        assert.equal(report.status, 0, report.err);
        assert.deepEqual([report.json().pictures, report.json().market], [2, 'restored']);
        await serving();
        assert.deepEqual(await shown(), then);
        assert.deepEqual((await stack.client().get(then[0])).bytes, ball);
        assert.deepEqual((await stack.client().get(then[1])).bytes, snow);
        assert.equal(rows(stack.database, 'SELECT path FROM picture_file').length, 0);
        assert.ok(existsSync(join(stack.dir, later)));      // nobody shows it: it goes with the lot's next picture
        // On a bare machine; and what is not named like a picture of a lot is written nowhere.
        execFileSync('sqlite3', [file, `INSERT INTO picture_file VALUES ('/media/../../evil', 'aGVsbG8='), ('/media/${own.slug}/lot-1-../../evil.jpg', 'aGVsbG8='), ('/media/${own.slug}/poster.jpg', 'aGVsbG8=')`]);
        const dir = join(scratch, 'with pictures');
        assert.equal((await market('restore', file, '--data', dir)).json().pictures, 2);
        assert.deepEqual(readdirSync(join(dir, 'media')), [own.slug]);
        assert.deepEqual(readdirSync(join(dir, 'media', own.slug)).sort(), then.slice(0, 2).map((path) => path.split('/').pop()).sort());
        const moved = await Stack.start({ dir, demo: false, args: ['--relay', 'none'] });
        try {
            assert.deepEqual((await moved.client().get(then[0])).bytes, ball);
        } finally {
            await moved.stop();
        }
        // A backup without pictures, as all were before: those that are there stay.
        const old = await backup('old.db');
        execFileSync('sqlite3', [old, 'DELETE FROM picture_file']);
        assert.equal((await market('restore', old, '--data', stack.dir)).json().pictures, 0);
        await serving();
        assert.deepEqual(await shown(), then);
    });

    test('what is damaged, tampered with, half copied or another market\'s is refused, and the market runs on', async () => {
        const buyer = stack.client();
        const { code } = await order(buyer);
        const good = await backup('again.db');
        const bytes = readFileSync(good);
        const files = {};
        const make = (name, content) => writeFileSync((files[name] = join(scratch, `${name}.db`)), content);
        make('text', 'this is no database');
        make('cut', bytes.subarray(0, bytes.length >> 1));
        make('torn', Buffer.concat([bytes.subarray(0, 40960), Buffer.alloc(8192, 0x5a), bytes.subarray(49152)]));
        make('edited', bytes);
        execFileSync('sqlite3', [files.edited, `UPDATE orders SET total = total - 1000 WHERE code = '${code}'`]);
        make('beside', bytes);
        writeFileSync(`${files.beside}-wal`, 'x');
        files.nowhere = join(scratch, 'nowhere.db');
        for (const [name, file] of Object.entries(files)) {
            const { status, err } = await market('restore', file, '--data', stack.dir);
            assert.equal(status, 1, name);
            assert.match(err, /^market restore: /m, name);
        }
        const strange = mkdtempSync(join(tmpdir(), 'cho-other-'));
        try { // a whole backup with books that fit, but of another market
            const other = await Stack.start({ dir: strange, args: ['--relay', 'none'] });
            await order(other.client(), orderBody(await makeStall(other), 500));
            const file = join(scratch, 'other.db');
            assert.equal((await market('backup', file, '--data', strange)).status, 0);
            await other.stop();
            const { status, err } = await market('restore', file, '--data', stack.dir);
            assert.equal(status, 1);
            assert.match(err, /no backup of the market/);
        } finally {
            rmSync(strange, { recursive: true, force: true });
        }
        assert.equal((await market('restore', good, '--data', stack.dir, '--check')).json().market, 'checked');
        assert.equal((await market('restore')).status, 64);
        ok(await buyer.get(`/api/v1/orders/${code}`));
        assert.deepEqual(left(stack.dir), []);
    });

    test('on a bare machine: the data directory is made, the next start has everything', async () => {
        const buyer = stack.client();
        const { code } = await order(buyer);
        const file = await backup('moved.db');
        const dir = join(scratch, 'new machine');
        const report = (await market('restore', file, '--data', dir)).json();
        assert.deepEqual([report.ok, report.market], [true, 'stopped']);
        const moved = await Stack.start({ dir, demo: false, args: ['--relay', 'none'] });
        try {
            assert.equal(rows(moved.database, `SELECT 1 FROM orders WHERE code = '${code}'`).length, 1);
            assert.deepEqual((await market('verify', '--data', dir)).json().journal, report.journal);
            ok(await moved.client().post('/api/v1/login', stack.demo.people.cadre)); // people come in with what they had
        } finally {
            await moved.stop();
        }
        assert.ok(existsSync(join(dir, 'market.db')));
    });

    test('the drill says what a lost machine would cost: nothing, and how long', async () => {
        const words = execFileSync(join(root, 'scripts/drill'), ['--data', stack.dir, '--bin', join(build, 'bin'), '--port', String(await freePort('tcp'))], { encoding: 'utf8' });
        const drill = JSON.parse(words);
        figure('restore drill', drill);
        assert.deepEqual([drill.rpo_rows, drill.books_fit], [0, true]);
        assert.ok(drill.orders > 0);
        ok(await stack.client('cadre').post('/api/v1/people', { key: newKey(), name: 'Ai', phone: '0977123123', place: 'Khe Nhinh', roles: ['farmer'], password: 'sương-mù-sáng' }), 201);
    });
});
