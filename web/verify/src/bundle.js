// The files of a .zip file, which is not trusted; the rules are those of feeds/bundle.py.

import { binary, join, same, text } from './bytes.js';
import { HEAD, isHidden } from './paths.js';
import { Reader } from './reader.js';
import { Doubt, UNSURE } from './verdict.js';
import { LOCAL, readDirectory, view } from './zip.js';

const FREE = 2 ** 30; // of any bundle so much is unpacked, and 16 times its own size
const MAX_ODD = 10_000;
const PIECE = 2 ** 20;
const SIP = 2 ** 13; // packed bytes that the browser gets at once: a thousand times as many come out
const NOT_A_TOP = /^(a|p|m|log)$/;
const UNPRINTABLE = /[\p{C}\p{Zl}\p{Zp}]|(?! )\p{Zs}/u;

/** A Reader of the bundle in `blob`; throws Doubt where it is none that can be read. */
export async function openBundle(blob) {
  const { entries, start } = await readDirectory(blob);
  if (entries.some((entry) => entry.method === 8)) inflater();
  const bundle = { blob, start, left: FREE + 16 * blob.size };
  let files = new Map();
  let strange = new Map();
  for (const entry of entries) {
    const path = named(entry.name);
    if (path.endsWith('/') || path.startsWith('__MACOSX/')) continue;
    const why = strangeness(path, entry.mode);
    if (why) strange.set(path, why);
    else {
      if (files.has(path) && !isHidden(path)) strange.set(path, 'twice');
      files.set(path, entry);
    }
  }
  const top = topOf([...files.keys()]);
  const inside = (path) => (path.startsWith(top) ? path.slice(top.length) : path);
  files = new Map([...files].map(([path, entry]) => [inside(path), new Inside(bundle, inside(path), entry)]));
  strange = new Map([...strange].map(([path, why]) => [inside(path), why]));
  const others = [...files.keys()].filter((path) => /[^\0-\x7f]/.test(path)).length;
  if (others + strange.size > MAX_ODD) throw new Doubt(UNSURE, '', 'zip large');
  const reader = Object.assign(new Reader(files), { strange });
  return { reader, isTree: files.has(HEAD) };
}

function inflater() {
  try {
    return new DecompressionStream('deflate-raw');
  } catch {
    throw new Doubt(UNSURE, '', 'no unzip');
  }
}

function named(bytes) {
  let name;
  try {
    name = text(bytes);
  } catch {
    name = binary(bytes); // of the top folder at most, and that is taken off
  }
  return name.replaceAll('\\', '/').replace(/^\.\//, '');
}

function strangeness(path, mode) {
  const parts = path.split('/');
  if (path.startsWith('/') || parts[0].includes(':') || parts.includes('..')) return 'leads out';
  if (UNPRINTABLE.test(path) || parts.includes('') || parts.includes('.')) return 'odd name';
  const kind = mode & 0o170000;
  if (kind === 0o120000) return 'link';
  return kind && kind !== 0o100000 ? 'no file' : '';
}

/** The folder, with its slash, in which everything is; empty where there is none. */
function topOf(paths) {
  const shown = paths.filter((path) => !isHidden(path));
  const tops = new Set(shown.map((path) => (path.includes('/') ? path.split('/')[0] : '')));
  const [top] = tops;
  return tops.size === 1 && top && !NOT_A_TOP.test(top) ? `${top}/` : '';
}

/** One file in a bundle, as far as a Reader needs a Blob. */
class Inside {
  constructor(bundle, path, entry) {
    Object.assign(this, { bundle, path, entry, size: entry.size });
  }

  async arrayBuffer() {
    const parts = [];
    for await (const piece of this.pieces()) parts.push(piece);
    return join(...parts).buffer;
  }

  /** Its bytes, and never more than it claims to have. */
  async *pieces() {
    const { bundle, entry, path } = this;
    if (entry.flags & 0x2041) throw new Doubt(UNSURE, path, 'locked');
    if (entry.method !== 0 && entry.method !== 8) throw new Doubt(UNSURE, path, 'method');
    const packed = this.packed(await this.begin());
    let found = 0;
    for await (const piece of entry.method ? inflate(packed) : packed) {
      found += piece.length;
      bundle.left -= piece.length;
      if (found > entry.size) break;
      if (bundle.left < 0) throw new Doubt(UNSURE, path, 'zip much');
      yield piece;
    }
    if (found !== entry.size) throw new Error('not the size that it claims');
  }

  /** Where its packed bytes begin. */
  async begin() {
    const { bundle, entry } = this;
    const head = await view(bundle.blob, entry.offset, 30 + entry.name.length);
    const named = head.getUint16(26, true);
    const name = new Uint8Array(head.buffer, 30);
    const begin = entry.offset + 30 + named + head.getUint16(28, true);
    const fits = named === name.length && same(name, entry.name);
    if (head.getUint32(0, true) !== LOCAL || !fits || begin + entry.packed > bundle.start)
      throw new Error('another header');
    return begin;
  }

  async *packed(begin) {
    const { blob } = this.bundle;
    const end = begin + this.entry.packed;
    for (let at = begin; at < end; at += PIECE)
      yield new Uint8Array(await blob.slice(at, Math.min(at + PIECE, end)).arrayBuffer());
  }
}

async function* inflate(packed) {
  const sips = new ReadableStream(
    {
      piece: new Uint8Array(),
      async pull(out) {
        if (!this.piece.length) this.piece = (await packed.next()).value ?? this.piece;
        if (!this.piece.length) out.close();
        else out.enqueue(this.piece.slice(0, SIP));
        this.piece = this.piece.subarray(SIP);
      },
    },
    { highWaterMark: 0 },
  );
  const unpacked = sips.pipeThrough(inflater()).getReader();
  try {
    for (let next = await unpacked.read(); !next.done; next = await unpacked.read()) yield next.value;
  } finally {
    unpacked.cancel().catch(() => {});
  }
}
