// live.mjs: a client of the WebSocket /live that remembers all it heard.
import WebSocket from 'ws';
import { until } from './until.mjs';

export class Live {
    /** Opens the socket and joins. `who` is a Client (its cookie or bearer is used); `mark` continues after that row. */
    static async join(who, stall, { mark, ca, origin = who.origin, ms } = {}) {
        const live = new Live();
        const headers = {};
        if (who.bearer) headers.authorization = `Bearer ${who.bearer}`;
        if (who.cookies.size > 0) headers.cookie = [...who.cookies].map(([n, v]) => `${n}=${v}`).join('; ');
        live.messages = [];
        live.socket = new WebSocket(who.origin.replace(/^https/, 'wss') + '/live', {
            ca: ca ?? who.agent.options.ca, origin, headers, perMessageDeflate: false,
        });
        live.socket.on('message', (text) => live.messages.push(JSON.parse(text)));
        live.closed = new Promise((resolve) => live.socket.on('close', (code, reason) => resolve({ code, reason: String(reason) })));
        await new Promise((resolve, reject) => live.socket.once('open', resolve).once('error', reject));
        live.socket.on('error', () => {});
        live.send({ t: 'join', stall, ...(mark === undefined ? {} : { mark }) });
        try {
            await live.heard('state or joined', (m) => m.t === 'state' || m.t === 'joined', ms ? { ms } : {});
        } catch (error) {
            live.cut();
            throw error;
        }
        return live;
    }

    send(message) { this.socket.send(JSON.stringify(message)); }

    /** The first message that fits, waiting for it if it has not come yet. */
    heard(what, fits, options) { return until(`to hear ${what}`, () => this.messages.find(fits), { every: 10, ...options }); }

    get rows() { return this.messages.filter((m) => m.t === 'row'); }
    get state() { return this.messages.find((m) => m.t === 'state'); }

    /** Cuts the line as a dead zone does: no close frame. */
    cut() { this.socket.terminate(); }

    async close() {
        this.socket.close();
        await this.closed;
    }
}
