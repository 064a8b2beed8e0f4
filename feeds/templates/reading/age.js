// How old this copy is by its own head: the front page of a mirror that gets nothing new says so.
// Its signatures are not checked here; verify.html and the command do that.
const SIGNED = /^\u2014 \S+ (\S+)$/gm;
const COSIGNATURE = 76; // bytes: a key's id, a time, a signature (format 2.4)

async function tellAge(line) {
  const head = utf8(await get(new URL("log/checkpoint", ROOT)));
  let time = 0;
  for (const [, signature] of head.matchAll(SIGNED)) {
    const data = bytes(signature);
    if (data.length !== COSIGNATURE) continue;
    const view = new DataView(data.buffer);
    time = Math.max(time, view.getUint32(4) * 2 ** 32 + view.getUint32(8));
  }
  if (!time) return;
  const age = Date.now() / 1000 - time;
  const said = age < -600 ? "clock" : age > Number(line.dataset.old) ? "old" : "confirmed";
  const moment = shown(new Date(time * 1000), { timeZone: "UTC" }) + " UTC";
  const words = line.appendChild(document.createElement("span"));
  words.className = said;
  words.setAttribute("role", "status");
  words.textContent = " " + WORDS["age " + said].replace("{time}", moment);
}
