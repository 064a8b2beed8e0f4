// Keyrings: which keys count, and what heads are worth under them (format 5.4 to 5.6).

import { bad, checkName, decimal, fromBase64, toBase64 } from './bytes.js';
import {
  COSIGNATURE, NOTE, isRoot, parseCheckpoint, parseKey, parseNote, signedBy,
} from './note.js';

const MAX_AGE = 366 * 24 * 3600;

/** The keyring in a signed note; no signature is checked. */
export function parseKeyring(bytes) {
  const note = parseNote(bytes);
  const gap = note.text.indexOf('\n\n');
  if (gap < 0) bad('no policy');
  const [first, ...lines] = note.text.slice(0, gap).split('\n');
  if (!first.endsWith('/keys')) bad('no keyring');
  const ring = { note, origin: first.slice(0, -5), roots: [], former: [], expires: '' };
  checkName(ring.origin);
  const facts = {};
  for (const line of lines) {
    const [word, ...rest] = line.split(' ');
    if (word === 'root' && rest.length === 1) ring.roots.push(parseKey(rest[0]));
    else if ((word === 'retired' || word === 'revoked') && rest.length === 3)
      ring.former.push(parseFormer(word, ...rest));
    else if (/^(version|expires|max-age|threshold)$/.test(word) && rest.length === 1)
      facts[word] = rest[0];
    else bad('no line of a keyring');
  }
  ring.version = number(facts.version, 2 ** 31 - 1);
  ring.maxAge = number(facts['max-age'], MAX_AGE);
  ring.threshold = number(facts.threshold, Math.min(ring.roots.length, 16));
  ring.expires = date(facts.expires);
  if (ring.roots.length > 16 || ring.former.length > 64) bad('too many keys');
  Object.assign(ring, parsePolicy(note.text.slice(gap + 2)));
  checkKeys(ring);
  return encode(ring) === note.text ? ring : bad('not the one form of a keyring');
}

function parseFormer(ending, key, size, root) {
  const former = { ending, key: parseKey(key), size: decimal(size), root: fromBase64(root) };
  return isRoot(former.size, former.root) ? former : bad('no last root');
}

function parsePolicy(policy) {
  const found = { logs: [], witnesses: [], groups: [], quorum: 'none' };
  for (const line of policy.replace(/\n$/, '').split('\n')) {
    const [word, ...rest] = line.split(' ');
    if (word === 'log' && rest.length === 1) found.logs.push(parseKey(rest[0]));
    else if (word === 'witness' && rest.length === 2)
      found.witnesses.push({ name: rest[0], key: parseKey(rest[1]) });
    else if (word === 'group' && rest.length > 1) found.groups.push(parseGroup(...rest));
    else if (word === 'quorum' && rest.length === 1) [found.quorum] = rest;
    else bad('no line of a policy');
  }
  checkNames(found);
  return found;
}

function parseGroup(name, rule, ...members) {
  const all = members.length;
  const needed = rule === 'any' ? 1 : rule === 'all' ? all : Number(decimal(rule));
  return needed >= 1 && needed <= all ? { name, rule, members, needed } : bad('no such group');
}

function checkNames({ witnesses, groups, quorum }) {
  const defined = witnesses.map((one) => one.name);
  const used = new Set();
  for (const group of groups) {
    for (const member of group.members) {
      if (!defined.includes(member) || used.has(member)) bad('no such member');
      used.add(member);
    }
    defined.push(group.name);
  }
  defined.forEach(checkName);
  if (new Set([...defined, 'none']).size <= defined.length) bad('a name twice');
  if (quorum !== 'none' && !defined.includes(quorum)) bad('no such quorum');
}

function checkKeys({ origin, roots, logs, witnesses, groups, former }) {
  const cosigners = witnesses.map((one) => one.key);
  if (!logs.length || Math.max(logs.length, witnesses.length, groups.length) > 32)
    bad('no log key, or too many');
  if ([...roots, ...logs].some((key) => key.kind !== NOTE)) bad('a key of the wrong kind');
  if (cosigners.some((key) => key.kind !== COSIGNATURE)) bad('a key of the wrong kind');
  const ofLog = [...logs, ...former.map((one) => one.key).filter((key) => key.kind === NOTE)];
  if (ofLog.some((key) => key.name !== origin)) bad('a key of another log');
  const every = [...roots, ...logs, ...cosigners, ...former.map((one) => one.key)];
  if (new Set(every.map((key) => String(key.bytes))).size < every.length) bad('a key twice');
}

function encode(ring) {
  const lines = [
    `${ring.origin}/keys`,
    `version ${ring.version}`,
    `expires ${ring.expires}`,
    `max-age ${ring.maxAge}`,
    `threshold ${ring.threshold}`,
    ...ring.roots.map((key) => `root ${key.string}`),
    ...ring.former.map((one) => `${one.ending} ${one.key.string} ${one.size} ${toBase64(one.root)}`),
    '',
    ...ring.logs.map((key) => `log ${key.string}`),
    ...ring.witnesses.map((one) => `witness ${one.name} ${one.key.string}`),
    ...ring.groups.map((one) => ['group', one.name, one.rule, ...one.members].join(' ')),
    `quorum ${ring.quorum}`,
    '',
  ];
  return lines.join('\n');
}

function number(string, most) {
  const found = Number(decimal(string ?? ''));
  return found >= 1 && found <= most ? found : bad('a number out of range');
}

function date(string) {
  const time = /^\d{4}-\d\d-\d\d$/.test(string) && !string.startsWith('0000') && Date.parse(string);
  const real = time === false || Number.isNaN(time) ? '' : new Date(time).toISOString();
  return real.startsWith(string) && real ? string : bad('no date');
}

async function checkThreshold(note, ring) {
  if ((await signedBy(note, ring.roots)).size < ring.threshold) bad('too few signatures');
}

/** Accept a keyring that enough of its own roots signed. */
export const checkOwn = (ring) => checkThreshold(ring.note, ring);

/** Accept `next` as what follows the trusted `ring`. */
export async function checkUpdate(ring, next) {
  if (next.origin !== ring.origin || next.version !== ring.version + 1) bad('not the next one');
  await checkThreshold(next.note, ring);
  await checkThreshold(next.note, next);
}

/** What a head's signatures are worth: `{tree, standing, met, time, missing}`. */
export async function judgeHead(ring, note) {
  const tree = parseCheckpoint(note.text);
  const former = ring.former.map((one) => one.key);
  const keys = [...ring.logs, ...ring.witnesses.map((one) => one.key), ...former];
  const found = await signedBy(note, keys);
  if (tree.origin !== ring.origin) return { tree, standing: 'other', met: false };
  const times = cosigned(ring, tree, found);
  const time = quorumTime(ring, times);
  return {
    tree,
    standing: standing(ring, tree, found),
    met: time !== null,
    time: ring.quorum === 'none' ? null : time,
    fresh: ring.quorum === 'none' ? null : quorumTime(ring, times, true),
    missing: ring.witnesses.filter((one) => !times.has(one.name)).map((one) => one.name),
  };
}

const covers = (former, tree) =>
  tree.size === former.size
    ? toBase64(tree.root) === toBase64(former.root)
    : tree.size < former.size;

function standing(ring, tree, found) {
  if (ring.logs.some((key) => found.has(key))) return 'current';
  const ended = ring.former
    .filter((one) => one.key.kind === NOTE && found.has(one.key))
    .map((one) =>
      covers(one, tree)
        ? one.ending === 'retired' ? 'retired' : 'doubtful'
        : one.ending === 'retired' ? 'outgrown' : 'revoked');
  const order = ['retired', 'doubtful', 'revoked', 'outgrown'];
  return order.find((one) => ended.includes(one)) ?? 'unknown';
}

function cosigned(ring, tree, found) {
  const times = new Map();
  const retired = ring.former.filter((one) => one.ending === 'retired' && covers(one, tree));
  for (const witness of ring.witnesses) {
    const before = retired.map((one) => one.key).filter((key) => key.name === witness.key.name);
    const signed = [witness.key, ...before].map((key) => found.get(key));
    const seen = signed.filter((time) => typeof time === 'bigint');
    if (seen.length) times.set(witness.name, seen.reduce((a, b) => (a > b ? a : b)));
  }
  return times;
}

// With `newest`, the last moment since when a whole quorum has cosigned.
function quorumTime({ witnesses, groups, quorum }, times, newest = false) {
  const reached = new Map([['none', 0n]]);
  for (const { name } of witnesses) reached.set(name, times.get(name) ?? null);
  for (const { name, members, needed } of groups) {
    const signed = members.map((one) => reached.get(one)).filter((time) => time !== null);
    signed.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
    if (newest) signed.reverse();
    reached.set(name, signed[needed - 1] ?? null);
  }
  return reached.get(quorum);
}
