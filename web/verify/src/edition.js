// Every file of a mirror against what one head pins (format 1, 2, 6).

import {
  Bad, binary, fromBase64, fromBinary, hex, same, text, utf8,
} from './bytes.js';
import { accepts, digest } from './crypto.js';
import { leafHash } from './merkle.js';
import {
  AHEAD, EMPTY, HEAD, MINISIG, PROOF, SUMS, byLog, countAt, isLocalised, keyringVersion,
  needsProof, parseBundle, parseSums, parseTile, tilePath, tilesAt,
} from './paths.js';
import { MAX_PROOF, includes, parseProof } from './trust.js';
import { Doubt, FALSE, FORKED, UNSURE } from './verdict.js';

const CANONICAL = 'https://mirror.invalid/';
const HOST = '([a-z0-9]([a-z0-9.-]*[a-z0-9])?|\\[[0-9a-f:.]+\\])(:[1-9]\\d{0,4})?';
const BASE = new RegExp(`^https?://${HOST}/([A-Za-z0-9._~-]+/)*$`);
const MAX_LOCALISED = 16 * 2 ** 20;
const MAX_SUMS = 64000;
const MAX_BUNDLE = 68864;

/** `{files, log, wrong, listed}`: wrong is a Map of path to Doubt, listed the mutable files. */
export async function checkEdition(place, head, log) {
  const listed = await pinnedSums(place.reader, log.sums);
  const files = new Map([...log.current, [SUMS, log.sums], ...(listed ?? [])]);
  const edition = { files, log, listed, wrong: new Map() };
  edition.bases = await readBases(place, files);
  await checkFiles(place, edition);
  await checkTiles(place, edition, Number(head.tree.size));
  await note(edition, MINISIG, () => checkMinisig(place, head));
  await checkProofs(place, edition);
  await checkExtra(place, edition, Number(head.tree.size));
  return edition;
}

async function note(edition, path, check) {
  try {
    await check();
  } catch (error) {
    if (error instanceof Bad) edition.wrong.set(path, new Doubt(FALSE, path, 'no fit'));
    else if (error instanceof Doubt)
      edition.wrong.set(path, new Doubt(error.verdict, path, ...error.why));
    else throw error;
  }
}

async function pinnedSums(reader, sha) {
  for (const path of [SUMS, AHEAD]) {
    const bytes = await reader.read(path, MAX_SUMS).catch(() => null);
    if (bytes && (await digest(bytes)) === sha) return parseSums(binary(bytes));
  }
  return null;
}

// Localised files (format 1.5): a copy of an address has that address in them.

async function readBases({ reader, base }, files) {
  const found = [CANONICAL];
  const bytes = await reader.read('mirrors.json', 2 ** 20).catch(() => null);
  if (bytes && (await digest(bytes)) === files.get('mirrors.json')) {
    try {
      found.push(...JSON.parse(text(bytes)).mirrors.slice(0, 50).map((one) => one.url));
    } catch {
      // a list that names none
    }
  }
  return [...found, base].filter((one) => typeof one === 'string' && BASE.test(one));
}

async function checkFiles(place, { files, bases, wrong }) {
  let done = 0;
  for (const [path, sha] of files) {
    done += 1;
    if (done % 50 === 0) await place.progress?.(done, files.size);
    await note({ wrong }, path, () => checkFile(place, path, sha, bases));
  }
}

async function checkFile({ reader, seen }, path, sha, bases) {
  if (sha === EMPTY && !reader.has(path)) return; // gone, as it should be
  if (isLocalised(path) && sha !== EMPTY) {
    const whole = binary(await reader.read(path, MAX_LOCALISED));
    for (const base of bases) {
      const bytes = fromBinary(whole.split(base).join(CANONICAL));
      if ((await digest(bytes)) !== sha) continue;
      if (base === CANONICAL) return;
      if (whole.includes(CANONICAL)) throw new Doubt(FALSE, path, 'unreplaced');
      seen.add(base);
      return;
    }
  } else if ((await reader.hash(path)) === sha) return;
  throw new Doubt(FALSE, path, sha === EMPTY ? 'withdrawn' : 'altered');
}

// The log's own files.

async function checkTiles(place, edition, size) {
  for (let level = 0; countAt(size, level); level += 1)
    for (const tile of tilesAt(size, level)) await checkTile(place, edition, tile);
}

async function checkTile({ reader }, edition, tile) {
  const path = tilePath(tile);
  await note(edition, path, async () => {
    const bytes = await reader.read(path, MAX_BUNDLE);
    const leaves = () => parseBundle(bytes).map((one) => hex(leafHash(one))).join('');
    const found = tile.level < 0 ? leaves() : hex(bytes);
    const wanted = edition.log.levels.tile({ ...tile, level: Math.max(tile.level, 0) });
    if (found !== wanted) throw new Doubt(FALSE, path, 'no fit');
  });
}

async function checkMinisig({ reader, trust }, head) {
  const lines = text(await reader.read(MINISIG, 4096)).split('\n');
  const [first] = head.note.lines;
  const { logs, former } = trust.ring;
  const keys = [...logs, ...former.map((one) => one.key)];
  const key = keys.find((one) => one.name === first.name && one.id === first.id);
  if (!key || lines.length !== 5 || lines[4]) throw new Bad('no minisig');
  const blob = fromBase64(lines[1]);
  const start = `untrusted comment: ${key.name}|trusted comment: |Ed${binary(key.number)}`;
  const signature = blob.subarray(10);
  const good =
    `${lines[0]}|${lines[2]}|${binary(blob.subarray(0, 10))}` === start &&
    (await accepts(key.bytes, signature, utf8(head.note.text))) &&
    (await accepts(key.bytes, fromBase64(lines[3]), signature));
  if (!good) throw new Bad('no minisig');
}

async function checkProofs(place, edition) {
  for (const [path, sha] of edition.files) {
    if (!needsProof(path) || sha === EMPTY || edition.wrong.has(path)) continue;
    await note(edition, path + PROOF, () => checkProof(place, path, sha, edition.log));
  }
}

async function checkProof({ reader, trust }, path, sha, log) {
  const proof = parseProof(await reader.read(path + PROOF, MAX_PROOF));
  const here = proof.tree.size <= log.levels.size;
  const agrees = here && same(log.levels.root(Number(proof.tree.size)), proof.tree.root);
  try {
    await trust.judge(proof.head);
  } catch (error) {
    // A revoked key's head from its good days: the log under a good head has the leaf (5.6).
    if (!(error instanceof Doubt) || error.verdict !== UNSURE || !agrees) throw error;
  }
  if (here && !agrees) throw new Doubt(FORKED, path, 'forked');
  if (!includes(proof, sha, path)) throw new Doubt(FALSE, path, 'proof other');
}

// What no edition accounts for.

const extra = (verdict, path, why) => Object.assign(new Doubt(verdict, path, why), { extra: true });

async function checkExtra(place, edition, size) {
  const { files, log, listed } = edition;
  for (const [path, why] of place.reader.strange) edition.wrong.set(path, new Doubt(FALSE, path, why));
  for (const path of place.reader.paths.sort()) {
    const tile = parseTile(path);
    const proven = path.endsWith(PROOF) && path.slice(0, -PROOF.length);
    const version = keyringVersion(path);
    if (files.has(path) || path === HEAD || path === MINISIG) continue;
    if (proven && needsProof(proven) && (files.get(proven) ?? EMPTY) !== EMPTY) continue;
    if (tile) {
      const here = countAt(size, tile.level);
      const reaches = tile.index * 256 + tile.width;
      const signed = [...log.editions].some((one) => countAt(one, tile.level) === reaches);
      if (reaches > here) edition.wrong.set(path, extra(UNSURE, path, 'ahead'));
      else if (tile.width < 256 && reaches !== here) {
        if (signed) await checkTile(place, edition, tile);
        else edition.wrong.set(path, extra(FALSE, path, 'extra'));
      }
    } else if (proven || !(version && version <= place.trust.ring.version))
      if (proven || listed || byLog(path)) edition.wrong.set(path, extra(FALSE, path, 'extra'));
  }
}
