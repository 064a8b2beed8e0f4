// Small texts with exactly one valid form: UTF-8, base64, decimals, names.

/** Bytes that are not what the format allows; a forgery, damage, or another kind of file. */
export class Bad extends Error {}

export function bad(why = '') {
  throw new Bad(why);
}

export const MAX_NUMBER = 2n ** 63n - 1n; // of a size, and of a time

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const writer = new TextEncoder();
// White space and control characters as Unicode has them, and the plus that parts a key's text.
const NOT_IN_NAMES = /[\0- \x7f-\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000+]/;

export function text(bytes) {
  try {
    return strict.decode(bytes);
  } catch {
    return bad('not UTF-8');
  }
}

export const utf8 = (string) => writer.encode(string);

/** One character for each byte, so that texts can be searched in files of any kind. */
export function binary(bytes) {
  const parts = [];
  for (let at = 0; at < bytes.length; at += 8192)
    parts.push(String.fromCharCode(...bytes.subarray(at, at + 8192)));
  return parts.join('');
}

export const fromBinary = (string) => Uint8Array.from(string, (letter) => letter.charCodeAt(0));

export const toBase64 = (bytes) => btoa(binary(bytes));

/** The bytes that `toBase64` writes as exactly `string`. */
export function fromBase64(string) {
  let found = '';
  try {
    found = atob(string);
  } catch {
    bad('not base64');
  }
  if (btoa(found) !== string) bad('not the one base64 form');
  return fromBinary(found);
}

export function decimal(string) {
  if (!/^(0|[1-9][0-9]{0,18})$/.test(string)) bad('no decimal number');
  const number = BigInt(string);
  return number > MAX_NUMBER ? bad('too large a number') : number;
}

export function checkName(name) {
  if (!name || utf8(name).length > 255 || NOT_IN_NAMES.test(name)) bad('no key name');
}

export const hex = (bytes) => Array.from(bytes, (b) => b.toString(16).padStart(2, '0')).join('');

export const same = (a, b) => a.length === b.length && a.every((byte, at) => byte === b[at]);

export function join(...parts) {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
