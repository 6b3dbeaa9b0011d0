// Ticking lists on a phone: everybody at once, codes that rotate, and sending again what a lost connection kept back.
"use strict";
for (const form of document.querySelectorAll("[data-roll]")) {
  const all = form.querySelector("[data-roll-all]");
  if (!all) continue;
  all.hidden = false;
  all.addEventListener("click", () => {
    if (all.dataset.rollAll === "radio") {
      for (const group of form.querySelectorAll("fieldset")) {
        const boxes = [...group.querySelectorAll("input[type=radio]")];
        if (!boxes.some((box) => box.checked)) boxes[0].checked = true;
      }
    } else {
      for (const box of form.querySelectorAll("[name=came]")) box.checked = true;
    }
  });
}

for (const picture of document.querySelectorAll("img[data-rotate]")) {
  const address = picture.getAttribute("src");
  setInterval(() => { picture.src = `${address}?at=${Date.now()}`; }, 1000 * Number(picture.dataset.rotate));
}

// The queue: what could not be sent rests in this browser under its nonce. The server takes a nonce once, so a sending
// whose answer was lost may be sent again without harm.
(() => {
  const KEY = `roll-queue-${document.body.dataset.person}`;
  const form = document.querySelector("form[data-roll-queue]");
  const status = document.querySelector("[data-roll-status]");
  if (!form) return;
  const load = () => JSON.parse(localStorage.getItem(KEY) || "[]");
  const keep = (queue) => localStorage.setItem(KEY, JSON.stringify(queue));
  const say = (words) => { if (status) status.textContent = words; };
  const fresh = () => { form.elements.nonce.value = crypto.randomUUID ? crypto.randomUUID() : form.elements.nonce.value; };
  const forget = (nonce) => keep(load().filter((each) => each.nonce !== nonce));

  const send = async (entry) => {
    const body = new URLSearchParams(entry.body);
    // The token of the page that is open now: the one that was kept may have ended with its session.
    body.set("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
    const answer = await fetch(entry.url, { method: "POST", body, redirect: "manual", headers: { "X-Roll": "1" } });
    if (answer.ok) return "taken";
    // A redirect leads to the sign-in page: nothing was taken.
    return answer.status === 409 || answer.status === 422 ? "refused" : "later";
  };

  const attempt = async (entry) => {
    try { return await send(entry); } catch { return "later"; }
  };

  const flush = async () => {
    for (const entry of load()) {
      const result = await attempt(entry);
      if (result === "later") { say(form.dataset.waiting.replace("#", load().length)); return; }
      forget(entry.nonce);
      say(result === "taken" ? form.dataset.sent : form.dataset.refused);
      if (result === "refused") return;
    }
  };

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const body = new URLSearchParams(new FormData(form, event.submitter)).toString();
    const entry = { nonce: form.elements.nonce.value, url: form.action, body };
    keep([...load().filter((each) => each.nonce !== entry.nonce), entry]);
    const result = await attempt(entry);
    if (result === "later") {
      fresh();
      say(form.dataset.waiting.replace("#", load().length));
      return;
    }
    forget(entry.nonce);
    // Refused: the page itself says why.
    if (result === "taken") location.assign(form.action);
    else HTMLFormElement.prototype.submit.call(form);
  });
  window.addEventListener("online", flush);
  if (load().length) flush();
})();
