// An article as text, with no address in it: a messenger makes a link of every one.
const BLOCK = /^(address|article|aside|blockquote|dd|div|dl|dt|h[1-6]|hr|ol|p|pre|section|table|ul)$/;

function plain(entry) {
  const one = (name) => entry.querySelector(name + ":not([hidden])");
  const authors = [...entry.querySelectorAll(".p-author")].map((name) => name.textContent).join(", ");
  const parts = [
    flat(one(".p-name")),
    [authors, flat(one(".byline .dt-published"))].filter(Boolean).join(", "),
    flat(one(".p-summary")),
    flat(one(".e-content")),
  ];
  return withoutAddresses(parts.filter(Boolean).join("\n\n"), entry.querySelector(".u-url").hostname);
}

function flat(element) {
  return element ? lines(element).replace(/ *\n */g, "\n").replace(/\n{3,}/g, "\n\n").trim() : "";
}

function lines(element) {
  let text = "";
  for (const node of element.childNodes) {
    const name = node.localName;
    if (node.nodeType === Node.TEXT_NODE) text += node.data.replace(/\s+/g, " ");
    else if (!name || name === "figure") continue; // a caption says little without its picture
    else if (name === "br") text += "\n";
    else if (name === "td" || name === "th") text += lines(node) + " ";
    else if (name === "li" || name === "tr") text += "\n" + (name === "li" ? "• " : "") + lines(node);
    else text += BLOCK.test(name) ? "\n\n" + lines(node) + "\n\n" : lines(node);
  }
  return text;
}

// Without whole addresses, and without any word that names the original's domain.
function withoutAddresses(text, host) {
  const labels = host.split(".");
  const isShort = labels.length > 2 && labels[labels.length - 2].length < 4; // co.uk, com.ua
  const own = labels.slice(isShort ? -3 : -2).join("\\.");
  return text.replace(new RegExp("(?:https?:\\/\\/|www\\.)\\S+|\\S*" + own + "\\S*", "gi"), "[…]");
}
