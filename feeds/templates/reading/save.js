// One file to forward: the page as it was published, its pictures inside, its proof in a comment at
// the end (format 4.2 and 4.3). Made here, of what this mirror serves; what does not fit the proof is
// not saved, so that nobody forwards what was tampered with on the way.
const TYPES = {{ types }};
const PICTURE = /(<img\b[^>]*?\ssrc=")\.\.\/\.\.\/(m\/[0-9a-f]{2}\/([0-9a-f]{64})\.([a-z0-9]{2,5}))(?=")/g;

class Unfit extends Error {}

async function toForward(page) {
  const [proof, data] = await Promise.all([get(page + ".tlog-proof"), get(page)]);
  if (!fits(data, utf8(proof))) throw new Unfit();
  const text = utf8(data);
  const inside = await pictures(text, new URL("../../", page));
  const full = text.replace(PICTURE, (tag, start, path) => (inside.get(path) ? start + inside.get(path) : tag));
  const left = [...inside.values()].filter((uri) => !uri).length;
  return { left, file: new Blob([full, "<!--\n", proof, "-->\n"], { type: "text/html" }) };
}

async function pictures(text, root) {
  const inside = new Map();
  for (const [, , path, digest, ending] of text.matchAll(PICTURE)) {
    if (inside.has(path) || !TYPES[ending]) continue;
    const data = await get(new URL(path, root)).catch(() => new Uint8Array());
    const genuine = hex(sha256(data)) === digest;
    inside.set(path, genuine ? "data:" + TYPES[ending] + ";base64," + base64(data) : undefined);
  }
  return inside;
}

// Whether a file is the one that a proof is of (format 4, RFC 9162 2.1.3.2); who signed is not asked.
function fits(data, proof) {
  const [, extra, index, hashes, size, root] =
    /^c2sp\.org\/tlog-proof@v1\nextra (\S+)\nindex (\d+)\n((?:\S{44}\n)*)\n\S+\n(\d+)\n(\S+)\n/.exec(proof) || [];
  if (!root) return false;
  const entry = hex(sha256(data)) + "  " + atob(extra) + "\n";
  let digest = sha256(joined([0], new TextEncoder().encode(entry)));
  let at = Number(index);
  let last = size - 1;
  for (const line of hashes.split("\n").filter(Boolean)) {
    if (!last) return false;
    const isRight = at % 2 || at === last;
    digest = sha256(isRight ? joined([1], bytes(line), digest) : joined([1], digest, bytes(line)));
    for (; isRight && at && at % 2 === 0; last = half(last)) at = half(at);
    at = half(at);
    last = half(last);
  }
  return !last && hex(digest) === hex(bytes(root));
}

function half(number) {
  return Math.floor(number / 2);
}

function joined(...parts) {
  return new Uint8Array(parts.flatMap((part) => [...part]));
}
