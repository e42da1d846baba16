// SQL is one text for every database. What PostgreSQL (its own code, in WebAssembly) makes of it: tables, names, types.
import assert from 'node:assert/strict';
import { PGlite } from '@electric-sql/pglite';
import { after, before, figure, test } from './lib/test.mjs';
import { schema, statements } from './lib/statements.mjs';

let database;
before(async () => { database = await PGlite.create(); });
after(() => database?.close());

/** The words that a PostgreSQL store maps (market/README.md). Triggers are each database's own, and migration 440 only tunes SQLite. */
const mapped = schema
    .replace(/^\.\w.*$/gm, '')                                      // said to sqlite3's shell
    .replace(/^CREATE TRIGGER.*?\bEND;$/gms, '').replace(/^DROP TRIGGER.*;$/gm, '')
    .replace(/^PRAGMA.*;$/gm, '').replace(/^UPDATE sqlite_schema.*?;$/gms, '')
    .replace(/\bINTEGER\b/g, 'BIGINT').replace(/\) *(?:(?:STRICT|WITHOUT ROWID)(?:, *)?)+;/g, ');');

/** The store gives each argument its type; one that a statement does not look at cannot tell its own. */
function types(sql) {
    const used = new Set([...sql.matchAll(/\$(\d+)/g)].map((m) => Number(m[1])));
    const all = Array.from({ length: Math.max(0, ...used) }, (_, i) => (used.has(i + 1) ? 'unknown' : 'bigint'));
    return all.length ? `(${all.join(', ')})` : '';
}

test('it takes the tables and every statement of the program', async () => {
    await database.exec(mapped);
    assert.ok(statements.length > 200, `${statements.length} statements are too few: are they still literals?`);
    const refused = [];
    for (const [i, sql] of statements.entries()) {
        await database.exec(`PREPARE s${i}${types(sql)} AS ${sql}`).catch((error) => refused.push(`${error.message}: ${sql}`));
    }
    figure('statements PostgreSQL prepared', statements.length - refused.length);
    assert.deepEqual(refused, []);
});

test('it would say so if it did not', async () => {
    await assert.rejects(database.exec('PREPARE wrong AS SELECT instr(code, $1) FROM orders'), /function instr/);
});
