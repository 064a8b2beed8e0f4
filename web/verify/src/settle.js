// What does not fit the head may belong to the next one: a copy made while a push was under way.

import { Bad } from './bytes.js';
import { checkEdition } from './edition.js';
import { readLog } from './log.js';
import { PROOF, SUMS, byLog, countAt, needsProof, parseTile } from './paths.js';
import { MAX_PROOF, includes, parseProof } from './trust.js';
import { Doubt, INCOMPLETE, UNSURE, UPDATING } from './verdict.js';

const MAX_PUSH_S = 3600;
const MAX_PROOFS = 300;

const proven = (path) => (path.endsWith(PROOF) ? path.slice(0, -PROOF.length) : path);

/** Add what is wrong to `findings`; since when the newest valid head is fresh. */
export async function settle(place, head, edition, findings, now) {
  const newer = await findNewer(place, head, edition.wrong.keys());
  if (!newer) {
    for (const [path, doubt] of edition.wrong) findings.add(doubt.verdict, path, ...doubt.why);
    return head.fresh;
  }
  const log = await readLog(place.reader, newer.tree, edition.log).catch((error) => {
    if (error instanceof Doubt || error instanceof Bad) return null; // not come so far
    throw error;
  });
  const next = log?.sums ? await checkEdition(place, newer, log) : null;
  const brokenOff = newer.time !== null && now / 1000 - newer.time > MAX_PUSH_S;
  const wrong = new Map(edition.wrong);
  if (next?.listed && !edition.listed)
    for (const [path, doubt] of next.wrong)
      if (doubt.extra || (next.files.has(path) && !edition.files.has(path))) wrong.set(path, doubt);
  for (const [path, doubt] of wrong) {
    const still = next
      ? byNext(next, path)
      : await alone(place, path, wrong, Number(newer.tree.size));
    if (still) findings.add(still.verdict, path, ...still.why);
    else findings.add(brokenOff ? INCOMPLETE : UPDATING, path, 'next');
  }
  if (brokenOff) findings.add(INCOMPLETE, '', 'broken off');
  return newer.fresh;
}

async function findNewer({ reader, trust }, head, paths) {
  let found = null;
  const asked = [...new Set([SUMS, ...[...paths].map(proven).filter(needsProof)])];
  for (const path of asked.slice(0, MAX_PROOFS)) {
    try {
      const { head: note } = parseProof(await reader.read(path + PROOF, MAX_PROOF));
      const seen = await trust.judge(note);
      if (seen.tree.size > (found ?? head).tree.size) found = seen;
    } catch (error) {
      if (!(error instanceof Doubt)) throw error;
    }
  }
  return found;
}

const notYet = (path) => new Doubt(UNSURE, path, 'not yet');

/** What is still wrong where the log of the next head is here. */
function byNext(next, path) {
  if (next.wrong.has(path)) return next.wrong.get(path);
  const decided = next.listed || byLog(path) || next.files.has(path) || path.endsWith(PROOF);
  return decided ? null : notYet(path);
}

/** The same where only a proof beside the file can speak for it. */
async function alone({ reader, trust }, path, wrong, size) {
  const doubt = wrong.get(path);
  if (doubt.verdict === INCOMPLETE) return notYet(path); // deletions come before the log that tells of them
  const tile = parseTile(path);
  if (tile) {
    const here = countAt(size, tile.level);
    const reaches = tile.index * 256 + tile.width;
    const fits = reaches <= here && (tile.width === 256 || reaches === here);
    return doubt.extra && fits ? null : doubt;
  }
  if (path.startsWith('m/') && doubt.extra) {
    const named = path.split('/').pop().split('.')[0];
    return (await reader.hash(path).catch(() => '')) === named ? null : doubt;
  }
  const file = proven(path);
  if (!needsProof(file)) return doubt.extra && !byLog(path) ? notYet(path) : doubt;
  const comesNext = path !== file && (doubt.extra || !wrong.has(file));
  return byProof({ reader, trust }, file, doubt, comesNext && size);
}

/** A proof may come before its file: `ahead` is then the size of the head that it may bear. */
async function byProof({ reader, trust }, file, doubt, ahead) {
  if (!reader.has(file + PROOF)) return doubt.extra ? notYet(file) : doubt;
  try {
    const proof = parseProof(await reader.read(file + PROOF, MAX_PROOF));
    await trust.judge(proof.head);
    if (proof.path === file && Number(proof.tree.size) === ahead) return null;
    return includes(proof, await reader.hash(file).catch(() => ''), file) ? null : doubt;
  } catch (error) {
    if (error instanceof Doubt) return doubt;
    throw error;
  }
}
