// Signed notes and checkpoints (format 2.3, 2.4).

import {
  MAX_NUMBER, bad, Bad, checkName, decimal, fromBase64, hex, join, same, text, toBase64, utf8,
} from './bytes.js';
import { accepts, sha256 } from './crypto.js';

export const MAX_NOTE = 65536;
export const NOTE = 1; // kinds of keys: what they sign
export const COSIGNATURE = 4;

const DASH = '\u2014 ';
const MAX_LINES = 64;
const EMPTY_ROOT = sha256(new Uint8Array());

/** A false signature by a key that counts. */
export class False extends Bad {}

/** A key out of `name+id+base64`. */
export function parseKey(string) {
  const [name, , ...rest] = string.split('+');
  const material = fromBase64(rest.join('+'));
  checkName(name);
  const kind = material[0];
  if (kind !== NOTE && kind !== COSIGNATURE) bad('unknown kind of key');
  if (material.length !== 33) bad('a key has 32 bytes');
  const digest = sha256(join(utf8(`${name}\n`), material));
  const id = hex(digest.subarray(0, 4));
  if (`${name}+${id}+${toBase64(material)}` !== string) bad('not the id of its own key');
  return { name, kind, id, bytes: material.subarray(1), number: digest.subarray(0, 8), string };
}

/** Text and signature lines; nothing is checked but the form. */
export function parseNote(bytes) {
  if (bytes.length > MAX_NOTE) bad('note too large');
  const whole = text(bytes);
  const gap = whole.lastIndexOf('\n\n');
  if (gap < 0 || !whole.endsWith('\n')) bad('no signed note');
  const body = whole.slice(0, gap + 1);
  const lines = whole.slice(gap + 2, -1).split('\n');
  if (/[\0-\x09\x0b-\x1f]/.test(body) || lines.length > MAX_LINES) bad('no signed note');
  return { text: body, lines: lines.map(parseLine), bytes };
}

function parseLine(line) {
  const [name, encoded, ...rest] = line.slice(DASH.length).split(' ');
  if (!line.startsWith(DASH) || encoded === undefined || rest.length) bad('no signature line');
  const blob = fromBase64(encoded);
  checkName(name);
  if (blob.length < 5) bad('a signature line is cut short');
  return { name, id: hex(blob.subarray(0, 4)), payload: blob.subarray(4) };
}

/** Which of `keys` signed: key to time (of a cosignature) or null. Others' lines are ignored. */
export async function signedBy(note, keys) {
  const found = new Map();
  for (const line of note.lines) {
    const key = keys.find((one) => one.name === line.name && one.id === line.id);
    if (!key) continue;
    const time = await check(note.text, key, line.payload);
    const earlier = found.get(key);
    found.set(key, earlier > time ? earlier : time);
  }
  return found;
}

async function check(body, key, payload) {
  let time = null;
  let message = body;
  if (key.kind === COSIGNATURE) {
    if (payload.length < 8) throw new False(key.name);
    time = BigInt(`0x${hex(payload.subarray(0, 8))}`);
    payload = payload.subarray(8);
    message = `cosignature/v1\ntime ${time}\n${body}`;
  }
  if (time > MAX_NUMBER || !(await accepts(key.bytes, payload, utf8(message))))
    throw new False(key.name);
  return time;
}

export const isRoot = (size, root) =>
  root.length === 32 && same(root, EMPTY_ROOT) === (size === 0n);

/** Origin, size and root out of a head's text. */
export function parseCheckpoint(body) {
  const lines = body.split('\n');
  if (lines.length !== 4 || lines[3]) bad('a checkpoint has three lines');
  const [origin, number, encoded] = lines;
  checkName(origin);
  const size = decimal(number);
  const root = fromBase64(encoded);
  return isRoot(size, root) ? { origin, size, root } : bad('no root');
}
