// database.mjs: looks into the server's database with Debian's sqlite3, read-only, beside the running server.
import { execFileSync } from 'node:child_process';

/** Rows of one query as objects. Values go in as literals: test code only. */
export function rows(file, sql) {
    const text = execFileSync('sqlite3', ['-readonly', '-json', '-cmd', '.timeout 10000', file, sql], { encoding: 'utf8', maxBuffer: 64 << 20 });
    return text.trim() === '' ? [] : JSON.parse(text);
}

export const integrity = (file) => rows(file, 'PRAGMA integrity_check').map((row) => row.integrity_check).join('\n');
