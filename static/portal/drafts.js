/* What was typed is never lost: <form data-draft> keeps itself in this tab, also across a session that ended.

   The tab's storage is used, not the browser's: at a shared machine a draft ends with the tab. Passwords, files, and
   fields marked data-private (ID numbers) are never kept. A draft goes when its form was taken by the server. */
(() => {
  "use strict";
  const words = document.getElementById("words").dataset;
  const person = document.body.dataset.person;
  const SENT = "draft-sent";
  const keyOf = (form) => `draft:${person}:${location.pathname}:${form.id || form.getAttribute("action") || ""}`;
  const kept = (field) => field.name && !field.matches("[type=password], [type=file], [type=hidden], [data-private]");

  const read = (form) => [...form.elements].filter(kept).map((field) => (
    field.matches("[type=checkbox], [type=radio]") ? [field.name, field.value, field.checked]
      : field.multiple ? [field.name, [...field.selectedOptions].map((option) => option.value), null]
        : [field.name, field.value, null]
  ));
  const write = (form, values) => {
    for (const [name, value, checked] of values) {
      for (const field of [...form.elements].filter((each) => each.name === name && kept(each))) {
        if (checked !== null) { if (field.value === value) field.checked = checked; }
        else if (Array.isArray(value)) [...field.options].forEach((option) => { option.selected = value.includes(option.value); });
        else field.value = value;
      }
    }
    form.dispatchEvent(new Event("change", { bubbles: true }));
  };

  /* A form that the server took leads away from its page, or back to it with a success note. */
  const settle = (forms) => {
    const sent = sessionStorage.getItem(SENT);
    if (!sent || !person || document.body.matches(".refusal")) return;
    const back = forms.find((form) => keyOf(form) === sent);
    if (!back || document.querySelector(".note-success")) sessionStorage.removeItem(sent);
    sessionStorage.removeItem(SENT);
  };

  const offer = (form, values) => {
    const before = read(form);
    write(form, values);
    const note = Object.assign(document.createElement("div"), { className: "note draft-note" });
    note.setAttribute("role", "status");
    const drop = Object.assign(document.createElement("button"), { type: "button", className: "btn btn-sm btn-secondary", textContent: words.dropDraft });
    drop.onclick = () => { sessionStorage.removeItem(keyOf(form)); write(form, before); note.remove(); };
    note.append(words.draft, drop);
    form.prepend(note);
  };

  const start = () => {
    const forms = [...document.querySelectorAll("form[data-draft]")];
    settle(forms);
    for (const form of forms) {
      const saved = sessionStorage.getItem(keyOf(form));
      const answered = form.querySelector(".is-invalid, .note-error");
      if (saved && !answered && saved !== JSON.stringify(read(form))) offer(form, JSON.parse(saved));
      form.addEventListener("input", () => sessionStorage.setItem(keyOf(form), JSON.stringify(read(form))));
      form.addEventListener("submit", () => sessionStorage.setItem(SENT, keyOf(form)));
    }
  };
  start();
})();
