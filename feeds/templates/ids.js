// An article's id in a browser (format 1.1): what feeds/ids.py does, and the tests compare.
"use strict";
const TRACKING = {{ tracking }};

// 16 hex digits for an absolute http(s) address; a TypeError where it is none.
function articleId(address) {
  return hex(sha256(new TextEncoder().encode(normalForm(address)))).slice(0, 16);
}

function normalForm(address) {
  if (address.length > {{ max_chars }}) throw new TypeError("too long");
  const url = new URL(address);
  if (url.protocol !== "http:" && url.protocol !== "https:") throw new TypeError("not of the web");
  const kept = new URLSearchParams([...url.searchParams].filter(([name]) => !isTracking(name)));
  kept.sort();
  const query = kept.toString();
  const host = url.host.replace(/^(www|m)\.(?=.)/, "");
  return host + url.pathname.replace(/\/$/, "") + (query ? "?" + query : "");
}

function isTracking(name) {
  return TRACKING.names.includes(name) || TRACKING.prefixes.some((start) => name.startsWith(start));
}
