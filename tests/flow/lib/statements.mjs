// statements.mjs: the program's schema and every statement it may run, taken from the program itself: they are literals, and stand
// in it as they are prepared.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { build, root } from './stack.mjs';

const folder = join(root, 'market/store/migrations');
const names = readdirSync(folder).filter((name) => /^\d+-.*\.sql$/.test(name)).sort((a, b) => parseInt(a) - parseInt(b));
const source = readFileSync(join(root, 'market/store/migrate.c'), 'utf8');
const first = source.slice(source.indexOf('CREATE TABLE'), source.indexOf(';', source.indexOf('CREATE TABLE')) + 1).replace(/"\s*"/g, '');

/** All of the schema in one text for sqlite3's shell: the table of the migrations, then they. From 3.42 on the shell guards
 *  sqlite_master by itself, which the library does not. */
export const schema = ['.dbconfig defensive off', first, ...names.map((name) => readFileSync(join(folder, name), 'utf8'))].join('\n');

const once = new Set(schema.split('\n'));      // migrations are in the program line by line
const printable = readFileSync(join(build, 'bin/market')).toString('latin1').match(/[\x20-\x7e]{12,}/g);
export const statements = [...new Set(printable.filter((text) => /^(SELECT|INSERT INTO|UPDATE|DELETE FROM|WITH) .*[^;]$/.test(text) && !once.has(text)))].sort();
