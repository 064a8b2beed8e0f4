// The box below an article by which it is passed on.
function made(name, text, className, pressed) {
  const element = document.createElement(name);
  element.textContent = text || "";
  if (className) element.className = className;
  if (pressed) {
    element.type = "button";
    element.addEventListener("click", pressed);
  }
  return element;
}

function passOn(article) {
  const box = made("details", "", "pass");
  const told = made("p");
  told.setAttribute("role", "status");
  const tell = (key, number) => {
    told.textContent = WORDS[key].replace("{number}", number);
  };
  const isFolder = location.protocol === "file:";
  const here = location.origin + location.pathname;
  const add = (key, pressed) => box.append(made("button", WORDS[key], "", pressed));
  box.append(made("summary", WORDS["pass on"]));
  if (!isFolder) add("pass link", async () => tell((await copied(here)) ? "pass copied" : "pass uncopied"));
  add("pass text", async () => {
    const { words, isPart } = await wholeText(article);
    tell((await copied(words)) ? (isPart ? "pass part" : "pass copied") : "pass uncopied");
  });
  if (navigator.share) {
    add("pass share", async () => {
      const { words, isPart } = await wholeText(article);
      if (isPart) tell("pass part");
      await navigator.share({ text: words }).catch(() => {}); // closed without choosing
    });
  }
  add("pass save", () => (isFolder ? tell("pass folder") : save(article, here, tell)));
  box.append(told, made("p", WORDS["pass risk"], "risk"));
  return box;
}

// The text of all of it, where it goes on on other pages; else of what is here.
async function wholeText(article) {
  const whole = article.querySelector("a.whole");
  if (!whole) return { words: plain(article), isPart: false };
  try {
    const page = new DOMParser().parseFromString(utf8(await get(whole.href)), "text/html");
    return { words: plain(page.querySelector("article.h-entry")), isPart: false };
  } catch (error) {
    return { words: plain(article), isPart: true };
  }
}

async function copied(words) {
  try {
    await navigator.clipboard.writeText(words);
    return true;
  } catch (error) { // a page that came over plain HTTP has no such clipboard
    const box = document.body.appendChild(made("textarea"));
    box.value = words;
    box.select();
    const isDone = document.execCommand("copy");
    box.remove();
    return isDone;
  }
}

async function save(article, here, tell) {
  tell("pass busy");
  try {
    const whole = article.querySelector("a.whole");
    const page = whole ? whole.href : here.endsWith(".html") ? here : here + ".html";
    const { file, left } = await toForward(page);
    const day = article.querySelector(".dt-published").dateTime.slice(0, 10);
    const link = made("a");
    link.download = day + "-" + page.slice(-9); // says nothing of what is in it
    link.href = URL.createObjectURL(file);
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
    tell(left ? "pass without" : "pass saved", left);
  } catch (error) {
    tell(error instanceof Unfit ? "pass unfit" : "pass unreached");
  }
}
