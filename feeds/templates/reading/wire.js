// What the parts of this script share: asking this mirror, bytes, and how times are written.
const ROOT = new URL("../", document.currentScript.src); // of the tree; the script is in x/
const LOCALE = document.documentElement.lang.replace(/^en$/, "en-GB"); // 24 hours, as the pages have it

function shown(moment, zone) {
  return moment.toLocaleString(LOCALE, { dateStyle: "long", timeStyle: "short", ...zone });
}

async function get(address) {
  const answer = await fetch(address, { cache: "no-cache", credentials: "omit" });
  if (!answer.ok) throw new Error(String(answer.status));
  return new Uint8Array(await answer.arrayBuffer());
}

function utf8(data) {
  return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(data);
}

function bytes(base64) {
  return Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
}

function base64(data) {
  return btoa(Array.from(data, (byte) => String.fromCharCode(byte)).join(""));
}
