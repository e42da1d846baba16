// api.mjs: a small HTTPS client that behaves like a browser where it matters: cookies, Origin, JSON.
import { Agent, request } from 'node:https';
import { randomBytes } from 'node:crypto';

export const newKey = () => randomBytes(16).toString('hex');

export class Client {
    /** `origin` https://localhost:PORT; `ca` the certificate to trust; `bearer` a token, if any; `lang` asked for. */
    constructor(origin, { ca, bearer, lang } = {}) {
        this.origin = origin;
        this.bearer = bearer;
        this.lang = lang;
        this.cookies = new Map();
        this.agent = new Agent({ keepAlive: true, ca, maxSockets: 32 });
    }

    /** Sends one request; resolves with {status, headers, text, body} (body: parsed when JSON). Never rejects on 4xx or 5xx. */
    send(method, path, { body, text, type, headers = {} } = {}) {
        const payload = text ?? (body === undefined ? undefined : JSON.stringify(body));
        const all = { ...headers };
        if (payload !== undefined) {
            all['content-type'] ??= type ?? 'application/json';
            all['content-length'] = Buffer.byteLength(payload);
        } else if (method !== 'GET' && method !== 'HEAD') {
            all['content-length'] ??= 0;
        }
        if (this.bearer) all.authorization ??= `Bearer ${this.bearer}`;
        if (this.lang) all['accept-language'] ??= this.lang;
        if (this.cookies.size > 0) all.cookie ??= [...this.cookies].map(([n, v]) => `${n}=${v}`).join('; ');
        if (method !== 'GET' && method !== 'HEAD') all.origin ??= this.origin;
        return new Promise((resolve, reject) => {
            const req = request(new URL(path, this.origin), { method, headers: all, agent: this.agent }, (res) => {
                const parts = [];
                res.on('error', reject).on('data', (part) => parts.push(part)).on('end', () => {
                    this.keepCookies(res.headers['set-cookie']);
                    resolve(answer(res, Buffer.concat(parts)));
                });
            });
            req.setTimeout(60000, () => req.destroy(new Error(`${method} ${path}: no answer in 60 s`)));
            req.on('error', reject).end(payload);
        });
    }

    keepCookies(lines = []) {
        for (const line of lines) {
            const [pair, ...rest] = line.split(/; */);
            const at = pair.indexOf('=');
            const gone = rest.some((r) => /^max-age=0$/i.test(r));
            if (gone || at === pair.length - 1) this.cookies.delete(pair.slice(0, at));
            else this.cookies.set(pair.slice(0, at), pair.slice(at + 1));
        }
    }

    get(path, options) { return this.send('GET', path, options); }
    post(path, body, options) { return this.send('POST', path, { body, ...options }); }
    patch(path, body, options) { return this.send('PATCH', path, { body, ...options }); }
    del(path, options) { return this.send('DELETE', path, options); }
    close() { this.agent.destroy(); }
}

function answer(res, bytes) {
    const text = bytes.toString('utf8');
    let body;
    if (/\bjson\b/.test(res.headers['content-type'] ?? '')) body = JSON.parse(text);
    return { status: res.statusCode, headers: res.headers, bytes, text, body };
}

/** The body of a good answer; anything else fails the test with the problem document in the message. */
export function ok(reply, status = 200) {
    if (reply.status !== status) throw new Error(`expected ${status}, got ${reply.status}: ${reply.text.slice(0, 500)}`);
    return reply.body;
}
