// Quick exit of the public pages: this page is replaced in the browser's history, so that Back does not lead to it.
// Three times Escape does the same as the link.
"use strict";
const leave = document.querySelector("[data-leave]");
let escapes = 0;
function go(event) {
  if (event) event.preventDefault();
  document.body.hidden = true;
  location.replace(leave.href);
}
leave.addEventListener("click", go);
document.addEventListener("keydown", (event) => {
  escapes = event.key === "Escape" ? escapes + 1 : 0;
  if (escapes === 3) go();
});
