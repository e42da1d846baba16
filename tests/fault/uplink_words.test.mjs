// A weak line of the farmer's phone in words: her own page says so while it is weak and no longer when it is good again, the
// cadre's page says the same, and so it is for a phone whose app says nothing of itself.
import assert from 'node:assert/strict';
import { Browser, seen, tap, words } from '../flow/lib/browser.mjs';
import { Line } from '../flow/lib/line.mjs';
import { Live } from '../flow/lib/live.mjs';
import { Stack } from '../flow/lib/stack.mjs';
import { after, before, figure, test } from '../flow/lib/test.mjs';
import { publishing } from '../flow/lib/publishing.mjs';
import { until } from '../flow/lib/until.mjs';

let stack, browser, line, farmer, board, buyer;
before(async () => {
    stack = await Stack.start();
    browser = await Browser.start();
    line = await Line.lay(stack, { args: ['--delay', 20] });
    const [own, cadre] = await Promise.all([stack.login('farmer'), stack.login('cadre')]);
    farmer = await browser.person(stack, { camera: true, cookies: own.cookies });
    board = await browser.person(stack, { cookies: cadre.cookies });
    await line.lead(farmer);
    await farmer.goto('/golive');
    await tap(farmer, 'go');
    await seen(farmer, 'uplink', { timeout: 60000 });
    await board.goto('/sessions');
});
after(async () => {
    await buyer?.close();
    await browser?.stop();
    line?.cut();
    await stack?.stop();
});

/** Waits until both pages say so. */
async function bothSay(what) {
    const began = Date.now(), when = {};
    await until(`both pages to say "${what}"`, async () => {
        const said = { farmer: await words(farmer, 'uplink'), cadre: await words(board, `uplink-${stack.demo.stall}`) };
        for (const who of Object.keys(said)) if (said[who] === what) when[who] ??= Date.now() - began;
        return said.farmer === what && said.cadre === what;
    }, { ms: 60000, every: 100 });
    figure(`"${what}" after ms`, when);
}

test('a clean line is a good one, for the farmer and for the cadre', async () => {
    await bothSay('Mạng tốt');
});

test('a line that gets narrow is weak, narrower very weak, and wide again good', async () => {
    line.set('up rate 300');
    await bothSay('Mạng yếu');
    line.set('up rate 120');
    await bothSay('Mạng rất yếu');
    line.set('up rate 0');
    await bothSay('Mạng tốt');
});

test('a line that loses is weak although all of it is repaired, and good again when it loses no more', async () => {
    line.set('up loss 8');
    await bothSay('Mạng yếu');
    line.set('up loss 0');
    await bothSay('Mạng tốt');
    assert.equal(await farmer.evaluate(() => window.connections.length), 1, 'the phone had to connect again');
    assert.deepEqual([...farmer.trouble, ...board.trouble], []);
});

test('nobody but its farmer says how a line is, and no other words than these', async () => {
    buyer = await Live.join(await stack.login('buyer'), stack.demo.stall);
    buyer.send({ t: 'uplink', word: 'bad' });
    const own = await Live.join(stack.client('farmer'), stack.demo.stall);
    for (const word of ['none', 'worst', 7, null]) own.send({ t: 'uplink', word });
    own.send({ t: 'call', id: 'after', name: 'no-such', params: {} });
    await own.heard('the answer', (m) => m.t === 'reply' && m.id === 'after');
    const rooms = () => buyer.messages.filter((m) => m.t === 'room');
    const had = rooms().length;
    await until('the room to be told anew', () => rooms().length > had + 1);
    const said = [...new Set(rooms().map((m) => m.uplink))];      // by her page: on a busy machine her line may be weak for a moment
    assert.ok(said.every((word) => ['good', 'weak'].includes(word)), said.join());
    await own.close();
});

test('a phone whose app says nothing of itself: the cadre reads what the relay measures', async () => {
    await farmer.goto('/');    // leaving the page ends its connection
    await farmer.evaluate(publishing, { url: `${stack.origin}/whip/${stack.demo.stall}`, token: stack.demo.tokens.farmer });
    const cadreReads = (what) => until(`the cadre to read "${what}"`, async () => await words(board, `uplink-${stack.demo.stall}`) === what, { ms: 60000 });
    await cadreReads('Mạng tốt');
    line.set('up loss 8');
    await cadreReads('Mạng yếu');
    line.set('up loss 0');
    await cadreReads('Mạng tốt');
});
