// IPv6 from end to end: page, orders' socket and picture. Wants a machine with an IPv6 address of its own: browsers gather none otherwise.
import assert from 'node:assert/strict';
import { networkInterfaces } from 'node:os';
import { Browser, pictureMoves } from '../flow/lib/browser.mjs';
import { Stack } from '../flow/lib/stack.mjs';
import { after, before, test } from '../flow/lib/test.mjs';
import { until } from '../flow/lib/until.mjs';

let stack, browser;
before(async () => {
    const own = Object.values(networkInterfaces()).flat().some((a) => a.family === 'IPv6' && !a.internal && !a.address.startsWith('fe80'));
    assert.ok(own, 'this machine has no IPv6 address');
    stack = await Stack.start();
    browser = await Browser.start();
    await stack.phone();
    await until('the demo stall to be live', async () => (await stack.client().get(`/api/v1/stalls/${stack.demo.stall}`)).body.room.state === 'live', { ms: 60000 });
});
after(async () => {
    await browser?.stop();
    await stack?.stop();
});

/** In the page: nothing but IPv6 is heard of, and the connections are kept to be asked. */
function onlyIPv6() {
    const Real = window.RTCPeerConnection;
    window.connections = [];
    window.RTCPeerConnection = class extends Real {
        constructor(...args) {
            super(...args);
            window.connections.push(this);
        }

        setRemoteDescription({ type, sdp }) {
            return super.setRemoteDescription({ type, sdp: sdp.replace(/^a=candidate:\S+ 1 \w+ \d+ [0-9.]+ .*\r\n/gm, '') });
        }
    };
}

/** In the page: where the media comes from. */
async function source() {
    const report = await window.connections.at(-1).getStats();
    const remote = report.get(window.takenPath(report)?.remoteCandidateId);
    return remote && { address: remote.address, protocol: remote.protocol };
}

for (const protocol of ['udp', 'tcp']) {
    test(`a buyer whose network has IPv6 only watches over ${protocol}`, async () => {
        const page = await browser.person(stack);
        await page.addInitScript(onlyIPv6);
        if (protocol === 'tcp') {
            await page.addInitScript(() => {
                const { setRemoteDescription } = window.RTCPeerConnection.prototype;
                window.RTCPeerConnection.prototype.setRemoteDescription = function ({ type, sdp }) {
                    return setRemoteDescription.call(this, { type, sdp: sdp.replace(/^a=candidate:\S+ 1 udp .*\r\n/gm, '') });
                };
            });
        }
        await page.goto(`https://[::1]:${stack.port}/s/${stack.demo.stall}`);
        await pictureMoves(page, 'the picture');
        const from = await until('the pair that carries it', () => page.evaluate(source));
        assert.match(from.address, /:.*:/);
        assert.equal(from.protocol, protocol);
        assert.deepEqual(page.trouble, []);
        await page.context().close();
    });
}
