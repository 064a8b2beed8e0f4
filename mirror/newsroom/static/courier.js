// What the sample newsroom runs in its readers' browsers: late pictures and a cookie banner.
for (const image of document.querySelectorAll("img.lazy")) image.src = image.dataset.src;
document.querySelector(".cookie-banner__accept")?.addEventListener("click", (event) => event.target.parentElement.remove());
document.querySelector(".support-appeal__close")?.addEventListener("click", (event) => event.target.parentElement.remove());
