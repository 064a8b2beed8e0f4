// The files of a folder, which are not trusted: sizes are looked at before anything is read.

import { digestBlob } from './crypto.js';
import { isHidden } from './paths.js';
import { Doubt, FALSE, INCOMPLETE, UNSURE } from './verdict.js';

const MAX_FILE = 256 * 2 ** 20;

/** `files` is a Map of path to Blob. */
export class Reader {
  constructor(files) {
    this.files = files;
    this.strange = new Map(); // path to what is wrong with it, where no mirror holds such a thing
  }

  has(path) {
    return this.files.has(path);
  }

  /** All but dot files, as `ls` shows them. */
  get paths() {
    return [...this.files.keys()].filter((path) => !isHidden(path));
  }

  async read(path, most) {
    return this.take(path, most, async (blob) => new Uint8Array(await blob.arrayBuffer()));
  }

  async hash(path) {
    return this.take(path, MAX_FILE, digestBlob);
  }

  async take(path, most, how) {
    const blob = this.files.get(path);
    if (!blob) throw new Doubt(INCOMPLETE, path, 'missing');
    if (blob.size > most) throw new Doubt(FALSE, path, 'too large');
    try {
      return await how(blob);
    } catch (error) {
      if (error instanceof Doubt) throw error;
      throw new Doubt(UNSURE, path, 'unreadable');
    }
  }
}
