// Hashes and signatures: the browser's own where it offers them, else those built in.
// A page that came over plain HTTP has no `crypto.subtle`.

import { hashes, verify } from '@noble/ed25519';
import { sha256 as hasher, sha512 } from '@noble/hashes/sha2.js';
import { hex } from './bytes.js';

hashes.sha512 = sha512;

const subtle = globalThis.crypto?.subtle;
const PIECE = 2 ** 22;
const AT_ONCE = 2 ** 26;
const SMALL = 2 ** 12; // below this a call to the browser costs more than the hash

/** SHA-256 of few bytes, at once. */
export const sha256 = hasher;

/** Hex SHA-256 of `bytes`. */
export async function digest(bytes) {
  if (!subtle || bytes.length < SMALL) return hex(sha256(bytes));
  return hex(new Uint8Array(await subtle.digest('SHA-256', bytes)));
}

/** Hex SHA-256 of a Blob, or of a file in a bundle, of which only a part is held in memory where it is large. */
export async function digestBlob(blob) {
  if (blob.size <= (subtle ? AT_ONCE : PIECE))
    return digest(new Uint8Array(await blob.arrayBuffer()));
  const sum = hasher.create();
  if (blob.pieces) {
    for await (const piece of blob.pieces()) sum.update(piece);
    return hex(sum.digest());
  }
  for (let at = 0; at < blob.size; at += PIECE)
    sum.update(new Uint8Array(await blob.slice(at, at + PIECE).arrayBuffer()));
  return hex(sum.digest());
}

/** Whether the 64 bytes of `signature` were made by the Ed25519 key `key` over `message`. */
export async function accepts(key, signature, message) {
  if (signature.length !== 64) return false;
  try {
    const own = await subtle.importKey('raw', key, 'Ed25519', false, ['verify']);
    return await subtle.verify('Ed25519', own, signature, message);
  } catch {
    return verifies(key, signature, message); // no subtle, or none that knows Ed25519
  }
}

export function verifies(key, signature, message) {
  try {
    return verify(signature, message, key, { zip215: false });
  } catch {
    return false;
  }
}
