// For tests: verdicts on what stands on standard input, one JSON object a line.

import { createInterface } from 'node:readline';

const bytes = (base64) => (base64 ? new Uint8Array(Buffer.from(base64, 'base64')) : null);

globalThis.crypto ??= (await import('node:crypto')).webcrypto; // Node 18
try {
  new DecompressionStream('deflate-raw');
} catch {
  const [{ Duplex }, { createInflateRaw }] = [await import('node:stream'), await import('node:zlib')];
  globalThis.DecompressionStream = function unpack() {
    return Duplex.toWeb(createInflateRaw()); // Node 18
  };
}
if (process.argv.includes('--plain')) Object.defineProperty(globalThis, 'crypto', { value: {} });

const { Reader } = await import('./src/reader.js');
const { Doubt, Findings } = await import('./src/verdict.js');
const { Trust } = await import('./src/trust.js');
const { verifyFile } = await import('./src/file.js');
const { verifyTree } = await import('./src/tree.js');
const { openBundle } = await import('./src/bundle.js');
const { verifyPapers } = await import('./src/papers.js');
const { verifies } = await import('./src/crypto.js');

async function file({ data, proof, keyring, print, known }) {
  try {
    const pin = { file: bytes(keyring), print };
    const trust = await new Trust(pin, (known ?? []).map(bytes), null).open(new Findings());
    return await verifyFile(bytes(data) ?? new Uint8Array(), bytes(proof), trust);
  } catch (error) {
    if (error instanceof Doubt) return error;
    throw error;
  }
}

async function tree({ files, keyring, print, known, now, base }) {
  const blobs = Object.entries(files).map(([path, data]) => [path, new Blob([bytes(data) ?? ''])]);
  const pin = { file: bytes(keyring), print };
  const options = { pin, known: (known ?? []).map(bytes), now: now * 1000, base };
  return verifyTree(new Reader(new Map(blobs)), options);
}

async function bundle({ data, keyring, print, known, now }) {
  const options = { pin: { file: bytes(keyring), print }, known: (known ?? []).map(bytes), now: now * 1000, base: null };
  const findings = new Findings();
  try {
    const { reader, isTree } = await openBundle(new Blob([bytes(data) ?? '']));
    if (isTree) return await verifyTree(reader, options);
    for (const [name, { verdict, path, why }] of await verifyPapers(reader, options))
      findings.add(verdict, name || path, ...why);
  } catch (error) {
    if (!(error instanceof Doubt)) throw error;
    findings.add(error.verdict, error.path, ...error.why);
  }
  return { verdict: findings.verdict, findings: findings.ordered };
}

const signature = async ({ key, signature, message }) => ({
  verdict: String(verifies(bytes(key), bytes(signature), bytes(message) ?? new Uint8Array())),
});

for await (const line of createInterface({ input: process.stdin })) {
  const asked = JSON.parse(line);
  const found = await { file, tree, bundle, signature }[asked.kind](asked);
  const { verdict, path, why, findings, size, files } = found;
  const time = found.time ?? null;
  console.log(JSON.stringify({ verdict, path, why, findings, size, files, time }));
}
