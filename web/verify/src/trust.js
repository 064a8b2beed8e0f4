// From the keyring that the reader trusts to the newest one, and what heads are worth (5.5).

import { Bad, binary, decimal, fromBase64, same, text, utf8 } from './bytes.js';
import { digest } from './crypto.js';
import { checkOwn, checkUpdate, judgeHead, parseKeyring } from './keyring.js';
import { False, MAX_NOTE, parseCheckpoint, parseNote } from './note.js';
import { checkInclusion, leafHash } from './merkle.js';
import { keyringPath } from './paths.js';
import { Doubt, FALSE, GENUINE, INCOMPLETE, UNSURE } from './verdict.js';

export const MAX_PROOF = MAX_NOTE + 4096;
const LAST = 253402214400; // the end of the year 9999
const MOST = 1000; // keyrings
const MAX_KEPT = 20000; // heads judged already

/** A fingerprint as people write it, with spaces, colons and hyphens. */
export const plain = (print) => print.toLowerCase().replace(/[ :\-\t\n]/g, '');

async function parsed(bytes, test) {
  try {
    const ring = parseKeyring(bytes);
    await test(ring);
    return ring;
  } catch (error) {
    if (error instanceof Bad) return null;
    throw error;
  }
}

/** The keyrings that a verdict may rest on.
 *
 * `pin` is what the reader trusts: `{file}`, a keyring's bytes, or `{print}`, its fingerprint.
 * `known` are keyrings from anywhere: one counts if the pin leads to it. `reader` is the mirror
 * that is looked at, or null.
 */
export class Trust {
  constructor(pin, known, reader) {
    Object.assign(this, { pin, known, reader, ring: null, judged: new Map() });
  }

  /** Walk to the newest keyring; throws Doubt where there is none to begin with. */
  async open(findings) {
    const ring = await this.pinned();
    if (this.reader) await this.checkEarlier(ring, findings);
    this.ring = await this.newest(ring, findings);
    return this;
  }

  async pinned() {
    const bytes = this.pin.file ?? (await this.find(plain(this.pin.print)));
    const ring = await parsed(bytes, checkOwn);
    if (!ring) throw new Doubt(UNSURE, '', 'ring bad');
    return ring;
  }

  async find(print) {
    for (const bytes of this.known) if ((await digest(bytes)) === print) return bytes;
    for (let version = 1; this.reader && version < MOST; version += 1) {
      const bytes = await this.fromReader(version);
      if (!bytes) break;
      if (bytes.length && (await digest(bytes)) === print) return bytes;
    }
    throw this.reader ? new Doubt(FALSE, 'log/keys', 'ring none') : new Doubt(UNSURE, '', 'ring need');
  }

  /** Bytes; null where there is no such file, empty where it can't be read. */
  async fromReader(version) {
    const path = keyringPath(version);
    if (!this.reader.has(path)) return null;
    try {
      return await this.reader.read(path, MAX_NOTE);
    } catch (error) {
      if (error instanceof Doubt) return new Uint8Array();
      throw error;
    }
  }

  async checkEarlier(ring, findings) {
    let later = ring;
    for (let { version } = ring; version; version -= 1) {
      const path = keyringPath(version);
      if (!this.reader.has(path)) {
        findings.add(INCOMPLETE, path, 'missing');
        break;
      }
      const bytes = await this.reader.read(path, MAX_NOTE).catch((error) => error);
      if (bytes instanceof Doubt) {
        findings.add(bytes.verdict, path, ...bytes.why);
        break;
      }
      const after = later;
      later = await parsed(bytes, async (found) => {
        if (version < ring.version) await checkUpdate(found, after);
        else if (!same(found.note.bytes, ring.note.bytes)) throw new Bad('another');
      });
      if (!later) {
        findings.add(FALSE, path, 'ring other');
        break;
      }
    }
  }

  async newest(ring, findings) {
    for (let count = 0; count < MOST; count += 1) {
      const path = keyringPath(ring.version + 1);
      const bytes = this.reader && (await this.fromReader(ring.version + 1));
      let next = bytes && (await parsed(bytes, () => {}));
      if (bytes && !next) findings.add(GENUINE, path, 'ring soft');
      if (next && !(await parsed(bytes, (found) => checkUpdate(ring, found)))) {
        findings.add(FALSE, path, 'ring broken');
        break;
      }
      next = next || (await this.fromKnown(ring));
      if (!next) break;
      ring = next;
    }
    return ring;
  }

  async fromKnown(ring) {
    for (const bytes of this.known) {
      const next = await parsed(bytes, (found) => checkUpdate(ring, found));
      if (next) return next;
    }
    return null;
  }

  /** Throws Doubt where the keyring counts no more for the present state of a mirror. */
  checkExpiry(now) {
    if (new Date(now).toISOString().slice(0, 10) >= this.ring.expires)
      throw new Doubt(UNSURE, keyringPath(this.ring.version), 'expired', this.ring.expires);
  }

  /** The head in a signed note, `{tree, time, fresh, note}`: when its quorum was complete, and
   * since when a whole one has cosigned, both in seconds, or null without witness. */
  async judge(bytes) {
    const key = binary(bytes);
    if (this.judged.size > MAX_KEPT) this.judged.clear();
    if (!this.judged.has(key)) this.judged.set(key, await this.judgeNow(bytes));
    const found = this.judged.get(key);
    if (found instanceof Doubt) throw found;
    return found;
  }

  async judgeNow(bytes) {
    let judged = null;
    let note = null;
    try {
      note = parseNote(bytes);
      judged = await judgeHead(this.ring, note);
    } catch (error) {
      if (error instanceof False) return new Doubt(FALSE, '', 'signature', error.message);
      if (error instanceof Bad) return new Doubt(FALSE, '', 'head bad');
      throw error;
    }
    const { tree, standing, met, time, fresh, missing } = judged;
    const seconds = (found) => (found === null ? null : Math.min(Number(found), LAST));
    const good = standing === 'current' || standing === 'retired';
    if (good && met)
      return { tree, note, time: seconds(time), fresh: seconds(fresh) };
    if (!good) return new Doubt(standing === 'doubtful' && met ? UNSURE : FALSE, '', standing);
    return new Doubt(FALSE, '', 'quorum', missing.join(', '));
  }
}

/** An offline proof; nothing of it is checked but the form (format 4). */
export function parseProof(bytes) {
  try {
    if (bytes.length > MAX_PROOF) throw new Bad('proof too large');
    const whole = binary(bytes);
    const gap = whole.indexOf('\n\n');
    const [magic, extra, number, ...hashes] = whole.slice(0, Math.max(gap, 0)).split('\n');
    if (magic !== 'c2sp.org/tlog-proof@v1' || hashes.length > 63) throw new Bad('no proof');
    const path = text(fromBase64(value(extra, 'extra ')));
    const proof = {
      path,
      index: decimal(value(number, 'index ')),
      hashes: hashes.map(fromBase64),
      head: bytes.subarray(gap + 2),
    };
    if (!/^[A-Za-z0-9._/-]{1,200}$/.test(path)) throw new Bad('no path');
    if (proof.hashes.some((hash) => hash.length !== 32)) throw new Bad('no hash');
    proof.tree = parseCheckpoint(parseNote(proof.head).text);
    if (proof.index >= proof.tree.size) throw new Bad('no such entry');
    return proof;
  } catch (error) {
    if (error instanceof Bad) throw new Doubt(FALSE, '', 'proof bad');
    throw error;
  }
}

function value(line, word) {
  if (!line?.startsWith(word)) throw new Bad('no proof');
  return line.slice(word.length);
}

/** Whether bytes of that digest stand at `path` in the log of the proof's head. */
export function includes(proof, sha, path) {
  try {
    checkInclusion(leafHash(utf8(`${sha}  ${path}\n`)), proof.index, proof.tree, proof.hashes);
    return proof.path === path;
  } catch (error) {
    if (error instanceof Bad) return false;
    throw error;
  }
}
