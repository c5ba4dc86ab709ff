// What the desk's pages need of a browser: live update, the alert for a new urgent case, ready sentences. Everything else works
// without it.
"use strict";

document.addEventListener("htmx:configRequest", (event) => {
  event.detail.headers["X-Form-Token"] = document.body.dataset.formToken || "";
});

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-snippet]");
  if (!button) return;
  const field = document.getElementById(button.dataset.snippet);
  field.value = (field.value.trim() ? field.value.trim() + " " : "") + button.textContent;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.focus();
});

// A sound of two short tones, made here. Browsers allow it only after a click, so it is off until she turns it on.
const sound = {
  context: null,
  button: document.querySelector("[data-sound]"),
  get on() { return this.context !== null && this.context.state === "running"; },
  show() {
    this.button.setAttribute("aria-pressed", String(this.on));
    this.button.querySelector("[data-on]").hidden = !this.on;
    this.button.querySelector("[data-off]").hidden = this.on;
  },
  async toggle() {
    if (this.on) await this.context.suspend();
    else {
      this.context = this.context || new AudioContext();
      await this.context.resume();
      this.play();
    }
    this.show();
  },
  play() {
    if (!this.on) return;
    [880, 660].forEach((pitch, index) => {
      const tone = this.context.createOscillator(), level = this.context.createGain();
      const start = this.context.currentTime + index * 0.25;
      tone.frequency.value = pitch;
      level.gain.setValueAtTime(0.2, start);
      level.gain.exponentialRampToValueAtTime(0.001, start + 0.22);
      tone.connect(level).connect(this.context.destination);
      tone.start(start);
      tone.stop(start + 0.23);
    });
  },
};
if (sound.button) {
  sound.button.hidden = false;
  sound.button.addEventListener("click", () => sound.toggle());
}

const title = document.title;
function alertHer(number) {
  const place = document.querySelector("[data-alert]");
  if (!place) return;
  const text = place.dataset.alert;
  document.title = `(!) ${text} - ${title}`;
  place.textContent = "";
  const link = document.createElement("a");
  link.href = number ? `/desk/cases/${encodeURIComponent(number)}` : "/desk/cases";
  link.textContent = number ? `${text}: ${number}` : text;
  place.append(link);
  sound.play();
}
addEventListener("focus", () => { document.title = title; });
document.addEventListener("pointerdown", () => { document.title = title; });

const live = document.querySelectorAll("[data-live]");
if (live.length) {
  const waiting = new Map();
  const refresh = (part) => {
    if (waiting.has(part)) return;
    waiting.set(part, setTimeout(() => {
      waiting.delete(part);
      htmx.trigger(part, "changed");
    }, 50));
  };
  const stream = new EventSource("/desk/events");
  let again = false;
  stream.addEventListener("ready", () => {
    document.documentElement.dataset.stream = "open";
    if (again) live.forEach(refresh); // what happened while the connection was gone
    again = true;
  });
  stream.addEventListener("case", (event) => {
    const news = JSON.parse(event.data);
    live.forEach((part) => {
      if (!news.case || !part.dataset.live || part.dataset.live === news.case) refresh(part);
    });
    if (news.alert) alertHer(news.case);
  });
  stream.addEventListener("ended", () => {
    stream.close();
    location.assign("/desk/sign-in");
  });
  addEventListener("pagehide", () => stream.close());
}
