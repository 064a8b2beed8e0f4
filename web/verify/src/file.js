// The verdict on one file, offline (format 4 and 6).

import { binary, fromBinary } from './bytes.js';
import { digest } from './crypto.js';
import { mediaPath } from './paths.js';
import { MAX_PROOF, includes, parseProof } from './trust.js';
import { Doubt, FALSE, GENUINE, UNSURE } from './verdict.js';

export const MAX_SAVED = 64 * 2 ** 20;

const PICTURE = /data:([a-z]{1,20}\/[a-z0-9.+-]{1,60});base64,([A-Za-z0-9+/]+)(={0,2})/g;
const START = '<!--\n';
const END = '-->\n';

/** `{verdict, path, why, time}` for a file and the proof beside it, or null. */
export async function verifyFile(bytes, beside, trust) {
  try {
    return await check(bytes, beside, trust);
  } catch (error) {
    if (error instanceof Doubt) return error;
    return new Doubt(UNSURE, '', 'error', String(error));
  }
}

async function check(bytes, beside, trust) {
  if (bytes.length > MAX_SAVED) throw new Doubt(UNSURE, '', 'large');
  const [stripped, inside] = split(bytes);
  const found = beside ?? inside;
  if (!found) throw new Doubt(UNSURE, '', 'no proof');
  const proof = parseProof(found);
  const head = await trust.judge(proof.head);
  for (const form of new Set([bytes, stripped]))
    for (const published of [form, await withoutPictures(form, proof.path)])
      if (includes(proof, await digest(published), proof.path))
        return { verdict: GENUINE, path: proof.path, why: ['file'], time: head.time };
  throw new Doubt(FALSE, proof.path, 'other bytes');
}

/** The file without a proof in a trailing comment, and that proof. */
function split(bytes) {
  const from = Math.max(bytes.length - MAX_PROOF - START.length - END.length, 0);
  const tail = binary(bytes.subarray(from));
  const at = tail.endsWith(END) ? tail.lastIndexOf(START) : -1;
  if (at < 0) return [bytes, null];
  const proof = bytes.subarray(from + at + START.length, bytes.length - END.length);
  return [bytes.subarray(0, from + at), proof];
}

/** Each picture inside back to its address, with as many `../` as the page has folders. */
async function withoutPictures(bytes, path) {
  const page = binary(bytes);
  const up = '../'.repeat(path.split('/').length - 1);
  const parts = [];
  let at = 0;
  for (const match of page.matchAll(PICTURE)) {
    const picture = decoded(match[2], match[3].length);
    const there = picture && mediaPath(await digest(picture), match[1]);
    if (!there) continue;
    parts.push(page.slice(at, match.index), up, there);
    at = match.index + match[0].length;
  }
  return at ? fromBinary(parts.join('') + page.slice(at)) : bytes;
}

function decoded(string, pads) {
  const short = string.length % 4;
  return short === 1 || (short && short + pads < 4) ? null : fromBinary(atob(string));
}
