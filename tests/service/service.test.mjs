// The unit under a real systemd: this machine's own files with what a test changes laid over them, in namespaces where systemd is
// the first process. Installed as README.md says, and used: what its sandbox forbids by mistake shows only here. Root only.
// SERVICE_FILES=DIR takes the files of another Debian that lie there (TEST_BUILD: what was built on it).
import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build, root, web } from '../flow/lib/stack.mjs';
import { descendants } from '../flow/lib/processes.mjs';
import { after, before, describe, figure, test } from '../flow/lib/test.mjs';
import { until } from '../flow/lib/until.mjs';

const OFF = ['systemd-udevd', 'systemd-networkd', 'systemd-resolved', 'systemd-timesyncd', 'console-getty', 'getty@tty1'];
const EXPOSED_AT_MOST = 2;
let box, world, first;

const at = (path) => join(box, 'upper', path);
const inside = (...args) => {
    const { status, stdout, stderr } = spawnSync('nsenter', ['-t', String(first), '-m', '-p', '-u', '-i', '-n', '-C', '-r', '-w', ...args], { encoding: 'latin1' });
    return { status, stdout, stderr };
};
const said = (...args) => {
    const { status, stdout, stderr } = inside(...args);
    assert.equal(status, 0, `${args.join(' ')}: ${stderr}`);
    return stdout.trim();
};
const state = () => inside('systemctl', 'is-active', 'cho-nuong').stdout.trim();
const journal = () => said('journalctl', '-u', 'cho-nuong', '--no-pager', '-o', 'cat');
/** `until`, with what the journal says when it fails. */
const comes = (what, look) => until(what, look).catch((error) => { throw new Error(`${error.message}\n${journal().split('\n').slice(-40).join('\n')}`); });
const get = (path, ...more) => inside('curl', '-sk', '--max-time', '10', ...more, `https://localhost${path}`).stdout;
const ready = () => comes('the market to serve', () => get('/readyz', '-o', '/dev/null', '-w', '%{http_code}') === '200');
const subject = () => said('sh', '-c', 'openssl s_client -connect localhost:443 </dev/null 2>/dev/null | openssl x509 -noout -subject');
const demo = () => JSON.parse(said('cat', '/var/lib/cho-nuong/demo.json'));
const pidOf = (program) => Number(said('pgrep', '-o', '-f', `^/opt/cho-nuong/bin/${program}`));

/** As certbot leaves one. Once the world is up its files are changed from inside: an overlay's own folders must be left alone then. */
function certify(name) {
    const live = 'etc/letsencrypt/live/market';
    execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '30', '-subj', `/CN=${name}`,
        '-addext', 'subjectAltName=DNS:localhost', '-keyout', join(box, 'privkey.pem'), '-out', join(box, 'fullchain.pem')], { stdio: 'ignore' });
    mkdirSync(at(live), { recursive: true });
    for (const file of ['privkey.pem', 'fullchain.pem']) {
        if (first) execFileSync('nsenter', ['-t', String(first), '-m', '-r', 'tee', `/${live}/${file}`], { input: readFileSync(join(box, file)), stdio: ['pipe', 'ignore', 'inherit'] });
        else cpSync(join(box, file), join(at(live), file));
    }
}

/** The commands of README.md, "Behind a real certificate". The demo commune is ours, so that there is somebody to stream. */
function install() {
    mkdirSync(at('opt/cho-nuong'), { recursive: true });
    cpSync(join(build, 'bin'), at('opt/cho-nuong/bin'), { recursive: true });
    cpSync(web, at('opt/cho-nuong/web'), { recursive: true });
    cpSync(join(root, 'scripts/take-certificate'), at('opt/cho-nuong/take-certificate'));
    mkdirSync(at('etc/systemd/system/cho-nuong.service.d'), { recursive: true });
    cpSync(join(root, 'scripts/cho-nuong.service'), at('etc/systemd/system/cho-nuong.service'));
    const [line] = /^ExecStart=.*$/m.exec(readFileSync(join(root, 'scripts/cho-nuong.service'), 'utf8'));
    writeFileSync(at('etc/systemd/system/cho-nuong.service.d/demo.conf'), `[Service]\nExecStart=\n${line} --demo --host 127.0.0.1\n`);
    for (const unit of OFF) symlinkSync('/dev/null', at(`etc/systemd/system/${unit}.service`));
    writeFileSync(at('etc/machine-id'), '');
}

before(async () => {
    box = mkdtempSync(join(tmpdir(), 'cho-service-'));
    for (const name of ['upper', 'work', 'root']) mkdirSync(join(box, name));
    install();
    certify('first');
    const mount = `mount --make-rprivate / && mount -t overlay overlay -o lowerdir=${process.env.SERVICE_FILES ?? '/'},upperdir=${box}/upper,workdir=${box}/work ${box}/root`;
    world = spawn('unshare', ['--mount', '--pid', '--fork', '--kill-child', '--uts', '--ipc', '--net', '--cgroup', 'sh', '-c',
        `${mount} && exec ${join(root, 'tests/service/boot')} ${box}/root`], { stdio: ['ignore', 'inherit', 'inherit'] });
    first = await until('a systemd', () => world.exitCode !== null || descendants(world.pid).find((p) => p.name === 'systemd')?.pid);
    assert.equal(world.exitCode, null, 'no systemd could be started here');
    await until('it to be up', () => ['running', 'degraded'].includes(inside('systemctl', 'is-system-running').stdout.trim()));
    said('systemctl', 'start', 'cho-nuong');
    await ready();
});
after(() => {
    world?.kill('SIGKILL');
    if (box) rmSync(box, { recursive: true, force: true });
});

describe('under systemd', () => {
    test('the market serves, as somebody who owns nothing but its state and its cache', () => {
        assert.match(get('/api/v1/stalls'), /khe-nhinh/);
        assert.match(get('/login'), /<html lang="vi"/);
        const owner = Number(said('stat', '-L', '-c', '%u', '/var/lib/cho-nuong'));
        assert.ok(owner >= 61184, `a passing user, not ${owner}`);
        assert.equal(said('ps', '-o', 'uid=', '-p', String(pidOf('market'))), String(owner));
        const exposed = Number(/exposure level for cho-nuong.service: ([\d.]+)/.exec(inside('systemd-analyze', 'security', 'cho-nuong', '--no-pager').stdout)[1]);
        figure('systemd-analyze security', exposed);
        assert.ok(exposed <= EXPOSED_AT_MOST, String(exposed));
    });

    test('a phone streams, viewers see it, there is a poster and a recording; nothing had to do without its walls', async () => {
        const { tokens, stall } = demo();
        const phone = spawn('nsenter', ['-t', String(first), '-m', '-p', '-n', '-r', '-w', 'setpriv', '--pdeathsig', 'KILL', '/opt/cho-nuong/bin/phone',
            '--url', `https://localhost/whip/${stall}`, '--token', tokens.farmer, '--insecure'], { stdio: 'ignore' });
        try {
            await comes('the stall to be live', () => /"state":"live"/.test(get(`/api/v1/stalls/${stall}`)));
            await comes('a poster', () => get(`/media/${stall}/poster.jpg`).startsWith('\xff\xd8'));
            assert.notEqual(said('sh', '-c', `ls /var/lib/cho-nuong/media/${stall} | grep -c recording-`), '0');
            const seen = JSON.parse(said('/opt/cho-nuong/bin/swarm', '--whep', `https://localhost/whep/${stall}`, '--insecure', '--viewers', '3', '--duration', '3'));
            assert.deepEqual([seen.connected, seen.gone, seen.media.gap_permille], [3, 0, 0]);
        } finally {
            phone.kill();
        }
        assert.doesNotMatch(journal(), /no-cache|not-built|no-files-wall|no-landlock|no-seccomp|"level":"error"/);
        assert.match(said('ls', '/var/cache/cho-nuong'), /gst-ingest-.*\n?gst-studio-/);
    });

    test('a reload takes a renewed certificate while everybody stays', () => {
        const pid = pidOf('market');
        assert.match(subject(), /first/);
        certify('second');
        said('systemctl', 'reload', 'cho-nuong');
        assert.match(subject(), /second/);
        assert.equal(pidOf('market'), pid);
    });

    test('root makes an admin, and a backup where the unit may write', () => {
        assert.match(said('/opt/cho-nuong/bin/market', 'admin', '--data', '/var/lib/cho-nuong', '--phone', '0912345678', '--name', 'Lò Thị Hoa'), /^https:\/\/localhost\/l\//);
        said('/opt/cho-nuong/bin/market', 'backup', '/var/lib/cho-nuong/backup.db', '--data', '/var/lib/cho-nuong');
        assert.notEqual(inside('/opt/cho-nuong/bin/market', 'backup', '/opt/backup.db', '--data', '/var/lib/cho-nuong').status, 0);
    });

    test('a relay and a market that are killed are there again', async () => {
        for (const program of ['relay', 'market']) {
            const pid = pidOf(program);
            said('kill', '-KILL', String(pid));
            await comes(`another ${program}`, () => { const other = inside('pgrep', '-o', '-f', `^/opt/cho-nuong/bin/${program}`).stdout.trim(); return other && Number(other) !== pid; });
            await ready();
        }
    });

    test('a stop leaves nothing running, and is no failure', () => {
        said('systemctl', 'stop', 'cho-nuong');
        assert.equal(state(), 'inactive');
        assert.equal(inside('pgrep', '-f', '^/opt/cho-nuong/bin/').status, 1);
        assert.equal(inside('systemctl', 'is-failed', 'cho-nuong').stdout.trim(), 'inactive');
    });
});
