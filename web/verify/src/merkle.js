// RFC 6962 hashes (format 2), of one proof and of a whole log.

import { bad, hex, join, same } from './bytes.js';
import { sha256 } from './crypto.js';

const LEAF = Uint8Array.of(0);
const NODE = Uint8Array.of(1);

export const leafHash = (entry) => sha256(join(LEAF, entry));
const nodeHash = (left, right) => sha256(join(NODE, left, right));

/** Accept that `leaf` stands at `index` of the tree; sizes are BigInts. */
export function checkInclusion(leaf, index, { size, root }, proof) {
  if (index >= size) bad('no such entry');
  let at = index;
  let last = size - 1n;
  let found = leaf;
  for (const sibling of proof) {
    if (last === 0n) bad('proof too long');
    if (at & 1n || at === last) {
      found = nodeHash(sibling, found);
      while (!(at & 1n) && at) [at, last] = [at >> 1n, last >> 1n];
    } else found = nodeHash(found, sibling);
    [at, last] = [at >> 1n, last >> 1n];
  }
  if (last || !same(found, root)) bad('not in the log');
}

/** The hashes of a log that grows leaf by leaf; sizes are plain numbers. */
export class Levels {
  constructor(levels = [[]]) {
    this.levels = levels;
  }

  get size() {
    return this.levels[0].length;
  }

  copy() {
    return new Levels(this.levels.map((level) => level.slice()));
  }

  add(leaf) {
    let hash = leaf;
    for (let level = 0; ; level += 1) {
      if (!this.levels[level]) this.levels.push([]);
      const row = this.levels[level];
      row.push(hash);
      if (row.length % 2) return;
      hash = nodeHash(row[row.length - 2], hash);
    }
  }

  /** The root when the log had `size` leaves. */
  root(size) {
    let found = null;
    for (let level = 0, count = size; count; level += 1, count = Math.floor(count / 2)) {
      if (count % 2 === 0) continue;
      const peak = this.levels[level][count - 1];
      found = found ? nodeHash(peak, found) : peak;
    }
    return found ?? sha256(new Uint8Array());
  }

  /** What a tile must hold, in hex. */
  tile({ level, index, width }) {
    const row = this.levels[8 * level] ?? [];
    return row.slice(index * 256, index * 256 + width).map(hex).join('');
  }
}
