// sse.mjs: an open stream of server-sent events as WHEP has them, and all it has said.
import { request } from 'node:https';

export class EventStream {
    /** {status, headers, events: [[name, data], …], over} once its head is here. */
    static open(stack, path) {
        const stream = Object.assign(new EventStream(), { events: [], over: false });
        return new Promise((resolve, reject) => {
            stream.request = request(new URL(path, stack.origin), { ca: stack.ca, agent: false }, (res) => {
                Object.assign(stream, { status: res.statusCode, headers: res.headers });
                let text = '';
                res.setEncoding('utf8').on('data', (part) => {
                    const blocks = (text += part).split('\n\n');
                    text = blocks.pop();
                    for (const block of blocks) {
                        const event = /^event: (\w+)\ndata: (.*)$/.exec(block);
                        if (event) stream.events.push([event[1], JSON.parse(event[2])]);
                    }
                });
                res.on('close', () => (stream.over = true)).on('error', () => {});
                resolve(stream);
            });
            stream.request.on('error', reject).end();
        });
    }

    told(name) { return this.events.filter(([n]) => n === name).map(([, data]) => data); }

    close() { this.request.destroy(); }
}
