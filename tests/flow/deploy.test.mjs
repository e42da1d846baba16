// A market of one's own, without the demo: known by a name, behind a certificate that is renewed, with an admin that the person at
// the machine lets in.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build, Stack } from './lib/stack.mjs';
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
