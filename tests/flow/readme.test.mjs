// What the READMEs say is there: every file they link or name, every command they give, every option of it, every picture.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { build, root } from './lib/stack.mjs';
import { describe, test } from './lib/test.mjs';

const tracked = execFileSync('git', ['-C', root, 'ls-files'], { encoding: 'utf8' }).split('\n').filter(Boolean);
const readmes = tracked.filter((file) => file.endsWith('README.md'));
const text = (file) => readFileSync(join(root, file), 'utf8');
const top = text('README.md');

/** What stands in code: between backticks, and in fenced blocks. */
const inCode = (words) => [...words.matchAll(/```\w*\n([\s\S]*?)```|`([^`\n]+)`/g)].flatMap((m) => (m[1] ?? m[2]).split('\n'));
const help = (...command) => {
    const { stdout, stderr } = spawnSync(command[0], command.slice(1), { encoding: 'utf8', cwd: root, env: { ...process.env, NO_SETUP: '1' } });
    return stdout + stderr;
};

describe('the READMEs', () => {
    test('every folder of the map has one, and every folder with code of its own is told of', () => {
        const folders = [...top.matchAll(/^\| `(\w+)\/` \|/gm)].map((m) => m[1]);
        const there = new Set(tracked.filter((f) => f.includes('/') && !f.startsWith('.')).map((f) => f.split('/')[0]));
        assert.deepEqual([...folders].sort(), [...there].sort());
        for (const folder of folders) assert.ok(existsSync(join(root, folder, 'README.md')), folder);
    });

    test('links and pictures lead somewhere', () => {
        const dead = [];
        for (const file of readmes) {
            for (const [, target] of text(file).matchAll(/\]\(([^)#\s]+)[^)]*\)/g)) {
                if (!/^https?:/.test(target) && !existsSync(join(root, dirname(file), target))) dead.push(`${file}: ${target}`);
            }
        }
        assert.deepEqual(dead, []);
    });

    test('a picture of each page of the story is shown, and each is one that the tests take', () => {
        const shown = [...top.matchAll(/tests\/flow\/screenshots\/(\w+)\.png/g)].map((m) => m[1]);
        for (const page of ['stall', 'golive', 'sessions']) assert.ok(shown.includes(page), page);
        const taken = ['pages', 'pages_live'].map((name) => text(`tests/flow/${name}.test.mjs`)).join('\n');
        for (const name of readdirSync(join(root, 'tests/flow/screenshots'))) {
            assert.match(taken, new RegExp(`^ {4}${name.replace('.png', '')}: \\{ path`, 'm'));
            assert.ok(statSync(join(root, 'tests/flow/screenshots', name)).size > 5000, name);
        }
    });

    test('every script that is named is there and may be run', () => {
        for (const file of readmes) {
            for (const words of inCode(text(file))) {
                for (const [script] of words.matchAll(/(?<![\w/])scripts\/[a-z-]+(?![\w./-])/g)) {
                    if (!/\/lib$/.test(script)) accessSync(join(root, script), constants.X_OK);
                }
            }
        }
    });

    test('every option of scripts/run and of the market that is named is one it has', () => {
        const run = help('scripts/run', '--help'), serve = help(join(build, 'bin/market'), 'serve', '--no-such-option');
        const all = `${run}${serve}${help(join(build, 'bin/market'))}${help(join(build, 'bin/relay'))} --help`;
        const unknown = [];
        for (const file of ['README.md', 'market/README.md', 'streamer/README.md', 'web/README.md']) {
            for (const line of inCode(text(file))) {
                const option = (words, list) => { for (const [o] of words.matchAll(/(?<![\w-])--[a-z][a-z-]*/g)) if (!new RegExp(`${o}\\b(?!-)`).test(list)) unknown.push(`${file}: ${o} in ${line}`); };
                if (/^\s*scripts\/run\b/.test(line)) option(line.split('#')[0], run);
                if (/\bmarket serve\b/.test(line)) option(line, serve);
                if (/^--[a-z]/.test(line)) option(line, all);
            }
        }
        assert.deepEqual(unknown, []);
    });

    test('every door of the market that is named is one it has', () => {
        const doors = new Set([...help(join(build, 'bin/market')).matchAll(/^ {2}(\w+) /gm)].map((m) => m[1]));
        assert.ok(doors.has('serve'));
        for (const file of readmes) {
            for (const line of inCode(text(file))) {
                const door = /(?:^|bin\/)market ([a-z]+)\b/.exec(line)?.[1];
                if (door) assert.ok(doors.has(door), `${file}: market ${door}`);
            }
        }
    });

    test('the tables of tests/README.md name tests and files that are there', () => {
        const tests = tracked.filter((f) => /^(tests|web\/tests)\/.*\.(mjs|ts|c|md)$/.test(f) && f !== 'tests/README.md').map(text).join('\n');
        const lines = tests.replaceAll("\\'", "'").split('\n').filter((line) => /\b(test|describe|refused|closed)\b|^checkPage|: `/.test(line));
        const missing = [];
        for (const row of text('tests/README.md').split('\n').filter((line) => /^\|.*\|.*\|$/.test(line))) {
            const held = row.split('|').slice(2).join('|');
            for (const [, name] of held.replace(/`[^`]*`/g, '').matchAll(/(?<![\w…])([a-z0-9]+(?:_[a-z0-9]+){2,})(?![\w…])/g)) if (!tests.includes(name)) missing.push(name);
            for (const [, words] of held.matchAll(/"([^"]{4,})"/g)) {
                const parts = words.split('…').map((part) => part.trim()).filter(Boolean);
                if (/^[A-Z]\w+( \(.*)?( |$)/.test(words) && text('tests/README.md').includes(`## ${words}`)) continue;      // another table
                const pattern = new RegExp(parts.map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('.*'));
                if (!lines.some((line) => pattern.test(line))) missing.push(words);
            }
        }
        assert.deepEqual(missing, []);
    });

    test('the licence is named and there', () => {
        assert.match(top, /^## License\n+MIT \(`LICENSE`\)/m);
        assert.match(text('LICENSE'), /^MIT License/);
    });
});

describe('the scripts', () => {
    test('.ci/run is scripts/test, and that ends with how many tests ran', () => {
        assert.match(text('.ci/run'), /^exec scripts\/test$/m);
        assert.match(text('scripts/test'), /^echo "\$passed passed, \$failed failed"\n\[ "\$failed" = 0 \] && \[ "\$passed" -gt 0 \]\n$/m, 'no test at all is no success');
    });
});
