// What files are: a whole copy, articles with their proofs, keyrings.

import { binary } from './bytes.js';
import { MAX_NOTE } from './note.js';
import { HEAD, PROOF, isHidden } from './paths.js';
import { MAX_PROOF } from './trust.js';

/** The copy of a site among `files` (path to Blob), `{name, files}`, or null. */
export function treeIn(files) {
  const heads = [...files.keys()].filter((path) => `/${path}`.endsWith(`/${HEAD}`));
  if (!heads.length) return null;
  const top = heads.sort((a, b) => a.length - b.length)[0].slice(0, -HEAD.length);
  const inside = [...files].filter(([path]) => path.startsWith(top));
  const named = inside.map(([path, blob]) => [path.slice(top.length), blob]);
  return { name: top.slice(0, -1), files: new Map(named) };
}

/** `{articles, proofs, keyrings}`: articles with their proofs, names of proofs without one. */
export async function sort(files) {
  const proofs = new Map();
  const keyrings = [];
  const articles = [];
  for (const [path, blob] of files) {
    if (isHidden(path)) continue;
    const start = binary(new Uint8Array(await blob.slice(0, 400).arrayBuffer()));
    if (start.startsWith('c2sp.org/tlog-proof@') && blob.size <= MAX_PROOF)
      proofs.set(path, new Uint8Array(await blob.arrayBuffer()));
    else if (/^\S+\/keys\nversion \d/.test(start) && blob.size <= MAX_NOTE)
      keyrings.push(new Uint8Array(await blob.arrayBuffer()));
    else articles.push([path, { blob, proof: null }]);
  }
  pair(articles, proofs);
  return { articles, proofs: [...proofs.keys()], keyrings };
}

/** Give each article the proof of its name; one article and one proof belong together. */
function pair(articles, proofs) {
  for (const [path, article] of articles)
    for (const name of [path + PROOF, `${path + PROOF}.txt`])
      if (proofs.has(name)) {
        article.proof = proofs.get(name);
        proofs.delete(name);
      }
  if (articles.length === 1 && proofs.size === 1 && !articles[0][1].proof) {
    [articles[0][1].proof] = proofs.values();
    proofs.clear();
  }
}
