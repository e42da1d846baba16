// firefox.mjs: Debian's Firefox without a screen, driven by WebDriver BiDi (W3C), which it speaks by itself on a WebSocket.
// Only what these tests need: one page, scripts in it.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import { freePort } from '../../flow/lib/ports.mjs';
import { until } from '../../flow/lib/until.mjs';

const PREFERENCES = {
    'media.gmp-manager.updateEnabled': false, 'media.gmp-manager.url': '', 'media.autoplay.default': 0,   // no H.264 plugin is fetched
    'app.update.enabled': false, 'datareporting.policy.dataSubmissionEnabled': false, 'network.captive-portal-service.enabled': false,
    'network.connectivity-service.enabled': false, 'browser.safebrowsing.downloads.enabled': false, 'extensions.update.enabled': false,
    'browser.shell.checkDefaultBrowser': false, 'services.settings.server': 'https://localhost:9/', 'toolkit.telemetry.reportingpolicy.firstRun': false,
    'media.peerconnection.ice.loopback': true,
};

export class Firefox {
    static async start() {
        const firefox = new Firefox();
        firefox.profile = mkdtempSync(join(tmpdir(), 'cho-firefox-'));
        writeFileSync(join(firefox.profile, 'user.js'),
            Object.entries(PREFERENCES).map(([name, value]) => `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});\n`).join(''));
        const port = await freePort('tcp');
        firefox.child = spawn('setpriv', ['--pdeathsig', 'KILL', process.env.FIREFOX ?? 'firefox-esr', '--headless', '--no-remote',
            '--profile', firefox.profile, '--remote-debugging-port', String(port)], {
            stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, HOME: firefox.profile, MOZ_HEADLESS_WIDTH: '400', MOZ_HEADLESS_HEIGHT: '800' },
        });
        firefox.log = '';
        for (const pipe of [firefox.child.stdout, firefox.child.stderr]) pipe.on('data', (text) => (firefox.log += text));
        firefox.ended = new Promise((done) => firefox.child.on('exit', done));
        await until('Firefox to listen', () => /WebDriver BiDi listening/.test(firefox.log), { ms: 60000 })
            .catch((error) => { throw new Error(`${error.message}\n${firefox.log}`); });
        await firefox.connect(`ws://127.0.0.1:${port}/session`);
        return firefox;
    }

    async connect(url) {
        this.socket = new WebSocket(url);
        this.waiting = new Map();
        await new Promise((done, fail) => this.socket.on('open', done).on('error', fail));
        this.socket.on('message', (text) => {
            const message = JSON.parse(text);
            const call = this.waiting.get(message.id);
            if (!call) return;
            this.waiting.delete(message.id);
            if (message.type === 'error') call.fail(new Error(`${message.error}: ${message.message}`));
            else call.done(message.result);
        });
        await this.send('session.new', { capabilities: { alwaysMatch: { acceptInsecureCerts: true } } });
        const { contexts: [{ context }] } = await this.send('browsingContext.getTree', {});
        this.context = context;
    }

    send(method, params) {
        const id = (this.count = (this.count ?? 0) + 1);
        return new Promise((done, fail) => {
            this.waiting.set(id, { done, fail });
            this.socket.send(JSON.stringify({ id, method, params }));
        });
    }

    goto(url) { return this.send('browsingContext.navigate', { context: this.context, url, wait: 'complete' }); }

    /** Runs before the scripts of each page that comes. */
    atStart(run) { return this.send('script.addPreloadScript', { functionDeclaration: String(run) }); }

    /** What the (async) function gives in the page, by way of JSON. */
    async evaluate(run) {
        const answer = await this.send('script.callFunction', {
            functionDeclaration: `async () => JSON.stringify(await (${run})())`, target: { context: this.context }, awaitPromise: true,
        });
        if (answer.type === 'exception') throw new Error(answer.exceptionDetails.text);
        return JSON.parse(answer.result.value ?? 'null');
    }

    async stop() {
        this.socket?.terminate();
        this.child.kill('SIGKILL');
        await this.ended;
        rmSync(this.profile, { recursive: true, force: true, maxRetries: 5 });
    }
}
