// A log rebuilt from its entries, to be compared with what was signed.

import { Bad, binary, same } from './bytes.js';
import { Levels, leafHash } from './merkle.js';
import { SUMS, parseBundle, parseEntry, tilePath, tilesAt } from './paths.js';

const MAX_BUNDLE = 256 * (2 + 64 + 2 + 200 + 1);

/** The log of the signed `tree`, `{current, sums, editions, levels}`, that begins with `begun`.
 *
 * Null where the entries do not give the root. Throws Doubt (no such file) and Bad.
 */
export async function readLog(reader, tree, begun = null) {
  const log = {
    current: new Map(begun?.current),
    editions: new Set(begun?.editions),
    levels: begun?.levels.copy() ?? new Levels(),
    sums: begun?.sums ?? '',
  };
  const known = log.levels.size;
  const size = Number(tree.size);
  for (const tile of tilesAt(size, -1).slice(Math.floor(known / 256))) {
    const entries = parseBundle(await reader.read(tilePath(tile), MAX_BUNDLE));
    if (entries.length !== tile.width) throw new Bad('a bundle of another size');
    for (const entry of entries.slice(Math.max(known - tile.index * 256, 0))) take(log, entry);
  }
  return same(log.levels.root(size), tree.root) ? log : null;
}

function take(log, entry) {
  const { sha, path } = parseEntry(binary(entry));
  log.levels.add(leafHash(entry));
  log.sums = '';
  if (path !== SUMS) log.current.set(path, sha);
  else {
    log.sums = sha;
    log.editions.add(log.levels.size);
  }
}
