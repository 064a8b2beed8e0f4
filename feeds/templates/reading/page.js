// Puts what a script can do into the page. Without it nothing is missing that pages promise.
const article = document.querySelector("article.h-entry");
const edition = document.querySelector(".edition[data-old]");

// By the reader's clock only when asked: a picture of the screen would tell where it was taken.
function tellTimesHere() {
  for (const time of document.querySelectorAll("time[datetime]")) {
    time.title = time.textContent;
    time.textContent = shown(new Date(time.dateTime));
  }
  this.remove();
}

function dress() {
  if (!document.adoptedStyleSheets) return; // plain buttons do as well
  const sheet = new CSSStyleSheet();
  sheet.replaceSync({{ style }});
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
}

dress();
const header = document.querySelector("header.top");
const links = document.querySelector(".newest") || document.querySelector("footer a");
if (header) header.append(made("button", WORDS.leave, "leave", leave));
if (article && article.querySelector(".e-content") && article.querySelector(".byline")) {
  article.append(passOn(article));
  const footer = article.querySelector(":scope > footer");
  if (footer) footer.before(article.lastChild);
}
if (links && document.querySelector("time[datetime]")) {
  links.parentElement.append(" · ", made("button", WORDS["my clock"], "plain", tellTimesHere));
}
if (edition) tellAge(edition).catch(() => {}); // no head to be had: then nothing is said of it
