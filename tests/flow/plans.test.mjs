// No statement of the program reads a table that grows from end to end.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { schema, statements } from './lib/statements.mjs';
import { describe, figure, test } from './lib/test.mjs';

/** Tables that hold a row for each stall, zone, carrier, account of a bank or program version: read whole in no time after ten years. */
const SMALL = new Set(['carrier', 'cod_rule', 'factor_rule', 'tax_rate', 'stall', 'zone', 'point', 'bank_account', 'migration', 'sqlite_master']);

/** Indexes of what is still open, or of few among many: reading one of them whole is reading what is asked for. */
const QUEUES = new Set(['bank_raw_waiting', 'handover_waiting', 'hold_open', 'live_going', 'person_staff', 'refund_granted', 'trip_open', 'wait_line']);

/** Statements that read a growing table on purpose, by a part of their text, and why that is right. */
const WHOLE = [
    ['FROM journal ORDER BY id DESC LIMIT 1', 'the last row and no more'],
    ['ORDER BY id DESC LIMIT 20000', 'the newest and no more'],
    ["l.state = 'ended' ORDER BY l.id DESC LIMIT", 'newest first, and nearly all of them are ended'],
    ['= r.paid_by ORDER BY r.id DESC LIMIT', 'newest first, all of them'],
    ["r.state = 'paid' ORDER BY r.id DESC LIMIT", 'newest first, and nearly all of them are paid'],
    ['= t.courier ORDER BY t.id DESC LIMIT', 'newest first, all of them'],
    ['FROM trip_wait t JOIN', 'a queue: who has a driver leaves it'],
    ['FROM push_sub p CROSS JOIN', 'a queue: who was told the last of an order leaves it'],
    ['SUM(balance), 0) AS BIGINT), 0 FROM account', 'verify: recomputes all there is'],
    ['FROM account a ORDER BY a.id', 'verify'],
    ['FROM entry e ORDER BY e.id', 'verify'],
    ['kind, open_body, full_body, hash FROM journal ORDER BY id', 'verify'],
    ['l.available, l.held, l.sold, CAST', 'verify'],
    ['SELECT o.id, o.code, o.state, o.total, COALESCE((SELECT f.amount FROM order_fee', 'verify'],
    ['FROM order_fee f JOIN orders o ON o.id = f.order_id ORDER BY', 'verify'],
    ['FROM line_state s JOIN order_line l ON l.order_id = s.order_id', 'verify'],
    ['FROM flash_line f JOIN orders o', 'verify'],
    ['FROM flash f LEFT JOIN', 'verify'],
    ['SELECT t.id, t.held, t.sold,', 'verify'],
    ['FROM stock WHERE order_id IS NOT NULL GROUP BY', 'verify'],
    ['SELECT DISTINCT picture FROM lot', 'backup: all of them'],
    ['FROM picture_file', 'restore: all of them, and only in a backup are there any'],
];

/** Lines of the plan of each statement, in order, asked of Debian's sqlite3 in one go. */
function plans(database) {
    const mark = '--next--';
    const input = statements.map((sql) => `.print ${mark}\nEXPLAIN QUERY PLAN ${sql};`).join('\n');
    const out = execFileSync('sqlite3', ['-bail', database], { input, encoding: 'utf8', maxBuffer: 64 << 20 });
    return out.split(`${mark}\n`).slice(1).map((part) => part.split('\n').map((line) => line.replace(/^[ |`-]*/, '')).filter(Boolean));
}

describe('plans', () => {
    test('every table is STRICT: a number column holds numbers', () => {
        const dir = mkdtempSync(join(tmpdir(), 'strict-')), database = join(dir, 'empty.db');
        try {
            execFileSync('sqlite3', ['-bail', database], { input: schema });
            const tables = execFileSync('sqlite3', [database, "SELECT name, strict FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite_%'"],
                { encoding: 'utf8' }).trim().split('\n').map((line) => line.split('|'));
            assert.ok(tables.length > 30, `${tables.length} tables`);
            assert.deepEqual(tables.filter(([, strict]) => strict !== '1'), []);
        } finally {
            rmSync(dir, { recursive: true });
        }
    });

    test('every statement finds its rows by an index', () => {
        assert.ok(statements.length > 200, `${statements.length} statements are too few: are they still literals?`);
        const dir = mkdtempSync(join(tmpdir(), 'plans-'));
        const database = join(dir, 'empty.db');
        try {
            execFileSync('sqlite3', ['-bail', database], { input: schema });
            const tables = new Set(execFileSync('sqlite3', [database, "SELECT name FROM sqlite_master WHERE type = 'table'"], { encoding: 'utf8' }).trim().split('\n'));
            const used = new Set();
            const bad = [];
            plans(database).forEach((lines, i) => {
                const sql = statements[i];
                for (const line of lines) {
                    const [, name, index] = /^SCAN (\w+)(?: USING (?:COVERING )?INDEX (\w+))?/.exec(line) ?? [];
                    if (!name || QUEUES.has(index)) continue;
                    // The plan speaks of the alias: whose is it?
                    const table = tables.has(name) && !new RegExp(`\\b(?:FROM|JOIN|,) *\\w+ ${name}\\b`).test(sql) ? name
                        : new RegExp(`\\b(?:FROM|JOIN|INTO|UPDATE|,) *\\(?(\\w+) (?:AS )?${name}\\b`).exec(sql)?.[1] ?? name;
                    if (SMALL.has(table) || !tables.has(table)) continue;
                    const reason = WHOLE.findIndex(([part]) => sql.includes(part));
                    if (reason >= 0) used.add(reason);
                    else bad.push(`${line}   in   ${sql}`);
                }
            });
            figure('statements explained', statements.length);
            assert.deepEqual(bad, []);
            assert.deepEqual(WHOLE.filter((_, i) => !used.has(i)), [], 'these no longer need to be excused');
        } finally {
            rmSync(dir, { recursive: true });
        }
    });
});
