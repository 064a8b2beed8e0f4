// Makes feeds/static/verify.html of these sources; the same bytes on every machine.
// Usage: npm ci && npm run build            (or: node build.mjs FILE)

import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build, transform } from 'esbuild';

const here = (name) => fileURLToPath(new URL(name, import.meta.url));

const bundled = await build({
  entryPoints: [here('src/page.js')],
  absWorkingDir: here('.'),
  bundle: true,
  minify: true,
  charset: 'utf8',
  format: 'iife',
  legalComments: 'eof',
  target: 'es2020',
  write: false,
});
const script = bundled.outputFiles[0].text.trim();
const style = (
  await transform(readFileSync(here('page.css'), 'utf8'), {
    loader: 'css',
    minify: true,
    target: ['chrome87', 'firefox78', 'safari14'],
  })
).code.trim();
if (/<\/?script/i.test(script)) throw new Error('the script holds what ends it in a page');

const source = (text) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
const policy = [
  "default-src 'none'",
  'img-src data:',
  `script-src ${source(script)}`,
  `style-src ${source(style)}`,
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

const page = readFileSync(here('page.html'), 'utf8').replace(
  /\{\{(policy|style|script)\}\}/g,
  (_, name) => ({ policy, style, script })[name],
);
writeFileSync(process.argv[2] ?? here('../../feeds/static/verify.html'), page);
