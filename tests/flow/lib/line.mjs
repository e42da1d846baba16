// line.mjs: a narrow or lossy line for the media of one page alone (tests/load/link/badlink.c, a UDP proxy): what the page does
// over HTTPS stays as it is. Needs no root, other than badnet.mjs.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { build } from './stack.mjs';
import { until } from './until.mjs';

export class Line {
    /** Lays lines to so many workers of the relay, each with a port of its own. `args`: of badlink, as '--delay', 20. */
    static async lay(stack, { workers = 1, args = [] } = {}) {
        const line = new Line();
        line.ends = await Promise.all(Array.from({ length: workers }, (_, i) => open(stack.udpPort + i, args)));
        return line;
    }

    /** From now on the page's connections reach each worker by the line to it alone. Before its first goto. */
    lead(page) {
        return page.addInitScript(takeTheLine, Object.fromEntries(this.ends.map((end) => [end.relayPort, end.port])));
    }

    /** Weather: "down rate 300", "loss 5", "block"… */
    set(...commands) {
        for (const { child } of this.ends) child.stdin.write(commands.map((command) => `${command}\n`).join(''));
    }

    cut() {
        for (const { child } of this.ends) child.kill('SIGTERM');
    }
}

async function open(relayPort, args) {
    const child = spawn('setpriv', ['--pdeathsig', 'KILL', join(build, 'bin/badlink'), '--listen', '127.0.0.1:0', '--to', `127.0.0.1:${relayPort}`, ...args.map(String)],
        { stdio: ['pipe', 'pipe', 'inherit'] });
    let said = '';
    child.stdout.on('data', (part) => (said += part));
    const [, port] = await until('the line to be laid', () => /ready (\d+)/.exec(said));
    return { child, relayPort, port: Number(port) };
}

/** In the page. */
function takeTheLine(portOf) {
    const Real = window.RTCPeerConnection;
    window.relayPorts = [];
    window.RTCPeerConnection = class extends Real {
        setRemoteDescription({ type, sdp }) {
            const here = sdp.replace(/^a=candidate:\S+ 1 tcp .*\r\n/gm, '').replace(/^(a=candidate:\S+ 1 udp \d+) \S+ (\d+)/gm, (_, start, port) => {
                window.relayPorts.push(Number(port));
                return `${start} 127.0.0.1 ${portOf[port]}`;
            });
            return super.setRemoteDescription({ type, sdp: here });
        }
    };
}
