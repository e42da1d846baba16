// test.mjs: bundles tests/*.test.ts with esbuild and runs them with node's own test runner.
import { build } from 'esbuild';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const WEB = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const out = mkdtempSync(path.join(tmpdir(), 'cho-nuong-web-'));
const entries = readdirSync(path.join(WEB, 'tests')).filter((f) => f.endsWith('.test.ts')).map((f) => path.join(WEB, 'tests', f));
await build({
  entryPoints: entries, bundle: true, outdir: out, outExtension: { '.js': '.mjs' }, platform: 'node', format: 'esm', target: 'node18',
  jsx: 'automatic', jsxImportSource: 'preact', sourcemap: 'inline', logLevel: 'warning',
  banner: { js: "import { webcrypto } from 'node:crypto';\nglobalThis.crypto ??= webcrypto;" },      // Debian 12's Node.js 18 has it, but not as a global
  define: { TEXT_URLS: '{}', WEB_DIR: JSON.stringify(WEB) },
});
const files = readdirSync(out).filter((f) => f.endsWith('.mjs')).map((f) => path.join(out, f));
const run = spawnSync(process.execPath, ['--enable-source-maps', '--test', ...files], { stdio: 'inherit' });
rmSync(out, { recursive: true, force: true });
process.exit(run.status ?? 1);
