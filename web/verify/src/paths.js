// Which paths a tree may hold, and what stands at each (format 1, 2.1, 2.5).

import { bad } from './bytes.js';

export const SUMS = 'SHA256SUMS';
export const AHEAD = '.SHA256SUMS'; // the next one, while a push brings what it lists; a dot file
export const HEAD = 'log/checkpoint';
export const MINISIG = 'log/checkpoint.minisig';
export const PROOF = '.tlog-proof';
export const EMPTY = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

const PLAIN = /^(image\/(avif|gif|png|webp)|audio\/(ogg|opus|wav)|video\/(mp4|webm)|application\/pdf)$/;
const OTHERS = new Map([
  ['image/jpeg', 'jpg'],
  ['image/svg+xml', 'svg'],
  ['audio/mpeg', 'mp3'],
  ['audio/mp4', 'm4a'],
]);

export const isHidden = (path) => path.split('/').some((part) => part.startsWith('.'));
export const keyringPath = (version) => `log/keys/${version}`;
export const needsProof = (path) => /^[ap]\//.test(path) || path === SUMS;
export const isLocalised = (path) =>
  path.startsWith('feeds/') || /^(feeds\.opml|404\.html|sitemap[^/]*\.xml)$/.test(path);
export const byLog = (path) => /^([apm]|log)\//.test(path); // never a mutable file
export const keyringVersion = (path) => Number(/^log\/keys\/([1-9]\d{0,8})$/.exec(path)?.[1] ?? 0);

/** Where a file of that digest and media type stands; empty for a type that no mirror holds. */
export function mediaPath(sha, type) {
  const ending = PLAIN.test(type) ? type.split('/')[1] : OTHERS.get(type);
  return ending ? `m/${sha.slice(0, 2)}/${sha}.${ending}` : '';
}

/** `path`, if a log entry may name it. */
function checkPath(path) {
  const fine = /^[A-Za-z0-9._/-]{1,200}$/.test(path) && !path.startsWith('log/');
  if (!fine || path.endsWith(PROOF)) bad('no path of an entry');
  return path.split('/').some((part) => /^\.{0,2}$/.test(part)) ? bad('no path') : path;
}

/** Digest and path out of one `sha256sum` line. */
export function parseEntry(line) {
  const match = /^([0-9a-f]{64})  ([A-Za-z0-9._/-]{1,200})\n$/.exec(line);
  return match ? { sha: match[1], path: checkPath(match[2]) } : bad('no entry');
}

/** Path to digest out of `SHA256SUMS`. */
export function parseSums(string) {
  const listed = new Map();
  let last = '';
  for (const line of string.match(/[^\n]*\n|[^\n]+/g) ?? []) {
    const match = /^([0-9a-f]{64})  (.{1,200})\n$/.exec(line);
    if (!match || match[2] <= last || match[2] === SUMS) bad('no SHA256SUMS');
    last = keyringVersion(match[2]) ? match[2] : checkPath(match[2]);
    listed.set(last, match[1]);
  }
  return listed;
}

const grouped = (index) => {
  const digits = String(index);
  const groups = digits.padStart(Math.ceil(digits.length / 3) * 3, '0').match(/.../g);
  return groups.map((group, at) => (at < groups.length - 1 ? `x${group}` : group)).join('/');
};

/** Path of a tile of hashes, or (level -1) of a bundle of entries. */
export function tilePath({ level, index, width }) {
  const partial = width < 256 ? `.p/${width}` : '';
  return `log/tile/${level < 0 ? 'entries' : level}/${grouped(index)}${partial}`;
}

/** The tile or bundle that has exactly this path, or null. */
export function parseTile(path) {
  const form = /^log\/tile\/([0-7]|entries)\/((?:x\d{3}\/){0,5}\d{3})(?:\.p\/([1-9]\d{0,2}))?$/;
  const match = form.exec(path);
  if (!match) return null;
  const tile = {
    level: match[1] === 'entries' ? -1 : Number(match[1]),
    index: Number(match[2].replace(/[x/]/g, '')),
    width: Number(match[3] ?? 256),
  };
  return tile.width <= 256 && tilePath(tile) === path ? tile : null;
}

/** How many hashes a tree of `size` has at a tile's level. */
export const countAt = (size, level) => Math.floor(size / 256 ** Math.max(level, 0));

/** The tiles of one level (-1: bundles) that a tree of `size` has. */
export function tilesAt(size, level) {
  const count = countAt(size, level);
  const tiles = [];
  for (let index = 0; index * 256 < count; index += 1)
    tiles.push({ level, index, width: Math.min(count - index * 256, 256) });
  return tiles;
}

/** The entries of a bundle. */
export function parseBundle(bytes) {
  const entries = [];
  let at = 0;
  while (at < bytes.length && entries.length <= 256) {
    const start = at + 2;
    at = start + ((bytes[at] << 8) | bytes[start - 1]);
    entries.push(bytes.subarray(start, at));
  }
  if (at !== bytes.length || !entries.length || entries.length > 256) bad('no bundle');
  return entries;
}
