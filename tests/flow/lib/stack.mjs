// stack.mjs: the real programs, built with sanitizers, on free ports and a data directory of their own.
// Everything started here is stopped by `stop`, which fails when a program ended oddly, left a child behind or
// when a sanitizer said something.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, openSync, closeSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { Client, ok } from './api.mjs';
import { freePort } from './ports.mjs';
import { descendants, marked } from './processes.mjs';
import { until } from './until.mjs';

export const root = resolve(fileURLToPath(import.meta.url), '../../../..');
export const build = resolve(root, process.env.TEST_BUILD ?? 'build/asan');
export const web = resolve(root, process.env.TEST_WEB ?? 'build/web');
const REPORT = /(==\d+==ERROR: \w+Sanitizer|WARNING: ThreadSanitizer|runtime error: |LeakSanitizer has encountered)/;

const running = new Set();
process.on('exit', () => {
    for (const stack of running) stack.killAll();
});

function sanitizerSettings() {
    const suppressions = resolve(root, 'tests/lsan.supp');
    return {
        ASAN_OPTIONS: 'detect_leaks=1:exitcode=99',
        UBSAN_OPTIONS: 'print_stacktrace=1',
        LSAN_OPTIONS: `suppressions=${suppressions}:print_suppressions=0`,
        TSAN_OPTIONS: `exitcode=99:suppressions=${resolve(root, 'tests/tsan.supp')}`,
    };
}

export class Stack {
    /** `args`: more options for `market serve`; `demo`: with the demo commune; `wrap`: a command line to put before it;
     *  `host`: the address it is reached by; `workers`: threads of the relay, each with a port of its own from udpPort on. */
    static async start({ demo = true, args = [], env = {}, dir, wrap = [], host, workers = 1 } = {}) {
        const stack = new Stack();
        stack.marker = `CHO_TEST=${randomBytes(8).toString('hex')}`;
        stack.ownDir = dir === undefined;
        stack.dir = dir ?? mkdtempSync(join(tmpdir(), 'cho-'));
        stack.port = await freePort('tcp');
        stack.udpPort = await freePort('udp', { run: workers });
        stack.origin = `https://${host ?? 'localhost'}:${stack.port}`;
        stack.args = [...(host ? ['--host', host] : []), ...(workers > 1 ? ['--relay-workers', workers] : []), ...args];
        stack.demoWanted = demo;
        stack.env = env;
        stack.wrap = wrap;
        stack.clients = [];
        stack.phones = [];
        stack.logFile = join(tmpdir(), `cho-${stack.marker.slice(9)}.log`);
        running.add(stack);
        try {
            await stack.startMarket();
        } catch (error) {
            stack.failed = true;
            stack.killAll();
            throw error;
        }
        return stack;
    }

    get database() { return join(this.dir, 'market.db'); }
    get log() { return existsSync(this.logFile) ? readFileSync(this.logFile, 'utf8') : this.lastLog ?? ''; }
    get ca() { return readFileSync(join(this.dir, 'cert.pem')); }

    spawn(program, args) {
        const [file, ...rest] = [...this.wrap, program, ...args];
        return spawn('setpriv', ['--pdeathsig', 'KILL', file, ...rest], {
            stdio: ['ignore', 'pipe', this.logFd],
            env: { ...process.env, ...sanitizerSettings(), ...this.env, CHO_TEST: this.marker.slice(9) },
        });
    }

    /** Starts (or, after a kill, starts again) the market and with it the relay, and waits until it serves. */
    async startMarket() {
        this.logFd = openSync(this.logFile, 'a');
        const args = ['serve', '--data', this.dir, '--port', this.port, '--udp-port', this.udpPort, '--web', web,
            '--relay', join(build, 'bin/relay'), ...(this.demoWanted ? ['--demo'] : []), ...this.args].map(String);
        this.market = this.spawn(join(build, 'bin/market'), args);
        closeSync(this.logFd);
        const market = this.market;
        let out = '';
        market.stdout.on('data', (text) => (out += text));
        market.ended = new Promise((done) => market.on('exit', (code, signal) => { market.over = { code, signal }; done(market.over); }));
        const started = Date.now();
        await until('the market to be ready', () => {
            if (market.over) return true;
            return /^ready https:/m.test(out);
        }, { ms: 60000 });
        if (market.over) throw new Error(`the market ended at once with ${JSON.stringify(market.over)}:\n${tail(this.log)}`);
        this.startMs = Date.now() - started;
        if (this.demoWanted) this.demo = JSON.parse(readFileSync(join(this.dir, 'demo.json'), 'utf8'));
    }

    /** A client: `role` "farmer", "cadre", … of the demo people (by its bearer token), nothing: a stranger. */
    client(role, options = {}) {
        const client = new Client(this.origin, { ca: this.ca, bearer: role && this.demo.tokens[role], lang: 'en', ...options });
        this.clients.push(client);
        return client;
    }

    /** A client logged in as a demo person by phone number and password: has the session cookie. */
    async login(role) {
        const client = this.client();
        ok(await client.post('/api/v1/login', this.demo.people[role]));
        return client;
    }

    /** Processes of the stack by program name: "market", "relay", "nursery" (the relay's, has its command line), "ingest", "studio". */
    processes(name) {
        const all = [{ pid: this.market.pid, name: 'market' }, ...descendants(this.market.pid)];
        if (!name) return all;
        return all.filter((p) => p.name === name || (p.name !== 'nursery' && p.args?.[0]?.endsWith(`/${name}`)));
    }

    /** Our own GStreamer publisher, a stand-in for a phone's app. Reconnects by itself. */
    async phone({ stall = this.demo.stall, token = this.demo.tokens.farmer, codec, extra = [] } = {}) {
        const args = ['--url', `${this.origin}/whip/${stall}`, '--token', token, '--insecure', ...(codec ? ['--codec', codec] : []), ...extra];
        this.logFd = openSync(this.logFile, 'a');
        const child = this.spawn(join(build, 'bin/phone'), args);
        closeSync(this.logFd);
        child.stdout.on('data', () => {});
        child.ended = new Promise((done) => child.on('exit', (code, signal) => { child.over = { code, signal }; done(child.over); }));
        this.phones.push(child);
        return child;
    }

    async stopPhone(child) {
        child.stopping = true;
        if (!child.over) child.kill('SIGTERM');
        await until('the phone to end', () => child.over);
        this.phones = this.phones.filter((c) => c !== child);
        if (child.over.code !== 0 && child.over.signal !== 'SIGTERM') this.complain(`the phone ended with ${JSON.stringify(child.over)}`);
    }

    complain(words) { (this.complaints ??= []).push(words); }

    /** Stops all. Throws with every complaint there is: odd exits, processes left behind, sanitizer reports. */
    async stop() {
        if (!running.has(this)) return;
        try {
            for (const client of this.clients) client.close();
            for (const phone of [...this.phones]) await this.stopPhone(phone).catch((e) => this.complain(e.message));
            if (!this.market.over) {
                const family = descendants(this.market.pid);
                this.market.kill('SIGTERM');
                await until('the market to end after SIGTERM', () => this.market.over).catch((e) => this.complain(e.message));
                await until('all children to be gone', () => family.every((p) => !alive(p)))
                    .catch(() => this.complain(`still running: ${family.filter(alive).map((p) => p.name).join(', ')}`));
                if (this.market.over && this.market.over.code !== 0) this.complain(`the market ended with ${JSON.stringify(this.market.over)}`);
            }
            const strays = marked(this.marker);
            if (strays.length > 0) this.complain(`left behind: ${strays.map((p) => p.name).join(', ')}`);
            const log = this.log;
            const at = log.search(REPORT);
            if (at >= 0) this.complain(`a sanitizer reports:\n${log.slice(at, at + 6000)}`);
        } finally {
            this.killAll();
        }
        if (this.complaints) throw new Error(`${this.complaints.join('\n')}\n--- end of ${this.logFile}\n${tail(this.log)}`);
        this.lastLog = this.log;
        rmSync(this.logFile, { force: true });
    }

    /** The last resort: also for a test process that dies half way. */
    killAll() {
        running.delete(this);
        for (const p of marked(this.marker)) {
            try { process.kill(p.pid, 'SIGKILL'); } catch { /* gone by itself */ }
        }
        if (this.ownDir && !this.failed) rmSync(this.dir, { recursive: true, force: true });
    }
}

function alive(p) {
    try {
        process.kill(p.pid, 0);
        return readFileSync(`/proc/${p.pid}/stat`, 'utf8').split(') ')[1][0] !== 'Z';
    } catch {
        return false;
    }
}

const tail = (text, lines = 40) => text.trimEnd().split('\n').slice(-lines).join('\n');
