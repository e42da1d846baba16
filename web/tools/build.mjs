// build.mjs: `npm run build` → ../build/web (or $OUT): hashed assets with .gz beside each, page templates, catalogues.
// Fails when the buyer's first load grows over its limit. Nothing is in OUT before all of it is made; then files are put in
// one by one, templates last, and older assets stay for a day: a market that runs meanwhile never misses one.
import { build } from 'esbuild';
import { createHash } from 'node:crypto';
import { mkdir, readFile, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { manifest, PAGES, pageHtml } from './pages.mjs';

const WEB = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const OUT = path.resolve(process.env.OUT ?? path.join(WEB, '../build/web'));
const TMP = `${OUT}.new-${process.pid}`;
const ROLES = ['buyer', 'door', 'farmer', 'cadre', 'courier', 'money', 'goods'];
const BUYER_LIMIT = 100_000;          // bytes over the wire for the stall page: html + js + css + icons
const DAY_MS = 24 * 3600_000;
const COMPRESSED = new Set(['.png', '.jpg', '.webp']);

const opening = {};                   // language → what a page says before its script has come
const assets = {};                    // logical name → public path
const sizes = {};                     // logical name → [bytes, bytes over the wire]

async function put(name, bytes) {
  const buffer = Buffer.from(bytes);
  const ext = path.extname(name);
  const hash = createHash('sha256').update(buffer).digest('hex').slice(0, 10);
  const file = `${name.slice(0, -ext.length)}-${hash}${ext}`;
  await writeFile(path.join(TMP, 'assets', file), buffer);
  sizes[name] = [buffer.length, await pack(path.join(TMP, 'assets', file), buffer)];
  assets[name] = `/assets/${file}`;
}

/** Writes FILE.gz; returns what goes over the wire. */
async function pack(file, buffer) {
  if (COMPRESSED.has(path.extname(file))) return buffer.length;
  const gz = gzipSync(buffer, { level: 9 });
  await writeFile(`${file}.gz`, gz);
  return gz.length;
}

async function bundle(entry, name, extra = {}) {
  const result = await build({
    entryPoints: [path.join(WEB, entry)], bundle: true, write: false, minify: true, format: 'esm', target: ['es2020', 'chrome80', 'safari15', 'firefox90'],
    charset: 'utf8', legalComments: 'none', logLevel: 'warning', outdir: '/', loader: { '.svg': 'dataurl' },
    jsx: 'automatic', jsxImportSource: 'preact', ...extra,
  });
  await put(name, result.outputFiles[0].contents);
}

/** The service worker: not hashed, its place is its scope. It names this build's assets, so a new build is a new worker. */
async function worker() {
  const entryPoints = [path.join(WEB, 'shared/sw.js')];
  const define = { ASSETS: JSON.stringify(Object.values(assets).sort()), ICON: JSON.stringify(assets['icon-192.png']) };
  const result = await build({ entryPoints, write: false, minify: true, target: ['es2020'], charset: 'utf8', define });
  return result.outputFiles[0].contents;
}

await rm(TMP, { recursive: true, force: true });
await mkdir(path.join(TMP, 'assets'), { recursive: true });
await mkdir(path.join(TMP, 'text'), { recursive: true });

for (const lang of ['vi', 'en', 'fr']) {
  const words = JSON.parse(await readFile(path.join(WEB, 'text', `${lang}.json`), 'utf8')), text = JSON.stringify(words);
  opening[lang] = words.opening;
  await writeFile(path.join(TMP, 'text', `${lang}.json`), text);
  if (lang !== 'vi') await put(`text-${lang}.json`, text);
}
for (const file of (await readdir(path.join(WEB, 'assets'))).sort()) {
  if (file !== 'weave.svg') await put(file, await readFile(path.join(WEB, 'assets', file)));
}
const define = { TEXT_URLS: JSON.stringify({ en: assets['text-en.json'], fr: assets['text-fr.json'] }) };
const pictures = {
  name: 'pictures',
  setup(b) {                          // url(/terraces.svg) in CSS → the hashed asset
    b.onResolve({ filter: /^\/[\w-]+\.(svg|png)$/ }, (a) => ({ path: assets[a.path.slice(1)], external: true }));
  },
};
for (const role of ROLES) {
  await bundle(`${role}/main.tsx`, `${role}.js`, { define });
  await bundle(`styles/${role}.css`, `${role}.css`, { plugins: [pictures] });
}
await put('manifest.webmanifest', manifest(assets));
await writeFile(path.join(TMP, 'manifest.webmanifest'), manifest(assets));
await writeFile(path.join(TMP, 'sw.js'), await worker());

for (const page of PAGES) {
  const html = Buffer.from(pageHtml(page, assets, opening));
  await writeFile(path.join(TMP, page.file), html);
  sizes[page.file] = [html.length, gzipSync(html, { level: 9 }).length];
}
const pages = Object.fromEntries(PAGES.map((p) => [p.route, p.file]));
await writeFile(path.join(TMP, 'assets.json'), JSON.stringify({ pages, assets, sizes }, null, 1));

for (const [name, [raw, wire]] of Object.entries(sizes)) console.log(`${name.padEnd(24)} ${String(raw).padStart(8)} ${String(wire).padStart(8)} gz`);
const first = ['stall.html', 'buyer.js', 'buyer.css', 'icon.svg', 'terraces.svg', 'manifest.webmanifest'].reduce((sum, n) => sum + sizes[n][1], 0);
console.log(`stall page, first load: ${first} bytes over the wire (limit ${BUYER_LIMIT})`);
if (first > BUYER_LIMIT) throw new Error(`the buyer's first load is ${first} bytes, more than ${BUYER_LIMIT}`);

const fresh = new Set(Object.values(assets).map((url) => path.basename(url)));
for (const folder of ['assets', 'text', '.']) {
  await mkdir(path.join(OUT, folder), { recursive: true });
  for (const entry of await readdir(path.join(TMP, folder), { withFileTypes: true })) {
    if (entry.isFile()) await rename(path.join(TMP, folder, entry.name), path.join(OUT, folder, entry.name));
  }
}
for (const file of await readdir(path.join(OUT, 'assets'))) {
  const full = path.join(OUT, 'assets', file);
  if (!fresh.has(file.replace(/\.gz$/, '')) && Date.now() - (await stat(full)).mtimeMs > DAY_MS) await rm(full);
}
await rm(TMP, { recursive: true, force: true });
console.log(`written to ${OUT}`);
