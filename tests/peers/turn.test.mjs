// A viewer and a farmer behind a network that lets no UDP of theirs through to us: Debian's coturn on loopback carries them,
// with the credentials of our Link headers, and Chromium is allowed nothing but TURN over TCP.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Browser, pictureMoves, received } from '../flow/lib/browser.mjs';
import { approvedLive, makeStall, publishToken } from '../flow/lib/commune.mjs';
import { freePort } from '../flow/lib/ports.mjs';
import { attribute, offer } from '../flow/lib/sdp.mjs';
import { Stack } from '../flow/lib/stack.mjs';
import { after, before, test } from '../flow/lib/test.mjs';
import { until } from '../flow/lib/until.mjs';

const SECRET = 'a secret of this test only';
let dir, turn, url, stack, browser;

before(async () => {
    dir = mkdtempSync(join(tmpdir(), 'cho-turn-'));
    const port = await freePort('tcp');
    writeFileSync(join(dir, 'turnserver.conf'), [
        `listening-port=${port}`, 'listening-ip=127.0.0.1', 'relay-ip=127.0.0.1', 'use-auth-secret', `static-auth-secret=${SECRET}`,
        'realm=cho-nuong.test', 'allow-loopback-peers', 'cli-password=none-but-demanded', 'no-cli', 'no-tls', 'no-dtls', 'no-multicast-peers',
        'log-file=stdout', 'verbose', `pidfile=${join(dir, 'pid')}`, `userdb=${join(dir, 'db')}`, 'relay-threads=1', '',
    ].join('\n'));
    turn = spawn('setpriv', ['--pdeathsig', 'KILL', 'turnserver', '-c', join(dir, 'turnserver.conf')], { stdio: ['ignore', 'pipe', 'pipe'] });
    turn.log = '';
    for (const pipe of [turn.stdout, turn.stderr]) pipe.on('data', (text) => (turn.log += text));
    await until('coturn to listen', () => new Promise((resolve) => {
        const socket = connect(port, '127.0.0.1', () => { socket.destroy(); resolve(true); }).on('error', () => resolve(false));
    }));
    url = `turn:127.0.0.1:${port}?transport=tcp`;
    writeFileSync(join(dir, 'secret'), `${SECRET}\n`, { mode: 0o600 });
    stack = await Stack.start({ args: ['--turn', url, '--turn', 'stun:stun.example', '--turn-secret-file', join(dir, 'secret')] });
    browser = await Browser.start();
    await stack.phone();
    await until('the demo stall to be live', async () => (await stack.client().get(`/api/v1/stalls/${stack.demo.stall}`)).body.room.state === 'live', { ms: 60000 });
});
after(async () => {
    await browser?.stop();
    await stack?.stop();
    turn?.kill('SIGKILL');
    if (dir) rmSync(dir, { recursive: true, force: true });
});

/** A person whose browser has no way but TURN. */
async function walledIn(options) {
    const page = await browser.person(stack, options);
    await page.addInitScript(() => {
        const Real = window.RTCPeerConnection;
        window.RTCPeerConnection = class extends Real {
            constructor(config) { super({ ...config, iceTransportPolicy: 'relay' }); }
            setConfiguration(config) { super.setConfiguration({ ...config, iceTransportPolicy: 'relay' }); }
        };
    });
    return page;
}

/** The kind of the local candidate that carries the page's newest connection. */
const carriedBy = (page) => page.evaluate(async () => {
    const stats = await window.connections.at(-1).getStats();
    const local = stats.get(window.takenPath(stats)?.localCandidateId);
    return local && `${local.candidateType} ${local.relayProtocol}`;
});

test('the 201 of WHIP and WHEP names the servers; TURN with credentials that end', async () => {
    const stall = await makeStall(stack);
    await approvedLive(stall);
    const publisher = stack.client(undefined, { bearer: await publishToken(stall) });
    for (const [client, path, direction] of [[publisher, `/whip/${stall.slug}`, 'sendonly'], [stack.client(), `/whep/${stack.demo.stall}`, 'recvonly']]) {
        const reply = await client.send('POST', path, { text: offer(direction), type: 'application/sdp' });
        assert.equal(reply.status, 201, reply.text);
        assert.ok(attribute(reply.text, 'ice-ufrag'));
        const links = reply.headers.link.split(/,\s*(?=<)/).filter((link) => /rel="ice-server"/.test(link));
        assert.equal(links.length, 2, reply.headers.link);
        const found = /^<([^>]+)>; rel="ice-server"; username="(\d+):([0-9a-f]{8})"; credential="([A-Za-z0-9+/=]{28})"; credential-type="password"$/.exec(links[0]);
        assert.equal(found[1], url);
        const hours = (Number(found[2]) - Date.now() / 1000) / 3600;
        assert.ok(hours > 11 && hours < 13, `ends in ${hours} h`);
        assert.equal(links[1], '<stun:stun.example>; rel="ice-server"');
    }
});

test('a bare preflight tells no credentials', async () => {
    const reply = await stack.client().send('OPTIONS', `/whep/${stack.demo.stall}`, { headers: { origin: 'https://elsewhere.example' } });
    assert.equal(reply.status, 200);
    assert.equal(reply.headers.link, undefined);
});

test('a buyer whose network blocks UDP watches through coturn', async () => {
    const page = await walledIn();
    await page.goto(`/s/${stack.demo.stall}`);
    await pictureMoves(page, 'the picture through TURN').catch((error) => { throw new Error(`${error.message}\n${turn.log.slice(-4000)}`); });
    assert.equal(await carriedBy(page), 'relay tcp');
    assert.equal((await received(page)).connections, 1);
    assert.match(turn.log, /user <\d+:[0-9a-f]{8}>.*ALLOCATE processed, success/);
});

test('a farmer whose network blocks UDP streams through coturn', async () => {
    const stall = await makeStall(stack);
    await approvedLive(stall);
    const page = await walledIn({ camera: true, cookies: stall.farmer.cookies });
    await page.goto('/golive');
    await page.getByTestId('go').first().click();
    const viewer = await browser.person(stack);
    await until('the stall to be live', async () => (await stack.client().get(`/api/v1/stalls/${stall.slug}`)).body.room.state === 'live', { ms: 60000 });
    await viewer.goto(`/s/${stall.slug}`);
    await pictureMoves(viewer, 'the picture of the farmer behind TURN');
    assert.equal(await carriedBy(page), 'relay tcp');
});
