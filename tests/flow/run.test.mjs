// The first command of the README, as a newcomer gives it: scripts/run starts everything, says where, and stops cleanly.
import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { build, root } from './lib/stack.mjs';
import { Client, ok } from './lib/api.mjs';
import { freePort } from './lib/ports.mjs';
import { descendants, marked } from './lib/processes.mjs';
import { offer } from './lib/sdp.mjs';
import { after, before, describe, test } from './lib/test.mjs';
import { until } from './lib/until.mjs';

const kind = build.split('/').at(-1);      // asan, release, …: the build that is there already
const environment = { ...process.env, BUILD_ROOT: dirname(build), CHO_TEST: `run-${process.pid}` };
let dir, port, udpPort, run, client, demo;

/** scripts/run with these words: `out` and `err` grow, `over` is there when it has ended. */
function begin(...args) {
    const it = { out: '', err: '', over: null };
    it.script = spawn(join(root, 'scripts/run'), ['--no-setup', `--${kind}`, ...args].map(String), { env: environment });
    it.script.stdout.setEncoding('utf8').on('data', (text) => (it.out += text));
    it.script.stderr.setEncoding('utf8').on('data', (text) => (it.err += text));
    it.script.on('exit', (code, signal) => (it.over = { code, signal }));
    return it;
}
async function ready(it) {
    await until('scripts/run to be ready', () => it.over || /Ctrl-C/.test(it.out), { ms: 300000 });
    assert.equal(it.over, null, `scripts/run ended: ${it.err.slice(-2000)}`);
    return it;
}
const ended = (it) => until('scripts/run to end', () => it.over, { ms: 60000 });
const left = () => marked(`CHO_TEST=run-${process.pid}`).map((p) => p.name);
const newClient = () => new Client(demo.origin, { ca: readFileSync(join(dir, 'cert.pem')) });
const sanitizers = () => ['market.log', 'phone.log'].map((name) => readFileSync(join(dir, name), 'utf8')).join('').match(/ERROR: \w+Sanitizer|runtime error:/);

before(async () => {
    dir = mkdtempSync(join(tmpdir(), 'cho-run-'));
    [port, udpPort] = [await freePort('tcp'), await freePort('udp')];
    run = await ready(begin('--data', dir, '--port', port, '--udp-port', udpPort, '--host', '127.0.0.1'));
    demo = JSON.parse(readFileSync(join(dir, 'demo.json'), 'utf8'));
    client = newClient();
}, { timeout: 320000 });
after(() => {
    client?.close();
    for (const p of marked(`CHO_TEST=run-${process.pid}`)) process.kill(p.pid, 'SIGKILL');
    rmSync(dir, { recursive: true, force: true });
});

describe('scripts/run', () => {
    test('says ready, and where', () => assert.match(run.out, new RegExp(`^ready https://localhost:${port}$`, 'm')));

    test('prints the demo log-ins, and they work', async () => {
        for (const role of ['farmer', 'buyer', 'cadre', 'courier', 'admin']) {
            const { phone, password } = demo.people[role];
            assert.ok(run.out.includes(password), `no password of the ${role}`);
            const person = ok(await client.post('/api/v1/login', { phone, password })).person;
            assert.ok(person.roles.includes(role));
        }
        const leads = { farmer: '/golive', buyer: `/s/${demo.stall}`, cadre: '/sessions', courier: '/courier', admin: '/sessions' };
        for (const [role, page] of Object.entries(leads)) {
            assert.match(run.out, new RegExp(`^ +${role} .* then ${page}$`, 'm'));
            assert.equal((await client.get(page)).status, 200, page);
        }
    });

    test('prints a code for a real phone, and the link in it logs a farmer in', async () => {
        const link = /https:\/\/127\.0\.0\.1:\d+\/l\/(\S+)/.exec(run.out);
        assert.ok(link, 'no link');
        assert.match(run.out, /▀|█|▄/);
        const phone = newClient();
        assert.ok(ok(await phone.post('/api/v1/login/link', { code: link[1] })).person.roles.includes('farmer'));
        phone.close();
    });

    test('demo.json is for its owner only, and holds what scripts need', () => {
        assert.equal(statSync(join(dir, 'demo.json')).mode & 0o777, 0o600);
        assert.equal(statSync(join(dir, 'key.pem')).mode & 0o077, 0);
        assert.equal(demo.origin, `https://localhost:${port}`);
        assert.equal(demo.whip, `${demo.origin}/whip/${demo.stall}`);
        assert.equal(demo.whep, `${demo.origin}/whep/${demo.stall}`);
    });

    test('its tokens are those people, its URLs the doors of the demo stall, on the UDP port asked for', async () => {
        for (const role of ['farmer', 'buyer', 'cadre', 'courier', 'admin']) {
            const { person } = ok(await client.get('/api/v1/me', { headers: { authorization: `Bearer ${demo.tokens[role]}` } }));
            assert.ok(person.roles.includes(role), role);
        }
        const post = (url, direction, token) => client.send('POST', new URL(url).pathname,
            { text: offer(direction), type: 'application/sdp', headers: token ? { authorization: `Bearer ${token}` } : {} });
        assert.equal((await post(demo.whip, 'sendonly', 'x'.repeat(43))).status, 401);
        const watching = await until('the stream', async () => {
            const reply = await post(demo.whep, 'recvonly');
            return reply.status === 201 && reply;
        }, { ms: 90000, every: 500 });
        assert.match(watching.text, new RegExp(`127\\.0\\.0\\.1 ${udpPort} typ host`));
    });

    test('the demo stall is live, with goods to sell', async () => {
        const stall = await until('the demo stall to be live', async () => {
            const s = ok(await client.get(`/api/v1/stalls/${demo.stall}`));
            return s.room.state === 'live' && s.live?.state === 'live' && s;      // the room knows a moment before the disk does
        }, { ms: 90000, every: 300 });
        assert.ok(stall.lots.length > 0);
    });

    test('SIGTERM stops it: exit 0, and none of its children is left', async () => {
        const family = descendants(run.script.pid);
        for (const name of ['market', 'relay', 'phone']) assert.ok(family.some((p) => p.name === name), `no ${name} among ${family.map((p) => p.name)}`);
        run.script.kill('SIGTERM');
        await ended(run);
        assert.deepEqual(run.over, { code: 0, signal: null }, run.err.slice(-2000));
        assert.deepEqual(left(), []);
        assert.equal(sanitizers(), null);
    });

    test('a second time on the same data: the same people and tokens; --video streams a film, --codec chooses, --host takes a name', async () => {
        const film = join(dir, 'red.avi');
        execFileSync('gst-launch-1.0', ['-q', 'videotestsrc', 'pattern=red', 'num-buffers=250', '!', 'video/x-raw,width=640,height=360,framerate=25/1', '!', 'jpegenc', '!', 'avimux', '!',
            'filesink', `location=${film}`]);
        client.close();
        run = await ready(begin('--data', dir, '--port', port, '--udp-port', udpPort, '--video', film, '--codec', 'vp8', '--host', 'cho.example', '--host', '127.0.0.1'));
        assert.deepEqual(JSON.parse(readFileSync(join(dir, 'demo.json'), 'utf8')), demo);
        assert.match(run.out, new RegExp(`https://cho\\.example:${port}/l/`));
        client = newClient();      // another certificate: the name is in it
        assert.ok(new X509Certificate(readFileSync(join(dir, 'cert.pem'))).checkHost('cho.example'));
        const [red, green, blue] = await until('a poster of the film', async () => {
            const room = ok(await client.get(`/api/v1/stalls/${demo.stall}`)).room;
            const { status, bytes } = await client.get(`/media/${demo.stall}/poster.jpg`);
            if (room.state !== 'live' || room.video?.toLowerCase() !== 'vp8' || status !== 200) return null;
            const dot = execFileSync('ffmpeg', ['-v', 'error', '-i', '-', '-vf', 'crop=100:100,scale=1:1', '-f', 'rawvideo', '-pix_fmt', 'rgb24', '-'], { input: bytes });
            return dot[0] > 200 && dot;        // until then a poster of the first time may be shown
        }, { ms: 90000, every: 1000 });
        assert.ok(red > 200 && green < 60 && blue < 60, `${red} ${green} ${blue}`);
    }, { ms: 300000 });

    test('Ctrl-C stops it as well', async () => {
        run.script.kill('SIGINT');
        await ended(run);
        assert.deepEqual(run.over, { code: 0, signal: null }, run.err.slice(-2000));
        assert.deepEqual(left(), []);
        assert.equal(sanitizers(), null);
    });

    test('--no-demo: no people, no stall, no demo.json, no phone', async () => {
        const other = mkdtempSync(join(tmpdir(), 'cho-bare-'));
        try {
            run = await ready(begin('--data', other, '--port', port, '--udp-port', udpPort, '--no-demo'));
            assert.equal(existsSync(join(other, 'demo.json')), false);
            assert.ok(!descendants(run.script.pid).some((p) => p.name === 'phone'));
            const bare = new Client(`https://localhost:${port}`, { ca: readFileSync(join(other, 'cert.pem')) });
            assert.deepEqual(ok(await bare.get('/api/v1/stalls')).stalls, []);
            bare.close();
            assert.doesNotMatch(run.out, /farmer|cadre/);
            run.script.kill('SIGTERM');
            await ended(run);
            assert.deepEqual(run.over, { code: 0, signal: null }, run.err.slice(-2000));
        } finally {
            rmSync(other, { recursive: true, force: true });
        }
    }, { ms: 300000 });

    test('words it does not know, and options without a value, are explained', () => {
        for (const args of [['--help'], ['--frobnicate'], ['--data'], ['--port']]) {
            const { status, stderr } = spawnSync(join(root, 'scripts/run'), args, { encoding: 'utf8' });
            assert.equal(status, 2, args.join(' '));
            for (const option of ['--data', '--port', '--udp-port', '--host', '--video', '--codec', '--no-demo', '--release', '--asan', '--tsan', '--no-setup']) assert.ok(stderr.includes(option), option);
        }
    });

    test('a market that cannot start is said to, with the end of its log', async () => {
        const held = createServer().listen(port, '0.0.0.0');
        try {
            const it = begin('--data', dir, '--port', port, '--udp-port', udpPort);
            await ended(it);
            assert.equal(it.over.code, 1);
            assert.match(it.err, /the market did not start/);
            assert.match(it.err, /cannot listen on the port/);
            assert.deepEqual(left(), []);
        } finally {
            held.close();
        }
    }, { ms: 300000 });
});
