// The first command of the README, as a newcomer gives it: scripts/run starts everything, says where, and stops cleanly.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { build, root } from './lib/stack.mjs';
import { Client, ok } from './lib/api.mjs';
import { freePort } from './lib/ports.mjs';
import { descendants, marked } from './lib/processes.mjs';
import { after, before, describe, test } from './lib/test.mjs';
import { until } from './lib/until.mjs';

const kind = build.split('/').at(-1);      // asan, release, …: the build that is there already
let dir, port, script, client, demo, out = '', err = '', over = null;

before(async () => {
    dir = mkdtempSync(join(tmpdir(), 'cho-run-'));
    port = await freePort('tcp');
    const args = ['--no-setup', `--${kind}`, '--data', dir, '--port', port, '--udp-port', await freePort('udp'), '--host', '127.0.0.1'].map(String);
    script = spawn(join(root, 'scripts/run'), args, {
        env: { ...process.env, BUILD_ROOT: dirname(build), CHO_TEST: `run-${process.pid}` },
    });
    script.stdout.setEncoding('utf8').on('data', (text) => (out += text));
    script.stderr.setEncoding('utf8').on('data', (text) => (err += text));
    script.on('exit', (code, signal) => (over = { code, signal }));
    await until('scripts/run to be ready', () => over || /Ctrl-C/.test(out), { ms: 300000 });
    assert.equal(over, null, `scripts/run ended: ${err.slice(-2000)}`);
    demo = JSON.parse(readFileSync(join(dir, 'demo.json'), 'utf8'));
    client = new Client(demo.origin, { ca: readFileSync(join(dir, 'cert.pem')) });
}, { timeout: 320000 });
after(() => {
    client?.close();
    for (const p of marked(`CHO_TEST=run-${process.pid}`)) process.kill(p.pid, 'SIGKILL');
    rmSync(dir, { recursive: true, force: true });
});

describe('scripts/run', () => {
    test('says ready, and where', () => assert.match(out, new RegExp(`^ready https://localhost:${port}$`, 'm')));

    test('prints the demo log-ins, and they work', async () => {
        for (const role of ['farmer', 'buyer', 'cadre', 'courier', 'admin']) {
            const { phone, password } = demo.people[role];
            assert.ok(out.includes(password), `no password of the ${role}`);
            const person = ok(await client.post('/api/v1/login', { phone, password })).person;
            assert.ok(person.roles.includes(role));
        }
    });

    test('prints a code for a real phone, and the link in it logs a farmer in', async () => {
        const link = /https:\/\/127\.0\.0\.1:\d+\/l\/(\S+)/.exec(out);
        assert.ok(link, 'no link');
        assert.match(out, /▀|█|▄/);
        const phone = new Client(demo.origin, { ca: readFileSync(join(dir, 'cert.pem')) });
        assert.ok(ok(await phone.post('/api/v1/login/link', { code: link[1] })).person.roles.includes('farmer'));
        phone.close();
    });

    test('demo.json is for its owner only, and holds what scripts need', () => {
        assert.equal(statSync(join(dir, 'demo.json')).mode & 0o777, 0o600);
        assert.equal(statSync(join(dir, 'key.pem')).mode & 0o077, 0);
        assert.equal(demo.origin, `https://localhost:${port}`);
        assert.equal(demo.whip, `${demo.origin}/whip/${demo.stall}`);
        assert.equal(demo.whep, `${demo.origin}/whep/${demo.stall}`);
        for (const role of ['farmer', 'buyer', 'cadre', 'courier', 'admin']) assert.ok(demo.tokens[role].length >= 22, role);
    });

    test('the demo stall is live, with goods to sell', async () => {
        const stall = await until('the demo stall to be live', async () => {
            const s = ok(await client.get(`/api/v1/stalls/${demo.stall}`));
            return s.room.state === 'live' && s.live?.state === 'live' && s;      // the room knows a moment before the disk does
        }, { ms: 90000, every: 300 });
        assert.ok(stall.lots.length > 0);
    });

    test('SIGTERM stops it: exit 0, and none of its children is left', async () => {
        const family = descendants(script.pid);
        for (const name of ['market', 'relay', 'phone']) assert.ok(family.some((p) => p.name === name), `no ${name} among ${family.map((p) => p.name)}`);
        script.kill('SIGTERM');
        await until('scripts/run to end', () => over, { ms: 60000 });
        assert.deepEqual(over, { code: 0, signal: null }, err.slice(-2000));
        assert.deepEqual(marked(`CHO_TEST=run-${process.pid}`).map((p) => p.name), []);
        const log = readFileSync(join(dir, 'market.log'), 'utf8') + readFileSync(join(dir, 'phone.log'), 'utf8');
        assert.doesNotMatch(log, /ERROR: \w+Sanitizer|runtime error:/);
    });
});
