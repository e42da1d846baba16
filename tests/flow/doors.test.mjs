// The small doors at the command line: `market qr …` and `market memo …`, with the exit codes scripts rely on.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from './lib/stack.mjs';
import { after, describe, test } from './lib/test.mjs';

const dir = mkdtempSync(join(tmpdir(), 'doors-'));
after(() => rmSync(dir, { recursive: true }));

/** In the C locale on purpose: that is what services run in. */
function market(...args) {
    const { status, stdout, stderr } = spawnSync(join(build, 'bin/market'), args, { encoding: 'utf8', env: { ...process.env, LC_ALL: 'C' } });
    return { status, out: stdout.trim(), err: stderr.trim() };
}

const MADE = '00020101021238530010A0000007270123000697041601092576788590208QRIBFTTA53037045405100005802VN62150811Chuyen tien630453E6';

describe('market qr', () => {
    test('makes the published payload, whatever way the memo is written', () => {
        const { status, out } = market('qr', 'make', '--bin', '970416', '--account', '257678859', '--amount', '10000', '--memo', 'Chuyển tiền');
        assert.deepEqual([status, out], [0, MADE]);
    });
    test('reads it back as JSON', () => {
        const { status, out } = market('qr', 'read', MADE);
        const fields = JSON.parse(out);
        assert.equal(status, 0);
        assert.deepEqual([fields.bin, fields.bank, fields.account, fields.amount, fields.memo], ['970416', 'ACB', '257678859', 10000, 'Chuyen tien']);
    });
    test('draws a PNG', () => {
        const png = join(dir, 'qr.png');
        assert.equal(market('qr', 'make', '--bin', '970405', '--account', '3600205123456', '--png', png).status, 0);
        assert.deepEqual([...readFileSync(png).subarray(0, 4)], [0x89, 0x50, 0x4e, 0x47]);
    });
    test('a long memo is cut to 19 plain characters', () => {
        const { out } = market('qr', 'make', '--bin', '970416', '--account', '257678859', '--memo', 'Thanh toán đơn hàng rau cải của chị Hoa ở Mường Xén');
        const { memo } = JSON.parse(market('qr', 'read', out).out);
        assert.match(memo, /^[A-Za-z0-9 ]{1,19}$/);
    });
    test('damage is 1 with the reason, another network is 2', () => {
        assert.deepEqual([market('qr', 'read', MADE.replace('10000', '90000')).status, market('qr', 'read', 'hello').status], [1, 1]);
        assert.match(market('qr', 'read', MADE.replace('10000', '90000')).out, /check sum/);
        const vnpay = market('qr', 'read', '00020101021126280010A000000775011001000000005204541153037045802VN5904CUNG6005HANOI63048F4B');
        assert.deepEqual([vnpay.status, vnpay.out], [2, 'another network']);
    });
    test('wrong requests make nothing', () => {
        for (const args of [['--bin', '97', '--account', '257678859'], ['--bin', '970416', '--account', '1'], ['--bin', '970416', '--account', '257678859', '--amount', '0'],
            ['--bin', '970416', '--account', '257678859', '--amount', '500000000'], ['--bin', '970416', '--account', '257678859', '--amount', '1.5']]) {
            const { status, out, err } = market('qr', 'make', ...args);
            assert.deepEqual([status, out], [1, ''], args.join(' '));
            assert.notEqual(err, '');
        }
        assert.equal(market('qr', 'make', '--bin', '970416').status, 64);
        assert.equal(market('qr').status, 64);
    });
});

describe('market memo', () => {
    test('finds a code in what banks make of it', () => {
        for (const text of ['MBVCB.45.067.cho0482917.CT tu 0123', 'CHO 0482 917', 'thanhtoanCHO0482917camon', 'Chuyển tiền CHO-0482917'])
            assert.deepEqual(market('memo', 'match', text, '--code', 'MUA1112223', '--code', 'CHO0482917'), { status: 0, out: 'CHO0482917', err: '' }, text);
    });
    test('prints nothing when it is not sure, and what is close beside it', () => {
        assert.deepEqual(market('memo', 'match', 'CHO0482917 MUA1112223', '--code', 'CHO0482917', 'MUA1112223').out, '');
        const close = market('memo', 'match', 'CHO0482918', '--code', 'CHO0482917');
        assert.deepEqual([close.status, close.out], [0, '']);
        assert.match(close.err, /CHO0482917/);
        assert.equal(market('memo', 'match', 'DH350912345678', '--code', 'DH35').out, '');
    });
});
