// Leads from an original address, or a path of the original site, to its page here.
// Asks this mirror alone, and only for a page by its id: no address that is typed leaves the device.
const form = document.getElementById("find");
const told = document.getElementById("told");
const { root, hosts, missing } = form.dataset;
const base = missing ? new URL(root).pathname : ""; // on whatever host this copy was opened
const secure = "https:" + "//"; // in two parts: format 1.5 knows no whole one in a script

function tell(what, page) {
  told.textContent = told.dataset[what];
  if (page) {
    const link = told.appendChild(document.createElement("a"));
    link.href = page;
    link.textContent = told.dataset.link;
  }
}

// The addresses that may be meant: as it stands, or a path on each host of the original site.
function meant(text) {
  const address = /^(https?):\/*(.+)/i.exec(text);
  if (address) return [address[1] + ":" + "//" + address[2]];
  const host = text.split(/[/?#]/)[0].replace(/^(www|m)\.(?=.)/, "");
  if (hosts.split(" ").includes(host) || (!missing && host.includes("."))) return [secure + text];
  const path = text.replace(/^\/+/, "");
  return hosts.split(" ").map((host) => secure + host + "/" + path);
}

async function look(text) {
  let pages;
  try {
    pages = meant(text.trim()).map(articleId).map((id) => base + "a/" + id.slice(0, 2) + "/" + id + ".html");
  } catch (error) {
    return tell("wrong");
  }
  tell("looking");
  for (const page of new Set(pages)) {
    try {
      const answer = await fetch(page, { method: "HEAD", credentials: "omit" });
      if (answer.ok && answer.headers.get("content-length") !== "0") return location.assign(page);
      if (answer.status !== 404 && answer.status !== 410 && !answer.ok) return tell("unsure", page);
    } catch (error) {
      return tell("unsure", page);
    }
  }
  return tell("absent");
}

// What stands after the mirror's base in the address of a page that is not there.
function asked() {
  const path = location.pathname;
  return path.slice(path.startsWith(base) ? base.length : 1) + location.search;
}

form.hidden = false;
document.getElementById("without").hidden = true;
form.addEventListener("submit", (event) => {
  event.preventDefault();
  look(form.elements.address.value);
});
if (missing) {
  const path = asked();
  if (!/^(404\.html|[ap]\/[0-9a-f]{2}\/[0-9a-f]+\.html|)$/.test(path)) look(path);
} else if (location.hash.length > 1) {
  form.elements.address.value = location.hash.slice(1);
  look(form.elements.address.value);
}
