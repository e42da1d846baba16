// Strangers and spiteful viewers at the media port, while somebody watches in a real browser: a hostile packet costs a
// counter, not a stream. Each attack is a short burst; before and after it the same connection decodes the same picture.
import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { execFile, spawn } from 'node:child_process';
import { readFileSync, readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { Stack, build } from './lib/stack.mjs';
import { Browser, pictureMoves, received } from './lib/browser.mjs';
import { after, before, describe, figure, test } from './lib/test.mjs';
import { approvedLive, makeStall, publishToken } from './lib/commune.mjs';
import { attribute, offer } from './lib/sdp.mjs';
import { figures } from './lib/metrics.mjs';
import { freePort } from './lib/ports.mjs';
import { until } from './lib/until.mjs';

/** The long forms: how long odd datagrams and a nonsensical phone go on, how many offers are left lying, where chance begins. */
const seconds = Number(process.env.HOSTILE_SECONDS ?? 6);
const offers = Number(process.env.HOSTILE_OFFERS ?? 60);
const seed = Number(process.env.HOSTILE_SEED ?? 9);
const patience = { ms: 180000 + seconds * 1000 + offers * 100 };

const sdp = { type: 'application/sdp' };
let stack, browser, viewer, metricsPort;

/** Where the watching browser sends from, and how the relay calls it. Asked for each attack: browsers move to a better pair. */
async function learnPorts() {
    const mine = await viewer.evaluate(async () => {
        const pc = window.connections.at(-1);
        const stats = await pc.getStats();
        return { port: stats.get(window.takenPath(stats).localCandidateId).port, sdp: pc.remoteDescription.sdp };
    });
    return { viewer: mine.port, ufrag: attribute(mine.sdp, 'ice-ufrag') };
}

before(async () => {
    metricsPort = await freePort('tcp');
    stack = await Stack.start({ args: ['--metrics', `127.0.0.1:${metricsPort}`, '--host', '127.0.0.1'] });
    browser = await Browser.start();
    await stack.phone({ codec: 'h264' });
    await until('the room to be live', async () => (await stack.client().get(`/api/v1/stalls/${stack.demo.stall}`)).body.room.state === 'live', { ms: 120000 });
    viewer = await browser.person(stack);
    await viewer.goto(`/s/${stack.demo.stall}`);
    await pictureMoves(viewer, 'the picture to move', { ms: 120000 });
});
after(async () => {
    await browser?.stop();
    await stack?.stop();
});

const run = (program, args) => new Promise((done, fail) => {
    execFile(join(build, 'bin', program), args.map(String), { timeout: 60000 + seconds * 1000 }, (error, stdout, stderr) =>
        (error && !stdout ? fail(new Error(`${program}: ${error.message}\n${stderr}`)) : done(JSON.parse(stdout))));
});
const attack = (kind, count, extra = []) => run('hostile', ['--to', stack.udpPort, '--kind', kind, '--count', count, ...extra]);

/** Runs an attack; the same programs and the same connection must carry the same picture on. Gives [its result, what counters grew by]. */
async function survives(deed) {
    const programs = ['market', 'relay', 'ingest'].map((name) => stack.processes(name)[0]?.pid);
    const counted = await figures(metricsPort);
    const seen = await received(viewer);
    const result = await deed();
    await pictureMoves(viewer, 'the picture to go on', { more: 10, ms: 30000 });
    const now = await received(viewer);
    assert.equal(now.connections, seen.connections, 'the viewer had to connect again');
    assert.equal(now.state, 'connected');
    const lost = now.lost - seen.lost, got = now.received - seen.received;
    assert.ok(lost <= Math.max(5, got / 100), `${lost} packets lost of ${got}`);
    assert.deepEqual(['market', 'relay', 'ingest'].map((name) => stack.processes(name)[0]?.pid), programs, 'a program died');
    const after = await figures(metricsPort);
    const grown = Object.fromEntries(Object.keys(after).map((k) => [k, after[k] - (counted[k] ?? 0)]));
    return [result, grown];
}
const event = (name) => `relay_events_total{event="${name}"}`;
/** What a datagram costs that claims to be the viewer's, where the kernel lets us claim that; and what it costs otherwise. */
const cost = (result, claimed, plain) => (result.spoofed ? claimed : plain);

describe('datagrams of strangers, a browser watching', () => {
    test('M1: hellos from an address that proved nothing stop at the gate, unanswered', async () => {
        const [sent, grown] = await survives(() => attack('hello', 2000));
        assert.ok(grown.relay_dtls_gate_drop_total >= sent.sent * 0.5, JSON.stringify([sent, grown.relay_dtls_gate_drop_total]));
        assert.equal(sent.replies, 0);
    });

    test('M1: hellos and broken records in the middle of a call end nothing', async () => {
        const [sent, grown] = await survives(async () => attack('hello', 2000, ['--as', (await learnPorts()).viewer]));
        const what = cost(sent, event('dtls_ignored'), 'relay_dtls_gate_drop_total');
        assert.ok(grown[what] >= sent.sent * 0.5, JSON.stringify([sent, grown[what]]));
    });

    test('M2: 10,000 packets of garbage on the live path', async () => {
        const [sent, grown] = await survives(async () => attack('garbage', 10000, ['--as', (await learnPorts()).viewer]));
        const refused = grown.relay_srtp_auth_fail_total + grown.relay_srtcp_auth_fail_total + grown[event('rtp_unproved')];
        assert.ok(refused >= 5000, JSON.stringify([sent, refused]));
    });

    test('M3: media injected from another port', async () => {
        const [sent, grown] = await survives(() => attack('garbage', 2000));
        assert.ok(grown[event('rtp_unproved')] >= 1000, JSON.stringify([sent, grown[event('rtp_unproved')]]));
        assert.equal(sent.replies, 0);
    });

    test('M4: what the viewer sent, caught and sent again', async () => {
        const [sent, grown] = await survives(async () => attack('replay', 1000, ['--as', (await learnPorts()).viewer]));
        if (sent.spoofed) assert.ok(sent.caught > 0 && grown.relay_srtp_replayed_total + grown[event('srtcp_replayed')] >= sent.sent * 0.5, JSON.stringify(sent));
        else assert.equal(sent.sent, 0, 'nothing can be caught without the right to');
    });

    test('M5: floods of checks with a wrong name or a wrong password get no answer', async () => {
        const [strangers, one] = await survives(() => attack('stranger', 3000));
        assert.ok(one[event('stun_unknown')] >= 1500, JSON.stringify(one[event('stun_unknown')]));
        const [liars, two] = await survives(async () => attack('liar', 3000, ['--ufrag', (await learnPorts()).ufrag]));
        assert.ok(two.relay_ice_bad_integrity_total >= 1500, JSON.stringify(two.relay_ice_bad_integrity_total));
        assert.equal(strangers.replies + liars.replies, 0);
    });

    test('M8: datagrams of every length and first byte', async () => {
        const [sent, grown] = await survives(() => attack('odd', 0, ['--seconds', seconds]));
        figure('M8', { seconds, datagrams: sent.sent });
        assert.ok(sent.sent >= 1000, JSON.stringify(sent));
        assert.ok(grown[event('datagrams_odd')] > 0 && grown[event('datagrams_long')] > 0);
        assert.ok(sent.reply_bytes <= sent.sent_bytes);
        assert.equal(sent.replies, 0);
    }, patience);
});

describe('offers and viewers', () => {
    test('M6: offers whose handshake never comes are let go', async () => {
        const guest = stack.client();
        const statuses = {};
        const [, grown] = await survives(async () => {
            for (let left = offers; left > 0; left -= 60) {
                const replies = await Promise.all(Array.from({ length: Math.min(left, 60) }, () =>
                    guest.send('POST', `/whep/${stack.demo.stall}`, { text: offer('recvonly'), ...sdp })));
                for (const { status, text } of replies) {
                    assert.ok([201, 429, 503].includes(status), text);
                    statuses[status] = (statuses[status] ?? 0) + 1;
                }
            }
        });
        figure('M6', { offers, statuses });
        assert.ok(statuses[201] > 0);
        assert.equal(grown.relay_joins_total, 0);
        await until('the half-open ones to be gone', async () => (await figures(metricsPort)).relay_viewers === 1, { ms: 60000 });
    }, patience);

    test('M7: a viewer who asks for everything, always, costs the others nothing', async () => {
        const [, grown] = await survives(() => run('swarm', ['--whep', `${stack.origin}/whep/${stack.demo.stall}`, '--insecure',
            '--viewers', 1, '--storm', '--settle', 0, '--duration', 3]));
        figure('storm', { nacks: grown.relay_nack_total, plis: grown.relay_pli_total, asked: grown.relay_keyframes_asked_total, resent: grown.relay_resent_packets_total });
        assert.ok(grown.relay_pli_total > 100 && grown.relay_nack_total > 1000);
        assert.ok(grown.relay_keyframes_asked_total <= 40, `${grown.relay_keyframes_asked_total} keyframes were asked from the phone`);
        assert.ok(grown[event('resend_budget')] > 0 || grown.relay_resent_packets_total < grown.relay_nack_total / 4);
    });

    test('M11: offers made to explode are refused in words', async () => {
        const guest = stack.client();
        const bombs = {
            'too long': offer('recvonly') + 'a=x:'.padEnd(15 * 1024, 'x') + '\r\n',
            'many lines': offer('recvonly') + 'a=x\r\n'.repeat(2500),
            'many sections': offer('recvonly', { audios: 40, videos: 40, bundle: false }),
            'a number without end': offer('recvonly').replace('a=rtpmap:96', `a=rtpmap:${'9'.repeat(400)}`),
            'nothing but zeros': `v=0\r\n${'\0'.repeat(4000)}`,
            'far too big': 'v=0\r\n'.padEnd(600 * 1024, 'a=y\r\n'),
        };
        await survives(async () => {
            for (const [name, text] of Object.entries(bombs)) {
                const reply = await guest.send('POST', `/whep/${stack.demo.stall}`, { text, ...sdp });
                assert.ok([400, 413, 422].includes(reply.status), `${name}: ${reply.status} ${reply.text.slice(0, 200)}`);
            }
        });
    });

    test('M12: candidates that point elsewhere: no packet leaves for them', async () => {
        const [trap, control] = await Promise.all([trapSocket(), trapSocket()]);
        const word = 'nha-ai-o-dau';
        const names = ['127.0.0.1', '169.254.169.254', '0.0.0.0', 'localhost', `${word}.local`, `${word}.example`, '192.0.2.77', '::1', '2001:db8::77'];
        const lines = [
            ...names.map((name, i) => `a=candidate:${i + 1} 1 udp ${2130706431 - i} ${name} ${trap.port} typ host`),
            `a=candidate:50 1 udp 2130700000 127.0.0.1 ${stack.udpPort} typ host`,
            `a=candidate:51 1 tcp 1518280447 127.0.0.1 ${trap.port} typ host tcptype passive`,
        ];
        const places = [`* ${trap.port}`, '169.254.169.254', '192.0.2.77', '2001:db8::77', `127.0.0.1 ${stack.udpPort} ${stack.udpPort}`];
        const watch = await witness([...places.flatMap((place) => ['--to', place]), '--word', word, '--to', `* ${control.port}`, '--word', 'co-thay-khong']);
        const guest = stack.client();
        await survives(async () => {
            const text = offer('recvonly', { edit: (all) => [...all, ...lines] });
            const reply = await guest.send('POST', `/whep/${stack.demo.stall}`, { text, ...sdp });
            assert.equal(reply.status, 201, reply.text);
            const url = new URL(reply.headers.location, stack.origin).pathname;
            const frag = [`a=ice-ufrag:${attribute(text, 'ice-ufrag')}`, `a=ice-pwd:${attribute(text, 'ice-pwd')}`, 'm=audio 9 UDP/TLS/RTP/SAVPF 111', 'a=mid:0', ...lines];
            const patched = await guest.send('PATCH', url, { text: frag.join('\r\n') + '\r\n', type: 'application/trickle-ice-sdpfrag', headers: { 'if-match': reply.headers.etag } });
            assert.equal(patched.status, 204, patched.text);
        });
        await new Promise((done) => trap.socket.send('co-thay-khong', control.port, '127.0.0.1', done)); // a witness that sees nothing proves nothing
        await until('the control to arrive', () => control.caught > 0);
        for (const { socket } of [trap, control]) socket.close();
        assert.equal(trap.caught, 0);
        const saw = await watch();
        if (!saw) return; // no right to listen (CAP_NET_RAW): the trap alone
        figure('M12: packets looked at', saw.seen);
        const count = Object.fromEntries(saw.hits.map((hit) => [hit.what, hit.count]));
        assert.ok(count[`* ${control.port}`] > 0 && count['co-thay-khong'] > 0, JSON.stringify(saw));
        assert.equal(saw.dropped, 0);
        for (const place of [...places, word]) assert.equal(count[place], 0, `a packet left: ${JSON.stringify(saw)}`);
    });
});

// Whoever is let in can still send nonsense, sealed as it should be: it goes past the relay's keys into ingest and studio.
describe('a phone with the right token', () => {
    const publish = (slug, token, more) => run('swarm', ['--publish', '--whip', `${stack.origin}/whip/${slug}`, '--token', token, '--insecure', '--viewers', 0, '--settle', 0, ...more]);
    let other, token;
    before(async () => {
        other = await makeStall(stack);
        await approvedLive(other);
        token = await publishToken(other);
    });

    test('M9: media bent before it is sealed costs its own room a picture at most, and the room is well again with a clean phone', async () => {
        const clean = () => stack.phone({ stall: other.slug, token, codec: 'h264' });
        let phone = await clean();
        await until('the other room to be live', async () => (await stack.client().get(`/api/v1/stalls/${other.slug}`)).body.room.state === 'live', { ms: 60000 });
        const buyer = await browser.person(stack);
        await buyer.goto(`/s/${other.slug}`);
        await pictureMoves(buyer, 'the clean picture');
        await stack.stopPhone(phone);
        for (const share of seconds < 20 ? [30, 100] : [2, 30, 100]) {
            const [sent, grown] = await survives(() => publish(other.slug, token, ['--duration', seconds / 3, '--spite', share, '--seed', seed]));
            figure('M9', { share, seed, seconds: seconds / 3, packets: sent.publisher.packets_per_s, bent: sent.publisher.bent, malformed: grown[event('rtp_malformed')], deaths: grown.relay_child_deaths_total });
            assert.ok(sent.publisher.bent > 0, JSON.stringify(sent));
        }
        phone = await clean();
        await pictureMoves(buyer, 'the picture of the clean phone');
        assert.deepEqual(buyer.trouble, []);
        await buyer.context().close();
        await stack.stopPhone(phone);
    }, patience);

    // The row speaks of SRT, which there is none of here: its handshakes are DTLS's, its passphrase the token and the fingerprint.
    test('M10: handshakes by the hundred with another certificate than the offer promised, and wrong tokens', async () => {
        const [guests, grown] = await survives(() => run('swarm', ['--whep', `${stack.origin}/whep/${stack.demo.stall}`, '--insecure', '--forge',
            '--viewers', 200, '--rate', 100, '--settle', 0, '--duration', 0.1]));
        assert.ok(grown[event('dtls_fingerprint')] >= 180, JSON.stringify([guests, grown[event('dtls_fingerprint')]]));
        assert.equal(guests.media.packets, 0); // they shook hands, and got nothing
        assert.equal(grown.relay_joins_total, 0);
        const [phone, after] = await survives(() => publish(other.slug, token, ['--forge', '--duration', 0.1]));
        assert.ok(after[event('dtls_fingerprint')] >= 1, JSON.stringify(phone));
        assert.notEqual((await stack.client().get(`/api/v1/stalls/${other.slug}`)).body.room.state, 'live');
        const [replies] = await survives(() => Promise.all(Array.from({ length: 200 }, (_, i) => stack.client(undefined, { bearer: `${i}`.padStart(43, 'A') })
            .send('POST', `/whip/${stack.demo.stall}`, { text: offer('sendonly'), ...sdp }))));
        for (const reply of replies) assert.ok([401, 403, 429].includes(reply.status), reply.text);
    }, patience);
});

/** A UDP socket that counts what it gets. Its number is one that the kernel gives to nobody, so that what goes there was meant for it. */
async function trapSocket() {
    const trap = { socket: createSocket('udp4'), caught: 0 };
    trap.socket.on('message', () => trap.caught++);
    trap.port = await freePort('udp');
    await new Promise((done) => trap.socket.bind(trap.port, '127.0.0.1', done));
    return trap;
}

/** Sees all packets of this machine from now on. Gives what ends it and tells what it saw; that gives nothing where nobody may listen. */
async function witness(args) {
    const child = spawn('setpriv', ['--pdeathsig', 'KILL', join(build, 'bin/witness'), ...args.map(String)], { stdio: ['pipe', 'pipe', 'pipe'] });
    let said = '', complaint = '', over = false;
    child.stdout.on('data', (part) => (said += part));
    child.stderr.on('data', (part) => (complaint += part));
    child.on('close', () => (over = true));
    await until('the witness to look', () => over || said.includes('ready\n'));
    return async () => {
        child.stdin.on('error', () => {}).end();
        await until('the witness to end', () => over);
        if (/not permitted/.test(complaint)) return null;
        assert.equal(complaint, '');
        return JSON.parse(said.split('\n')[1]);
    };
}

/** Do all threads of a process have a filter of calls, which no exec can lift? */
const shut = ({ pid }) => readdirSync(`/proc/${pid}/task`).every((thread) => {
    const status = readFileSync(`/proc/${pid}/task/${thread}/status`, 'utf8');
    return /^NoNewPrivs:\t1$/m.test(status) && /^Seccomp:\t2$/m.test(status);
});

// Somebody who has taken a process over by a packet finds these walls. The intruder makes every thread of it try the ways out, the
// others go on meanwhile.
describe('a process that was taken over', () => {
    for (const name of ['relay', 'ingest', 'studio']) {
        test(`${name}: no thread can open, start, dial or trace anything`, async () => {
            const { pid } = await until(`a ${name} behind its walls`, () => stack.processes(name).find(shut), { ms: 60000 }); // a new one loads first
            const [tried] = await survives(() => run('intruder', [pid]));
            figure(`${name}: tried from inside`, tried);
            assert.ok(tried.threads >= 1 && tried.tried >= 20 * tried.threads, JSON.stringify(tried));
            assert.deepEqual(tried.succeeded, []);
        });
    }

    test('the relay has nothing open but sockets and its own signals', () => {
        const { pid } = stack.processes('relay')[0];
        const open = readdirSync(`/proc/${pid}/fd`).filter((fd) => fd > 2).map((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`));
        assert.deepEqual(open.filter((name) => !/^socket:|^anon_inode:\[event(poll|fd)\]/.test(name)), []);
    });

    test('the relay has one thread for its one worker, whoever watches', () => {
        assert.equal(readdirSync(`/proc/${stack.processes('relay')[0].pid}/task`).length, 1);
    });

    test('this machine has both walls', async () => {
        const now = await figures(metricsPort);
        assert.equal(now[event('no_landlock')] + now[event('no_seccomp')], 0);
    });
});
