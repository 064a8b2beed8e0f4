// Articles with their proofs, handed on without their mirror (feeds/verify_papers.py).

import { binary } from './bytes.js';
import { MAX_SAVED, verifyFile } from './file.js';
import { PROOF, keyringVersion } from './paths.js';
import { MAX_PROOF, Trust } from './trust.js';
import { Doubt, FALSE, Findings, GENUINE, UNSURE, weight } from './verdict.js';

const MOST = 300; // pages
const MEDIA = /^m\/[0-9a-f]{2}\/([0-9a-f]{64})\.[a-z0-9]{2,5}$/;
const SHOWN = /m\/[0-9a-f]{2}\/[0-9a-f]{64}\.[a-z0-9]{2,5}/g;

/** Of each file, the heaviest first, `[name, {verdict, path, why, time}]`; nothing of good pictures. */
export async function verifyPapers(reader, { pin, known, progress }) {
  const paths = reader.paths.filter((path) => !keyringVersion(path)).sort();
  const rings = reader.paths.some(keyringVersion) ? reader : null;
  const pages = paths.filter((path) => !MEDIA.test(path) && !path.endsWith(PROOF));
  const beside = pairs(pages, paths.filter((path) => path.endsWith(PROOF)));
  const found = [...reader.strange].map(([path, why]) => [path, new Doubt(FALSE, path, why)]);
  const shown = new Set();
  const trust = pages.length && (await opened(new Trust(pin, known, rings)));
  for (const path of pages.slice(0, MOST)) {
    await progress?.(found.length + 1, pages.length);
    found.push([path, await ofPage(reader, path, beside.get(path), trust, shown)]);
  }
  if (pages.length > MOST) found.push(['', new Doubt(UNSURE, '', 'many pages', String(MOST))]);
  for (const path of paths.filter((one) => MEDIA.test(one))) {
    const doubt = await ofPicture(reader, path, shown);
    if (doubt) found.push([path, doubt]);
  }
  const used = new Set(beside.values());
  for (const path of paths)
    if (path.endsWith(PROOF) && !used.has(path)) found.push([path, new Doubt(UNSURE, path, 'lone proof')]);
  found.sort(([, a], [, b]) => weight(a) - weight(b));
  return found.length ? found : [['', new Doubt(UNSURE, '', 'no papers')]];
}

/** The trust, or why there is none. */
async function opened(trust) {
  try {
    return await trust.open(new Findings());
  } catch (error) {
    if (error instanceof Doubt) return error;
    throw error;
  }
}

/** Each page with its proof; one page and one proof belong together. */
function pairs(pages, proofs) {
  if (pages.length === 1 && proofs.length === 1) return new Map([[pages[0], proofs[0]]]);
  const there = new Set(proofs);
  return new Map(pages.filter((path) => there.has(path + PROOF)).map((path) => [path, path + PROOF]));
}

async function ofPage(reader, path, proof, trust, shown) {
  let bytes;
  let beside = null;
  try {
    bytes = await reader.read(path, MAX_SAVED);
    if (proof) beside = await reader.read(proof, MAX_PROOF);
  } catch (error) {
    if (!(error instanceof Doubt)) throw error;
    return new Doubt(UNSURE, path, ...error.why);
  }
  if (trust instanceof Doubt) return trust;
  const found = await verifyFile(bytes, beside, trust);
  if (found.verdict === GENUINE)
    for (const [link] of binary(bytes).matchAll(SHOWN)) shown.add(link);
  return found;
}

async function ofPicture(reader, path, shown) {
  if (!shown.has(path)) return new Doubt(UNSURE, path, 'lone picture');
  try {
    const right = (await reader.hash(path)) === MEDIA.exec(path)[1];
    return right ? null : new Doubt(FALSE, path, 'altered');
  } catch (error) {
    if (error instanceof Doubt) return error;
    throw error;
  }
}
