// The verdict on a whole mirror in a folder (format 6).

import { Bad } from './bytes.js';
import { checkEdition } from './edition.js';
import { readLog } from './log.js';
import { MAX_NOTE } from './note.js';
import { HEAD } from './paths.js';
import { settle } from './settle.js';
import { Trust } from './trust.js';
import { Doubt, FALSE, Findings, GENUINE, INCOMPLETE, STALE, UNSURE } from './verdict.js';

const AHEAD_S = 600;
const MAX_SIZE = 2_000_000; // entries; beyond, a page would take minutes

/** `{verdict, findings, more, size, files, time, keyring}`; never throws.
 *
 * `files` is a Reader, `options` are `{pin, known, now, base, progress}`: now in milliseconds,
 * base the page's own address or null.
 */
export async function verifyTree(reader, options) {
  const findings = new Findings();
  const report = { findings, size: 0, files: 0, time: null, keyring: 0 };
  try {
    await check(reader, options, report);
  } catch (error) {
    if (error instanceof Doubt) findings.add(error.verdict, error.path, ...error.why);
    else findings.add(UNSURE, '', 'error', String(error));
  }
  return { ...report, verdict: findings.verdict, findings: findings.ordered, more: findings.more };
}

async function check(reader, { pin, known, now, base, progress }, report) {
  const { findings } = report;
  const trust = await new Trust(pin, known, reader).open(findings);
  report.keyring = trust.ring.version;
  trust.checkExpiry(now);
  const head = await readHead(reader, trust);
  report.time = head.time;
  if (head.time > now / 1000 + AHEAD_S) throw new Doubt(UNSURE, HEAD, 'future', head.time);
  if (head.tree.size > MAX_SIZE) throw new Doubt(UNSURE, HEAD, 'too many');
  report.size = Number(head.tree.size);
  const log = await readLog(reader, head.tree).catch((error) => {
    if (error instanceof Doubt && error.why[0] === 'missing')
      throw new Doubt(INCOMPLETE, error.path, 'missing log');
    throw error instanceof Bad ? new Doubt(FALSE, 'log/tile/entries', 'log bad') : error;
  });
  if (!log) throw new Doubt(FALSE, 'log/tile/entries', 'log other');
  if (!log.sums) throw new Doubt(FALSE, HEAD, 'no edition');
  const place = { reader, trust, base, progress, seen: new Set() };
  const edition = await checkEdition(place, head, log);
  report.files = edition.files.size;
  const newest = edition.wrong.size ? await settle(place, head, edition, findings, now) : head.fresh;
  place.seen.forEach((other) => findings.add(GENUINE, '', 'base', other));
  if (newest === null) findings.add(UNSURE, '', 'no witness');
  else if (now / 1000 - newest > trust.ring.maxAge) findings.add(STALE, '', 'stale', newest);
}

async function readHead(reader, trust) {
  if (!reader.has(HEAD)) throw new Doubt(UNSURE, HEAD, 'no mirror');
  const bytes = await reader.read(HEAD, MAX_NOTE);
  try {
    return await trust.judge(bytes);
  } catch (error) {
    throw error instanceof Doubt ? new Doubt(error.verdict, HEAD, ...error.why) : error;
  }
}
