// What the desk's pages need of a browser. Everything else works without.
"use strict";
document.addEventListener("htmx:configRequest", (event) => {
  event.detail.headers["X-Form-Token"] = document.body.dataset.formToken || "";
});
