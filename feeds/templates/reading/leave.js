// Leaving at once: Escape twice within a second, or the button. Asks nobody for the page that follows.
let escaped = -Infinity;

function leave() {
  document.title = "";
  document.documentElement.hidden = true;
  location.replace("about:blank");
}

addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.repeat) return;
  if (event.timeStamp - escaped < 1000) leave();
  escaped = event.timeStamp;
});
