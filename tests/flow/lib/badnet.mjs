// badnet.mjs: a bad network between us and a network namespace of its own (tests/load/link/badnet.c): whoever runs behind it
// reaches the server only through loss, delay and the like. Needs root, as CI is.
import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomInt } from 'node:crypto';
import { build } from './stack.mjs';
import { until } from './until.mjs';

export class Badnet {
    /** Lays the cable. `server`: this end's address, `client`: the far one's. */
    static async lay() {
        const net = new Badnet();
        net.lines = [];
        net.said = '';
        net.child = spawn('setpriv', ['--pdeathsig', 'KILL', join(build, 'bin/badnet'), '--a', randomInt(64, 128), '--b', randomInt(0, 256)].map(String),
            { stdio: ['pipe', 'pipe', 'pipe'] });
        net.child.stderr.on('data', (text) => (net.said += text));
        net.child.stdout.on('data', (text) => net.lines.push(...`${text}`.split('\n').filter(Boolean)));
        net.child.on('exit', () => (net.over = true));
        await until('the cable to be laid', () => net.over || net.lines.length > 0);
        if (net.over) throw new Error(`badnet ended (is this root?): ${net.said}`);
        [, net.pid, net.server, net.client] = net.lines.shift().split(' ');
        net.dir = mkdtempSync(join(tmpdir(), 'badnet-'));
        return net;
    }

    /** Weather: "down loss 5", "delay 40", "up block", "move"… one after the other. Gives the last answer. */
    async set(...commands) {
        let answer;
        for (const command of commands) {
            const had = this.lines.length;
            this.child.stdin.write(`${command}\n`);
            await until(`badnet to obey "${command}"`, () => this.lines.slice(had).some((line) => /^(ok|what\?)$/.test(line)));
            answer = this.lines.splice(had);
            if (answer.includes('what?')) throw new Error(`badnet: what is "${command}"?`);
        }
        return answer;
    }
    calm() { return this.set('loss 0', 'delay 0', 'jitter 0', 'reorder 0', 'duplicate 0', 'rate 0', 'unblock'); }

    /** The words before a command line that make it run at the far end. */
    get wrap() { return ['nsenter', `--net=/proc/${this.pid}/ns/net`, '--']; }
    /** The same as a program, for whoever wants one name: `file` runs at the far end. */
    program(file) {
        const script = join(this.dir, 'far');
        writeFileSync(script, `#!/bin/sh\nexec ${this.wrap.join(' ')} ${file} "$@"\n`);
        chmodSync(script, 0o755);
        return script;
    }

    async cut() {
        this.child.kill('SIGTERM');
        await until('badnet to end', () => this.over);
        rmSync(this.dir, { recursive: true, force: true });
        if (this.said) throw new Error(`badnet: ${this.said}`);
    }
}
