// A bank's statement as large as may be: sent as the file it is, booked in slices while orders go on.
import assert from 'node:assert/strict';
import { Stack } from './lib/stack.mjs';
import { after, before, describe, figure, test } from './lib/test.mjs';
import { newKey, ok } from './lib/api.mjs';
import { makeStall, placeOrder } from './lib/commune.mjs';
import { rows } from './lib/database.mjs';
import { until } from './lib/until.mjs';

const ROWS = 1500, MB = 2 ** 20;
const type = 'application/octet-stream';
let stack, stall, path;

before(async () => {
    stack = await Stack.start({ args: ['--relay', 'none'] });
    stall = await makeStall(stack);
    const { id } = ok(await stack.client('cadre').post('/api/v1/bank-accounts', { key: newKey(), bin: '970405', number: '3600205123456', holder: 'HTX' }), 201);
    path = `/api/v1/bank-accounts/${id}/statements`;
});
after(() => stack?.stop());

const booked = () => rows(stack.database, 'SELECT COUNT(*) AS n FROM bank_event')[0].n;
const send = (client, text, key = newKey()) => client.send('POST', `${path}?key=${key}`, { text, type });

describe('a statement of five megabytes', () => {
    test('is booked whole and once, and an order that comes meanwhile is answered before it', async () => {
        const pad = 'x'.repeat(3200);
        const text = `date,credit,description\n${Array.from({ length: ROWS }, (_, i) => `01/05/2026,${1000 + i},chuyen tien ${i} ${pad}`).join('\n')}\n`;
        assert.ok(text.length > 4.6 * MB && text.length < 5 * MB);
        const start = Date.now();
        let over = false;
        const importing = send(stack.client('cadre'), text).then((reply) => { over = true; return reply; });
        await until('the first rows', () => booked() > 0);
        const asked = Date.now();
        ok(await placeOrder(stack.client(), stall, 1000), 201);
        figure('an order while a statement is booked, ms', Date.now() - asked);
        assert.equal(over, false);
        const { counts } = ok(await importing);
        figure(`${ROWS} rows booked, ms`, Date.now() - start);
        assert.deepEqual([counts.rows, counts.unsure, booked()], [ROWS, ROWS, ROWS]);
    });

    test('is the most that is taken, and only from the office', async () => {
        const before = booked();
        assert.equal((await send(stack.client('cadre'), 'x'.repeat(5 * MB + 1))).status, 413);
        assert.equal((await send(stall.farmer, 'date,credit\n01/05/2026,1\n')).status, 415);        // no file from others: their bodies are JSON
        assert.equal((await stall.farmer.post(path, { key: newKey(), file: 'YQ==' })).status, 403);
        assert.equal((await send(stack.client('cadre'), 'date,credit\n01/05/2026,1\n', 'short')).body.field, 'key');
        assert.equal(booked(), before);
    });
});
