// database.mjs: looks into the server's database with Debian's sqlite3, read-only, beside the running server; lets time pass in it.
import { execFileSync } from 'node:child_process';

/** Rows of one query as objects. Values go in as literals: test code only. */
export function rows(file, sql) {
    const text = execFileSync('sqlite3', ['-readonly', '-json', '-cmd', '.timeout 10000', file, sql], { encoding: 'utf8', maxBuffer: 64 << 20 });
    return text.trim() === '' ? [] : JSON.parse(text);
}

export const integrity = (file) => rows(file, 'PRAGMA integrity_check').map((row) => row.integrity_check).join('\n');

/** Ages events that nothing may change, as if they had happened `ms` earlier: only while the market is not running. */
export function age(file, table, where, ms) {
    const triggers = rows(file, `SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = '${table}'`);
    const sql = [...triggers.map((t) => `DROP TRIGGER ${t.name};`), `UPDATE ${table} SET at_ms = at_ms - ${ms}, device_at = device_at - ${ms} WHERE ${where};`,
        ...triggers.map((t) => `${t.sql};`)].join('\n');
    execFileSync('sqlite3', ['-bail', file, `BEGIN; ${sql} COMMIT;`], { encoding: 'utf8' });
}

/** The time an order's goods are held is over, while the market runs: the market alone moves its log into the file. */
export function holdEnds(file, code) {
    execFileSync('sqlite3', ['-bail', '-cmd', '.timeout 10000', '-cmd', 'PRAGMA wal_autocheckpoint = 0', file,
        `UPDATE hold SET ends_at = 1 WHERE order_id = (SELECT id FROM orders WHERE code = '${code}') AND state = 'open'`], { encoding: 'utf8' });
}
