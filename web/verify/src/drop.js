// Files and folders that were dropped on the page, as a Map of path to File.

/** Must be called while the drop is handled; the promise may be awaited later. */
export async function fromDrop({ items, files }) {
  const plain = [...files];
  const waiting = [...items]
    .filter((item) => item.kind === 'file')
    .map((item) => ({
      handle: isSecureContext ? item.getAsFileSystemHandle?.() : null, // in Chromium, which stops at it on plain HTTP
      entry: item.webkitGetAsEntry?.(), // everywhere; Chromium can't read it on file:
    }));
  const found = new Map();
  for (const [at, { handle, entry }] of waiting.entries()) {
    const known = await handle?.catch?.(() => null);
    if (known) await walkHandle(known, known.name, found);
    else if (entry?.isDirectory) await walkEntry(entry, entry.name, found);
    else if (plain[at]) found.set(plain[at].name, plain[at]);
  }
  return found;
}

async function walkHandle(handle, path, found) {
  if (handle.kind === 'file') found.set(path, await handle.getFile());
  else
    for await (const [name, inside] of handle.entries())
      await walkHandle(inside, `${path}/${name}`, found);
}

const ask = (object, method) => new Promise((...both) => object[method](...both));

async function walkEntry(entry, path, found) {
  if (entry.isFile) {
    found.set(path, await ask(entry, 'file'));
    return;
  }
  const reader = entry.createReader(); // gives a hundred at a time
  for (let some = await ask(reader, 'readEntries'); some.length; some = await ask(reader, 'readEntries'))
    for (const one of some) await walkEntry(one, `${path}/${one.name}`, found);
}
