// metrics.mjs: reads the market's /metrics and holds it to Prometheus' text form.
import assert from 'node:assert/strict';
import { request } from 'node:http';

/** One request to the private door: {status, type, text}. */
export function scrape(port, { path = '/metrics', host, method = 'GET' } = {}) {
    return new Promise((done, fail) => {
        const req = request({ host: '127.0.0.1', port, path, method, headers: host === undefined ? {} : { host } }, (res) => {
            let text = '';
            res.on('data', (part) => (text += part)).on('end', () => done({ status: res.statusCode, type: res.headers['content-type'], text }));
        });
        req.setTimeout(20000, () => req.destroy(new Error('no answer from /metrics')));
        req.on('error', fail).end();
    });
}

/** Checks each line; gives {sample: number} with the labels in the key, as written. */
export function parse(text) {
    const types = new Map();
    const samples = {};
    assert.ok(text.endsWith('\n'));
    for (const line of text.slice(0, -1).split('\n')) {
        const type = /^# TYPE ([a-z][a-z0-9_]*) (counter|gauge|histogram)$/.exec(line);
        if (type) {
            assert.ok(!types.has(type[1]), `${type[1]} comes twice`);
            if (type[2] === 'counter') assert.match(type[1], /_total$/);
            types.set(type[1], type[2]);
            continue;
        }
        if (/^# HELP [a-z][a-z0-9_]* \S.*$/.test(line)) continue;
        const sample = /^(([a-z][a-z0-9_]*)(?:\{[a-z]+="[^"\\\n]*"\})?) (\d+(?:\.\d+)?)$/.exec(line);
        assert.ok(sample, `not a sample: ${line}`);
        assert.ok(types.has(sample[2]) || types.get(sample[2].replace(/_(bucket|sum|count)$/, '')) === 'histogram', `${sample[2]} has no type before it`);
        assert.ok(!(sample[1] in samples), `${sample[1]} comes twice`);
        samples[sample[1]] = Number(sample[3]);
    }
    return samples;
}

export async function figures(port) {
    const reply = await scrape(port);
    assert.equal(reply.status, 200);
    return parse(reply.text);
}
