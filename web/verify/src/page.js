// The page itself: what is chosen or dropped goes in, verdicts in plain words come out.

import { plain } from './trust.js';
import { openBundle } from './bundle.js';
import { sort, treeIn } from './chosen.js';
import { fromDrop } from './drop.js';
import { MAX_SAVED, verifyFile } from './file.js';
import { MAX_NOTE } from './note.js';
import { verifyPapers } from './papers.js';
import { Reader } from './reader.js';
import { Trust } from './trust.js';
import { verifyTree } from './tree.js';
import { Doubt, Findings, UNSURE } from './verdict.js';
import { words } from './words.js';
import { isZip } from './zip.js';

const SHOWN = 30; // findings
const MOST = 300; // files, each with a verdict of its own
const LANGUAGES = ['en', 'ru'];

const find = (id) => document.getElementById(id);
const own = plain(find('own').dataset.print);
const known = [...document.querySelectorAll('pre.keyring')].map((one) =>
  new TextEncoder().encode(one.textContent));

let chosen = null; // what was dropped last: checked again when the fingerprint changes
let turn = 0;

function make(tag, name, ...inside) {
  const element = document.createElement(tag);
  if (name) element.className = name;
  element.append(...inside);
  return element;
}

/** The text in every language; the style shows one of them. */
function say(key, ...values) {
  return LANGUAGES.map((language, at) => {
    const text = words[key][at].replace(/\{(\d)\}/g, (_, number) => shown(values[number], language));
    const element = make('span', '', text);
    element.lang = language;
    return element;
  });
}

/** Numbers are moments, in seconds. */
function shown(value, language) {
  if (typeof value !== 'number') return value ?? '';
  const form = { dateStyle: 'long', timeStyle: 'short', timeZone: 'UTC' };
  return `${new Date(value * 1000).toLocaleString(language === 'en' ? 'en-GB' : language, form)} UTC`;
}

function result(name, verdict, ...inside) {
  const kind = { genuine: 'good', stale: 'good', updating: 'good', 'could not tell': 'open' };
  const part = make('section', kind[verdict] ?? 'bad', make('h2', '', ...say(verdict)));
  if (name) part.append(make('p', 'name', name));
  part.append(...inside);
  if (words[`do ${verdict}`]) part.append(make('p', '', ...say(`do ${verdict}`)));
  return part;
}

const sentence = (...what) => make('p', '', ...say(...what));

function fileResult(name, { verdict, path, why, time }, basis) {
  const known = why[0] === 'file';
  const inside = known
    ? sentence(time === null ? 'file once' : 'file', time, path)
    : sentence(why[0], ...(why[0] === 'other bytes' ? [path] : why.slice(1)));
  return result(name, verdict, inside, ...(known ? [sentence(basis)] : []));
}

function treeResult(name, { verdict, findings, more, files, time }, basis) {
  const inside = [];
  if (verdict === 'genuine') inside.push(sentence('tree', String(files), time));
  else if (files) inside.push(sentence('compared', String(files)));
  const list = make('ul');
  for (const { path, why } of findings.slice(0, SHOWN)) {
    const text = say(why[0] === 'stale' ? 'stale since' : why[0], ...why.slice(1));
    list.append(make('li', '', ...(path ? [make('code', '', path), ' '] : []), ...text));
  }
  const left = findings.length - SHOWN + more;
  if (left > 0) list.append(make('li', '', ...say('more', String(left))));
  if (list.childElementCount) inside.push(list);
  if (verdict === 'genuine' || verdict === 'stale') inside.push(sentence(basis));
  return result(name, verdict, ...inside);
}

/** What the reader trusts, `{pin, basis}`; throws Doubt where that can't be used. */
async function trusted() {
  const [file] = find('keyring').files;
  const typed = plain(find('print').value);
  if (typed && !/^[0-9a-f]{64}$/.test(typed)) throw new Doubt(UNSURE, '', 'print bad', String(typed.length));
  const ring = file && file.size <= MAX_NOTE ? new Uint8Array(await file.arrayBuffer()) : null;
  if (file && !ring) throw new Doubt(UNSURE, '', 'ring bad');
  if (typed) return { pin: { print: typed }, basis: 'by you', ring };
  if (ring) return { pin: { file: ring }, basis: 'by ring' };
  if (!own) throw new Doubt(UNSURE, '', 'print none');
  return { pin: { print: own }, basis: 'by page' };
}

async function check() {
  turn += 1;
  const mine = turn;
  const out = find('result');
  const progress = async (...counts) => {
    if (mine !== turn) throw new Doubt(UNSURE, '', 'error', 'another turn');
    out.replaceChildren(sentence('progress', ...counts.map(String)));
    await new Promise((done) => setTimeout(done));
  };
  out.replaceChildren(sentence('working'));
  out.setAttribute('aria-busy', 'true');
  const found = await verdicts(progress).catch((error) => [
    error instanceof Doubt
      ? fileResult('', error)
      : fileResult('', new Doubt(UNSURE, '', 'error', String(error))),
  ]);
  if (mine !== turn) return;
  out.removeAttribute('aria-busy');
  out.replaceChildren(...found);
  out.scrollIntoView({ block: 'nearest' });
}

async function verdicts(progress) {
  const { pin, basis, ring } = await trusted();
  const rings = ring ? [ring, ...known] : known;
  const base = /^http/.test(location.protocol) ? new URL('.', location.href).href : null;
  const options = { pin, known: rings, now: Date.now(), base, progress };
  const tree = treeIn(chosen);
  if (!tree && chosen.size === 1) {
    const [[name, blob]] = chosen;
    if (await isZip(blob)) return bundleResults(name, blob, options, basis);
  }
  if (tree) {
    return [treeResult(tree.name, await verifyTree(new Reader(tree.files), options), basis)];
  }
  const { articles, proofs, keyrings } = await sort(chosen);
  const trust = await new Trust(pin, [...rings, ...keyrings], null).open(new Findings());
  const results = [];
  for (const [name, { blob, proof }] of articles.slice(0, MOST)) {
    await progress(results.length + 1, articles.length);
    const bytes = blob.size <= MAX_SAVED ? new Uint8Array(await blob.arrayBuffer()) : null;
    const verdict = bytes
      ? await verifyFile(bytes, proof, trust)
      : new Doubt(UNSURE, '', 'large');
    results.push(fileResult(name, verdict, basis));
  }
  for (const name of proofs) results.push(fileResult(name, new Doubt(UNSURE, '', 'lone proof')));
  return results.length ? results : [sentence('nothing')];
}

async function bundleResults(name, blob, options, basis) {
  const { reader, isTree } = await openBundle(blob);
  if (isTree) return [treeResult(name, await verifyTree(reader, options), basis)];
  return (await verifyPapers(reader, options)).map(([path, found]) => fileResult(path, found, basis));
}

// What is chosen, dropped, typed.

function take(files) {
  chosen = files;
  if (chosen.size) check();
}

for (const id of ['files', 'folder'])
  find(id).addEventListener('change', ({ target }) => {
    take(new Map([...target.files].map((file) => [file.webkitRelativePath || file.name, file])));
    target.value = ''; // so that the same choice is a change again
  });

addEventListener('dragover', (event) => event.preventDefault());
addEventListener('drop', async (event) => {
  event.preventDefault();
  const dropped = fromDrop(event.dataTransfer); // at once: afterwards the browser forgets
  find('result').replaceChildren(sentence('working'));
  const found = await dropped.catch(() => new Map());
  if (found.size) take(found);
  else find('result').replaceChildren(sentence('nothing'));
});

function compare() {
  const typed = plain(find('print').value);
  const out = find('compared');
  const at = [...typed].findIndex((letter, index) => letter !== own[index]);
  const groups = [...find('own').children];
  groups.forEach((group, index) => {
    const part = typed.slice(index * 4, index * 4 + 4);
    group.className = !part ? '' : own.slice(index * 4).startsWith(part) ? 'same' : 'differs';
  });
  if (!typed || !own) out.replaceChildren();
  else if (at >= 0) out.replaceChildren(...say('print differs', String(Math.floor(at / 4) + 1)));
  else if (typed.length < own.length) out.replaceChildren(...say('print part', String(typed.length)));
  else out.replaceChildren(...say('print same'));
}

let wait = 0;
find('print').addEventListener('input', () => {
  compare();
  clearTimeout(wait);
  if (chosen) wait = setTimeout(check, 500);
});
find('keyring').addEventListener('change', () => chosen && check());

for (const button of document.querySelectorAll('header button'))
  button.addEventListener('click', () => {
    document.documentElement.lang = button.lang;
    document.querySelector(`header button:not([lang=${button.lang}])`).focus();
  });

find('own').append(...(own.match(/.{4}/g) ?? []).map((group) => make('span', '', group)));
document.body.classList.remove('still');
compare(); // browsers put back what was typed before a page was loaded again
