// A market of one's own, without the demo: known by a name, behind a certificate that is renewed, with an admin that the person at
// the machine lets in.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { build, root, Stack, web } from './lib/stack.mjs';
import { after, before, describe, test } from './lib/test.mjs';
import { newKey, ok } from './lib/api.mjs';
import { raw } from './lib/raw.mjs';
import { until } from './lib/until.mjs';

const NAME = 'cho.khe-nhinh.example';
let stack;
before(async () => { stack = await Stack.start({ demo: false, args: ['--host', NAME] }); });
after(() => stack?.stop());

const market = (...args) => spawnSync(join(build, 'bin/market'), [...args, '--data', stack.dir], { encoding: 'utf8' });
const invite = (phone = '0912345678', name = 'Anh Dũng') => market('admin', '--phone', phone, '--name', name);
const codeOf = (link) => new URL(link).pathname.split('/').at(-1);

/** The squares of a QR code as another program makes it: "x,y" of each dark one, without the quiet zone. */
function squares(text) {
    const rows = execFileSync('qrencode', ['-t', 'ASCII', '-m', '0', '-l', 'M', '-8', text], { encoding: 'utf8' }).trimEnd().split('\n');
    return rows.flatMap((row, y) => [...row.matchAll(/##/g)].map((m) => `${m.index / 2},${y}`)).sort();
}
const drawn = (svg) => [...svg.matchAll(/M(\d+) (\d+)h1v1h-1z/g)].map(([, x, y]) => `${x - 4},${y - 4}`).sort();

describe('known by a name', () => {
    test('the certificate names it, and the relay finds its addresses by itself', async () => {
        const text = execFileSync('openssl', ['x509', '-noout', '-ext', 'subjectAltName', '-in', join(stack.dir, 'cert.pem')], { encoding: 'utf8' });
        assert.ok(text.includes(`DNS:${NAME}`), text);
        await until('the relay to be there', async () => (await stack.client().get('/readyz')).status === 200);
        assert.doesNotMatch(stack.log, /"relay\.died"/);
    });

    test('pages answer to that name, and to no other', async () => {
        const get = (host) => raw(stack.port, `GET /login HTTP/1.1\r\nHost: ${host}:${stack.port}\r\n\r\n`);
        assert.equal((await get(NAME)).status, 200);
        assert.equal((await get('elsewhere.example')).status, 400);
    });
});

describe('market admin', () => {
    test('prints a link on that name; it logs an admin in once, who sets a password and logs in with it', async () => {
        const { status, stdout } = invite();
        assert.equal(status, 0);
        assert.equal(new URL(stdout.trim()).host, `${NAME}:${stack.port}`);
        const code = codeOf(stdout.trim()), admin = stack.client();
        assert.deepEqual(ok(await admin.post('/api/v1/login/link', { code })).person.roles, ['admin']);
        assert.equal((await stack.client().post('/api/v1/login/link', { code })).status, 410);
        assert.equal((await admin.post('/api/v1/me/password', { new: 'măng đắng 9', key: newKey() })).status, 204);
        ok(await stack.client().post('/api/v1/login', { phone: '0912345678', password: 'măng đắng 9' }));
        const { person } = ok(await admin.post('/api/v1/people', { name: 'Chị Hà', phone: '0912345679', place: '', roles: ['cadre'], key: newKey() }), 201);
        const link = ok(await admin.post(`/api/v1/people/${person.id}/links`, { key: newKey() }), 201);
        assert.deepEqual(drawn(link.svg), squares(`https://${NAME}:${stack.port}${link.url}`), 'the code leads elsewhere');
    });

    test('lets one in again whose password is lost: the old one and open sessions are over', async () => {
        const before = stack.client();
        ok(await before.post('/api/v1/login', { phone: '0912345678', password: 'măng đắng 9' }));
        const again = stack.client();
        const code = codeOf(invite().stdout.trim());
        assert.equal((await before.get('/api/v1/me')).body.person, null);
        assert.equal((await stack.client().post('/api/v1/login', { phone: '0912345678', password: 'măng đắng 9' })).status, 401);
        ok(await again.post('/api/v1/login/link', { code }));
        assert.equal((await again.post('/api/v1/me/password', { new: 'rau dớn 22', key: newKey() })).status, 204);
        assert.equal(ok(await again.get('/api/v1/people')).people.length, 2, 'the same admin, not another');
    });

    test('makes nobody an admin who is somebody else, and says what it wants', () => {
        const cadre = invite('0912345679', 'Chị Hà');
        assert.deepEqual([cadre.status, cadre.stdout, cadre.stderr.trim()], [1, '', 'refused: already-there']);
        assert.equal(invite('12').status, 1);
        assert.equal(market('admin', '--phone', '0912345678').status, 64);
        const nowhere = mkdtempSync(join(tmpdir(), 'cho-none-'));
        const none = spawnSync(join(build, 'bin/market'), ['admin', '--phone', '0912345678', '--name', 'x', '--data', nowhere], { encoding: 'utf8' });
        assert.deepEqual([none.status, none.stdout], [1, '']);
        rmSync(nowhere, { recursive: true });
    });
});

// A passing user of systemd, a container: nothing can be kept, nobody is known by a home.
test('a service without a home keeps its walls, its posters and its recordings', async () => {
    const passing = mkdtempSync(join(tmpdir(), 'cho-homeless-'));
    const homeless = await Stack.start({ env: { HOME: '/proc/none', XDG_CACHE_HOME: '/proc/none', TMPDIR: passing } });
    try {
        const { stall } = homeless.demo, guest = homeless.client(), phone = await homeless.phone();
        await until('a poster', async () => (await guest.get(`/media/${stall}/poster.jpg`)).status === 200);
        await until('a recording', () => readdirSync(join(homeless.dir, 'media', stall)).some((name) => name.startsWith('recording-')));
        await homeless.stopPhone(phone);
        assert.doesNotMatch(homeless.log, /"child\.(died|no-files-wall|no-landlock)"/);
        assert.match(homeless.log, /"plugins\.no-cache"/);
        const [own] = readdirSync(passing).filter((name) => name.startsWith('cho-nuong-'));
        assert.equal(statSync(join(passing, own)).mode & 0o777, 0o700);
    } finally {
        await homeless.stop();
        rmSync(passing, { recursive: true });
    }
});

describe('the unit of systemd', () => {
    const unit = readFileSync(join(root, 'scripts/cho-nuong.service'), 'utf8');
    const lines = (name) => [...unit.matchAll(new RegExp(`^${name}=\\+?(.*)$`, 'gm'))].map((m) => m[1]);
    // The market is somebody else than who gives it orders: root, as in the unit's words.
    const NOBODY = 65534, isRoot = process.getuid() === 0;
    const asNobody = ['setpriv', '--reuid', NOBODY, '--regid', NOBODY, '--clear-groups'].map(String);
    // A checkout in root's home is closed to nobody: there the market is root, too, and the rest holds all the same.
    const another = isRoot && [join(build, 'bin/market'), join(web, 'index.html')].every((file) => spawnSync(asNobody[0], [...asNobody.slice(1), 'test', '-r', file]).status === 0);
    const asRoot = (...args) => spawnSync(...(isRoot ? [args[0], args.slice(1)] : ['sudo', ['-n', ...args]]), { encoding: 'utf8' });
    let box, served;
    const at = (path) => join(box, path);
    /** A command of the unit, its folders being here. */
    const run = (line) => {
        const [program, ...args] = line.replace('${CERTIFICATE}', at('live')).replace('/run/cho-nuong', at('run')).split(' ');
        return asRoot(join(root, 'scripts', basename(program)), ...args);
    };
    const renew = (cn) => execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '30',
        '-keyout', at('live/privkey.pem'), '-out', at('live/fullchain.pem'), '-subj', `/CN=${cn}`, '-addext', 'subjectAltName=DNS:*.example,DNS:cho.example,DNS:localhost'],
    { stdio: 'ignore' });
    const subject = () => execFileSync('sh', ['-c', `openssl s_client -connect localhost:${served.port} -servername localhost </dev/null 2>/dev/null | openssl x509 -noout -subject`],
        { encoding: 'utf8' });
    const reloads = () => (served.log.match(/"cert\.reload"/g) ?? []).length;
    const hup = async () => {
        const before = reloads();
        served.market.kill('SIGHUP');
        await until('the reload', () => reloads() > before);
    };

    before(async () => {
        box = mkdtempSync(join(tmpdir(), 'cho-unit-'));
        for (const name of ['live', 'run', 'data']) {
            mkdirSync(at(name));
            if (another && name !== 'live') chownSync(at(name), NOBODY, NOBODY);
        }
        if (isRoot) chmodSync(box, 0o755);
        renew('first');
        for (const line of lines('ExecStartPre')) assert.equal(run(line).status, 0, line);
        served = await Stack.start({ demo: false, dir: at('data'), args: ['--relay', 'none', '--cert', at('run/cert.pem'), '--key', at('run/key.pem')],
            wrap: another ? asNobody : [] });
    });
    after(async () => {
        try { await served?.stop(); } finally { rmSync(box, { recursive: true, force: true }); }
    });

    test('starts the market with options it has', () => {
        const help = spawnSync(join(build, 'bin/market'), ['serve', '--no-such-option'], { encoding: 'utf8' }).stderr;
        const options = lines('ExecStart')[0].match(/--[a-z-]+/g);
        assert.ok(options.includes('--cert'));
        for (const option of options) assert.match(help, new RegExp(`${option}\\b`));
    });

    test('lets through the calls with which the relay and its children lock themselves in', () => {
        const [allowed] = lines('SystemCallFilter');
        for (const call of ['seccomp', 'landlock_create_ruleset', 'landlock_add_rule', 'landlock_restrict_self']) assert.ok(allowed.split(' ').includes(call), call);
    });

    test('links of a market behind a certificate lead to its name', () => {
        const { stdout } = asRoot(join(build, 'bin/market'), 'admin', '--phone', '0912345678', '--name', 'Anh Dũng', '--data', served.dir);
        assert.equal(new URL(stdout.trim()).host, `cho.example:${served.port}`);
    });

    test('root backs it up and restores it while it runs', async () => {
        const file = join(served.dir, 'backup.db');
        assert.equal(asRoot(join(build, 'bin/market'), 'backup', file, '--data', served.dir).status, 0);
        const starts = () => (served.log.match(/"edge\.ready"/g) ?? []).length, before = starts();
        const { status, stderr } = asRoot(join(build, 'bin/market'), 'restore', file, '--data', served.dir);
        assert.equal(status, 0, stderr);
        await until('the market with the backup', () => starts() > before);
        assert.equal((await raw(served.port, `GET /api/v1/stalls HTTP/1.1\r\nHost: localhost:${served.port}\r\n\r\n`)).status, 200);
    });

    test('the copies are for the service alone, and a reload takes a renewed certificate', async () => {
        assert.equal(statSync(at('run/key.pem')).mode & 0o777, 0o400);
        assert.match(subject(), /first/);
        renew('second');
        const [take, signal] = lines('ExecReload');
        assert.match(signal, /kill -HUP \$MAINPID$/);
        assert.equal(run(take).status, 0);
        await hup();
        assert.match(subject(), /second/);
    });

    test('half of a renewal changes nothing: neither the copies, nor what is served when they are damaged all the same', async () => {
        const [key, cert] = [readFileSync(at('run/key.pem')), readFileSync(at('run/cert.pem'))];
        execFileSync('openssl', ['ecparam', '-genkey', '-name', 'prime256v1', '-noout', '-out', at('live/privkey.pem')]);
        const { status, stderr } = run(lines('ExecReload')[0]);
        assert.equal(status, 1);
        assert.match(stderr, /do not belong together/);
        assert.deepEqual([readFileSync(at('run/key.pem')), readFileSync(at('run/cert.pem'))], [key, cert]);
        const put = (name, bytes) => {
            rmSync(at(`run/${name}.pem`));
            writeFileSync(at(`run/${name}.pem`), bytes, { mode: 0o400 });
            if (another) chownSync(at(`run/${name}.pem`), NOBODY, NOBODY);
        };
        for (const [name, bytes, good] of [['key', readFileSync(at('live/privkey.pem')), key], ['cert', Buffer.from('no certificate'), cert]]) {
            put(name, bytes);
            await hup();
            assert.match(subject(), /second/, `with another ${name}`);
            put(name, good);
        }
        assert.equal((served.log.match(/"the old one stays"/g) ?? []).length, 2);
    });
});
