// The directory of a .zip file, read strictly and bounded: one disk, zip64, nothing unpacked.
// The rules are those of feeds/bundle_directory.py.

import { Doubt, UNSURE } from './verdict.js';

const MAX_ENTRIES = 250_000;
const MAX_DIRECTORY = 40 * 2 ** 20;
const FULL = 0xffffffff;
const [ENTRY, END, END64, PLACE64] = [0x02014b50, 0x06054b50, 0x06064b50, 0x07064b50];
export const LOCAL = 0x04034b50;

const damaged = () => new Doubt(UNSURE, '', 'zip bad');

/** The bytes of a Blob from `from` on, as a DataView; fewer where it ends. */
export async function view(blob, from, count) {
  return new DataView(await blob.slice(from, from + count).arrayBuffer());
}

/** Whether a Blob begins like a .zip file. */
export async function isZip(blob) {
  const start = await view(blob, 0, 4);
  return start.byteLength === 4 && [LOCAL, END].includes(start.getUint32(0, true));
}

const number = (data, at) => Number(data.getBigUint64(at, true));

/** `{entries, start}`: `{name, flags, method, packed, size, mode, offset}` each; throws Doubt. */
export async function readDirectory(blob) {
  const { count, size, start } = await findEnd(blob);
  if (count > MAX_ENTRIES || size > MAX_DIRECTORY) throw new Doubt(UNSURE, '', 'zip large');
  const data = await view(blob, start, size);
  const entries = [];
  for (let at = 0; at < data.byteLength; ) {
    const entry = readEntry(data, at);
    if (Math.max(entry.offset, entry.packed) > start) throw damaged();
    entries.push(entry);
    at = entry.next;
  }
  let reached = 0;
  const inOrder = [...entries].sort((a, b) => a.offset - b.offset || end(a) - end(b));
  for (const entry of inOrder) {
    if (entry.offset < reached) throw new Doubt(UNSURE, '', 'zip over');
    reached = end(entry);
  }
  if (reached > start || entries.length !== count) throw damaged();
  return { entries, start };
}

const end = ({ offset, name, packed }) => offset + 30 + name.length + packed;

async function findEnd(blob) {
  const from = Math.max(blob.size - 22 - 0xffff, 0);
  const tail = await view(blob, from, blob.size - from);
  let at = tail.byteLength - 22;
  while (at >= 0 && !(tail.getUint32(at, true) === END && at + 22 + tail.getUint16(at + 20, true) === tail.byteLength))
    at -= 1;
  if (at < 0) throw damaged();
  let [disk, first, here, count] = [4, 6, 8, 10].map((one) => tail.getUint16(at + one, true));
  let [size, start] = [12, 16].map((one) => tail.getUint32(at + one, true));
  let place = from + at;
  if (here === 0xffff || count === 0xffff || size === FULL || start === FULL) {
    const locator = await view(blob, Math.max(place - 20, 0), 20);
    if (locator.byteLength < 20 || locator.getUint32(0, true) !== PLACE64) throw damaged();
    const there = number(locator, 8);
    const wide = await view(blob, Math.min(there, blob.size), 56);
    if (wide.byteLength < 56 || wide.getUint32(0, true) !== END64 || there + 56 > place) throw damaged();
    [disk, first] = [16, 20].map((one) => wide.getUint32(one, true));
    [here, count, size, start] = [24, 32, 40, 48].map((one) => number(wide, one));
    place = there;
  }
  if (disk || first || here !== count || start + size > place) throw damaged();
  return { count, size, start };
}

function readEntry(data, at) {
  if (at + 46 > data.byteLength || data.getUint32(at, true) !== ENTRY) throw damaged();
  const [flags, method] = [8, 10].map((one) => data.getUint16(at + one, true));
  const [named, extra, comment, disk] = [28, 30, 32, 34].map((one) => data.getUint16(at + one, true));
  const start = at + 46;
  const next = start + named + extra + comment;
  if (disk || next > data.byteLength) throw damaged();
  const name = new Uint8Array(data.buffer, data.byteOffset + start, named);
  const wide = wideNumbers(data, start + named, extra);
  const [size, packed, offset] = [24, 20, 42].map((one) => {
    const short = data.getUint32(at + one, true);
    return short === FULL ? wide() : short;
  });
  const mode = data.getUint16(at + 40, true);
  return { name, flags, method, packed, size, mode, offset, next };
}

/** Gives the numbers of the zip64 field, one after the other. */
function wideNumbers(data, from, length) {
  let [at, until] = [0, 0];
  for (let field = from; field + 4 <= from + length && !until; ) {
    const [kind, long] = [data.getUint16(field, true), data.getUint16(field + 2, true)];
    field += 4;
    if (kind === 1) [at, until] = [field, Math.min(field + long, from + length)];
    field += long;
  }
  return () => {
    if (at + 8 > until) throw damaged();
    at += 8;
    return number(data, at - 8);
  };
}
