// The market's time never goes back: a machine that comes up with its clock behind (no battery, or set by hand) goes on from the
// latest time that was written, so that what was over stays over.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from './lib/test.mjs';
import { newKey, ok } from './lib/api.mjs';
import { makeStall, placeOrder } from './lib/commune.mjs';
import { rows } from './lib/database.mjs';
import { Stack } from './lib/stack.mjs';
import { until } from './lib/until.mjs';

const SECRET = 'clock-secret';
const AHEAD_MS = 20 * 60_000;       // a link lives 15 minutes
let stack, stall;

before(async () => {
    stack = await Stack.start({ args: ['--relay', 'none'] });
    stall = await makeStall(stack);
    writeFileSync(join(stack.dir, 'hooks.conf'), `[sepay]\nsecret=${SECRET}\n`, { mode: 0o600 });
});
after(() => stack?.stop());

const mark = () => rows(stack.database, 'SELECT at_ms FROM highwater')[0].at_ms;
const order = async () => ok(await placeOrder(stack.client(), stall, 100), 201).order;

const makeLink = async () => ok(await stall.cadre.post(`/api/v1/people/${stall.person.id}/links`, { key: newKey() }), 201);
const enter = (link) => stack.client().post('/api/v1/login/link', { code: link.url.replace('/l/', '') });

/** An empty notice that SePay signed at this moment; the status of the answer. */
async function knock(at) {
    const text = JSON.stringify({ id: at, test: true });
    const signature = `sha256=${createHmac('sha256', SECRET).update(`${at}.${text}`).digest('hex')}`;
    return (await stack.client().send('POST', '/api/v1/hooks/sepay', { text, headers: { 'x-sepay-timestamp': String(at), 'x-sepay-signature': signature } })).status;
}

async function stop(signal) {
    stack.market.kill(signal);
    await stack.market.ended;
}

test('no commit is later than the mark that is written with it', async () => {
    const { placed_at } = await order();
    await stop('SIGKILL');
    assert.ok(mark() >= placed_at);
    assert.ok(mark() >= rows(stack.database, 'SELECT MAX(at_ms) AS last FROM journal')[0].last);
    await stack.startMarket();
});

test('with the clock set back, time goes on from the mark, and a link from before is over', async () => {
    const link = await makeLink();
    await stop('SIGTERM');
    const behind = mark() + AHEAD_MS;       // the same to the market as a clock that was set back by as much
    execFileSync('sqlite3', ['-bail', stack.database, `UPDATE highwater SET at_ms = ${behind}`]);
    await stack.startMarket();
    assert.match(stack.log, /"event":"clock\.behind","seconds":\d+/);
    assert.equal((await enter(link)).status, 410);
    assert.equal((await enter(await makeLink())).status, 200);
    const first = await order();
    assert.ok(first.placed_at >= behind);
    assert.ok((await order()).placed_at >= first.placed_at);
    // a bank's messenger has the right time, and its money comes in all the same; an old notice does not
    const now = Math.floor(Date.now() / 1000);
    assert.deepEqual([await knock(now), await knock(now - 3600)], [200, 401]);
});

test('a person\'s word that the machine is right puts it back, for good', async () => {
    const before = mark();
    await stop('SIGTERM');
    stack.args.push('--trust-clock');
    await stack.startMarket();
    assert.ok((await order()).placed_at < before);
    await stop('SIGTERM');
    stack.args.pop();
    await stack.startMarket();
    assert.ok((await order()).placed_at < before);
});

test("with the clock behind, recordings and posters are named in the market's time, by which the farmer's \"now\" is found in them", async (t) => {
    const own = await Stack.start();
    t.after(() => own.stop());
    own.market.kill('SIGTERM');
    await own.market.ended;
    const ahead = Date.now() + AHEAD_MS;
    execFileSync('sqlite3', ['-bail', own.database, `UPDATE highwater SET at_ms = ${ahead}`]);
    await own.startMarket();
    await own.phone();
    const folder = join(own.dir, 'media', own.demo.stall);
    const named = (kind) => until(`a ${kind}`, () => {
        const names = (existsSync(folder) ? readdirSync(folder) : []).filter((n) => new RegExp(`^${kind}-\\d+\\.`).test(n));
        return names.length && Math.min(...names.map((n) => Number(n.match(/\d+/)[0])));
    });
    for (const kind of ['recording', 'poster']) {
        const at = await named(kind), now = Date.now() + AHEAD_MS;
        assert.ok(at >= ahead - 2000, `the ${kind} is ${ahead - at} ms before the market's time`); // whole seconds are passed on
        assert.ok(at <= now + 60_000, `the ${kind} is ${at - now} ms after the market's time`);
    }
});
