// What can be said of a file or a mirror (format 6), the heaviest first.

export const FORKED = 'forked';
export const FALSE = 'not genuine';
export const UNSURE = 'could not tell';
export const INCOMPLETE = 'incomplete';
export const STALE = 'stale';
export const UPDATING = 'updating';
export const GENUINE = 'genuine';

const ORDER = [FORKED, FALSE, UNSURE, INCOMPLETE, STALE, UPDATING, GENUINE];
export const weight = ({ verdict }) => ORDER.indexOf(verdict);
const MAX_FINDINGS = 200; // of each verdict

/** A check that did not hold; `why` is the key of a text in `words.js` and its values. */
export class Doubt extends Error {
  constructor(verdict, path, ...why) {
    super(why[0]);
    Object.assign(this, { verdict, path, why });
  }
}

/** What was found, `{verdict, path, why}` each. */
export class Findings {
  constructor() {
    this.kept = new Map(ORDER.map((verdict) => [verdict, []]));
    this.more = 0;
  }

  add(verdict, path, ...why) {
    const same = this.kept.get(verdict);
    if (same.length < MAX_FINDINGS) same.push({ verdict, path, why });
    else this.more += 1;
  }

  get ordered() {
    return [...this.kept.values()].flat();
  }

  get verdict() {
    return this.ordered[0]?.verdict ?? GENUINE;
  }
}
