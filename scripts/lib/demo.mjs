// demo.mjs: reads DIR/demo.json for scripts/run.
//   node demo.mjs get FILE a.b.c       prints one value
//   node demo.mjs logins FILE          prints who can log in, and where
//   node demo.mjs farmer-link FILE HOST  asks the running market for a one-time log-in link of the demo farmer, on HOST
import { readFileSync } from 'node:fs';
import { request } from 'node:https';
import { randomBytes } from 'node:crypto';

const [verb, file, arg] = process.argv.slice(2);
const demo = JSON.parse(readFileSync(file, 'utf8'));

function call(method, path, body) {
    const url = new URL(path, demo.origin);
    const headers = { authorization: `Bearer ${demo.tokens.cadre}`, host: url.host };
    if (body) headers['content-type'] = 'application/json';
    const text = body ? JSON.stringify(body) : undefined;
    if (text) headers['content-length'] = Buffer.byteLength(text);
    return new Promise((resolve, reject) => {
        // Loopback by its number: a bare machine may not know the name yet. The certificate is the one that our market has just made.
        const options = { host: '127.0.0.1', port: url.port, path: url.pathname + url.search, servername: url.hostname };
        const req = request({ ...options, method, headers, rejectUnauthorized: false, timeout: 15000 }, (res) => {
            let answer = '';
            res.setEncoding('utf8').on('data', (part) => (answer += part)).on('end', () => {
                if (res.statusCode >= 300) reject(new Error(`${method} ${path}: ${res.statusCode} ${answer}`));
                else resolve(JSON.parse(answer));
            });
        });
        req.on('error', reject).on('timeout', () => req.destroy(new Error('no answer')));
        req.end(text);
    });
}

async function farmerLink(host) {
    const { people } = await call('GET', '/api/v1/people?role=farmer');
    const digits = (phone) => phone.replace(/\D/g, '').replace(/^0/, '84');
    const farmer = people.find((p) => digits(p.phone) === digits(demo.people.farmer.phone)) ?? people[0];
    const link = await call('POST', `/api/v1/people/${farmer.id}/links`, { key: randomBytes(16).toString('hex') });
    const url = new URL(link.url, demo.origin);
    url.hostname = host.includes(':') ? `[${host}]` : host;
    return url.href;
}

if (verb === 'get') {
    console.log(arg.split('.').reduce((value, name) => value?.[name], demo) ?? '');
} else if (verb === 'logins') {
    const pages = { farmer: '/golive', buyer: `/s/${demo.stall}`, cadre: '/sessions', admin: '/sessions', courier: '/courier' };
    console.log(`  stall    ${demo.origin}/s/${demo.stall}   (buyers need no log-in)`);
    for (const [role, { phone, password }] of Object.entries(demo.people)) {
        console.log(`  ${role.padEnd(8)} ${phone}  ${password}   ${demo.origin}/login then ${pages[role] ?? '/'}`);
    }
} else if (verb === 'farmer-link') {
    console.log(await farmerLink(arg));
} else {
    console.error('usage: demo.mjs get|logins|farmer-link FILE [ARG]');
    process.exit(2);
}
