// push_service.mjs: a push service of our own (RFC 8030) and the browser behind it: checks the VAPID token (RFC 8292) and opens the
// message (RFC 8291) with node's crypto, from the RFCs and not from the market's code.
import { createServer } from 'node:https';
import { createDecipheriv, createECDH, createHmac, createPublicKey, randomBytes, verify } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './ports.mjs';

const url64 = (bytes) => Buffer.from(bytes).toString('base64url');

/** A browser's keys: what it sends to the market, and `open`, which reads what the push service brings. */
export class BrowserKeys {
    constructor() {
        this.ecdh = createECDH('prime256v1');
        this.ecdh.generateKeys();
        this.secret = randomBytes(16);
        this.p256dh = url64(this.ecdh.getPublicKey());
        this.auth = url64(this.secret);
    }

    open(body) {
        const salt = body.subarray(0, 16);
        const size = body.readUInt32BE(16);
        const idLength = body[20];
        const theirs = body.subarray(21, 21 + idLength);
        const record = body.subarray(21 + idLength);
        if (record.length > size) throw new Error('more than one record');
        const hkdf = (salted, from, info, length) => {
            const key = createHmac('sha256', salted).update(from).digest();
            return createHmac('sha256', key).update(info).update(Buffer.from([1])).digest().subarray(0, length);
        };
        const zero = Buffer.from([0]);
        const material = hkdf(this.secret, this.ecdh.computeSecret(theirs), Buffer.concat([Buffer.from('WebPush: info'), zero, this.ecdh.getPublicKey(), theirs]), 32);
        const key = hkdf(salt, material, Buffer.concat([Buffer.from('Content-Encoding: aes128gcm'), zero]), 16);
        const nonce = hkdf(salt, material, Buffer.concat([Buffer.from('Content-Encoding: nonce'), zero]), 12);
        const cipher = createDecipheriv('aes-128-gcm', key, nonce).setAuthTag(record.subarray(-16));
        const text = Buffer.concat([cipher.update(record.subarray(0, -16)), cipher.final()]);
        const end = text.lastIndexOf(2);
        if (end < 0 || text.subarray(end + 1).some((b) => b !== 0)) throw new Error('no end mark');
        return JSON.parse(text.subarray(0, end).toString());
    }
}

/** The token's claims when it is signed by the key it names, and that key. */
export function readVapid(header) {
    const [, token, key] = /^vapid t=([\w-]+\.[\w-]+\.[\w-]+), k=([\w-]+)$/.exec(header) ?? [];
    if (!token) throw new Error(`no vapid header: ${header}`);
    const [head, claims, signature] = token.split('.');
    const point = Buffer.from(key, 'base64url');
    const pub = createPublicKey({ format: 'jwk', key: { kty: 'EC', crv: 'P-256', x: url64(point.subarray(1, 33)), y: url64(point.subarray(33)) } });
    const good = verify('sha256', Buffer.from(`${head}.${claims}`), { key: pub, dsaEncoding: 'ieee-p1363' }, Buffer.from(signature, 'base64url'));
    if (!good) throw new Error('the token is not signed by its key');
    return { head: JSON.parse(Buffer.from(head, 'base64url')), claims: JSON.parse(Buffer.from(claims, 'base64url')), key };
}

export class PushService {
    static async start() {
        const service = new PushService();
        service.dir = mkdtempSync(join(tmpdir(), 'push-'));
        service.port = await freePort('tcp');
        service.authority = `localhost:${service.port}`;
        service.origin = `https://${service.authority}`;
        service.ca = join(service.dir, 'cert.pem');
        execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2', '-subj', '/CN=push',
            '-addext', 'subjectAltName=DNS:localhost', '-keyout', join(service.dir, 'key.pem'), '-out', service.ca], { stdio: 'ignore' });
        service.got = [];
        service.answers = new Map();          // path → statuses to answer first
        service.server = createServer({ cert: readFileSync(service.ca), key: readFileSync(join(service.dir, 'key.pem')) }, (req, res) => service.take(req, res));
        await new Promise((done) => service.server.listen(service.port, '127.0.0.1', done));
        return service;
    }

    take(req, res) {
        const parts = [];
        req.on('data', (part) => parts.push(part)).on('end', () => {
            const status = this.answers.get(req.url)?.shift() ?? 201;
            this.got.push({ path: req.url, method: req.method, headers: req.headers, body: Buffer.concat(parts), status });
            res.writeHead(status, status === 429 ? { 'retry-after': '1' } : {}).end();
        });
    }

    at(path) { return this.got.filter((m) => m.path === path); }

    async stop() {
        this.server.closeAllConnections();
        await new Promise((done) => this.server.close(done));
        rmSync(this.dir, { recursive: true, force: true });
    }
}
