/* What pages can do beyond reading: everything here only helps; forms and links work without it. */
(() => {
  "use strict";
  const own = document.currentScript.dataset;
  const words = document.getElementById("words").dataset;

  /* Heavier libraries come only to the pages that use them. */
  const loaded = new Map();
  const load = (url) => {
    if (!loaded.has(url)) {
      loaded.set(url, new Promise((resolve, reject) => {
        const script = document.createElement("script");
        script.src = url;
        script.onload = resolve;
        script.onerror = () => reject(new Error(url));
        document.head.append(script);
      }));
    }
    return loaded.get(url);
  };

  const searchable = (select) => {
    new TomSelect(select, { maxOptions: null, plugins: select.multiple ? ["remove_button"] : [] });
    /* The label belongs to the new control; the hidden list is for the form alone. */
    select.setAttribute("aria-hidden", "true");
  };

  const enrich = async (root) => {
    const selects = [...root.querySelectorAll("select[data-search]")];
    if (selects.length) {
      await load(own.tomSelect);
      selects.filter((select) => !select.tomselect).forEach(searchable);
    }
    if (root.querySelector("[x-data]")) await load(own.alpine);
    if (root.querySelector("[data-chart]")) {
      await load(own.echarts);
      await load(own.charts);
      window.drawCharts(root);
    }
  };

  /* A row opens its record; a link, a control or a selection inside it keeps its own meaning. */
  document.addEventListener("click", (event) => {
    const row = event.target.closest("tr[data-href]");
    if (!row || event.target.closest("a, button, input, label, select, summary") || String(getSelection())) return;
    if (event.ctrlKey || event.metaKey) window.open(row.dataset.href, "_blank", "noopener");
    else location.assign(row.dataset.href);
  });

  /* Menus close when one looks elsewhere. */
  document.addEventListener("click", (event) => {
    document.querySelectorAll("details.menu[open]").forEach((menu) => {
      if (!menu.contains(event.target)) menu.open = false;
    });
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    document.querySelectorAll("details.menu[open]").forEach((menu) => {
      menu.open = false;
      if (menu.contains(document.activeElement)) menu.querySelector("summary").focus();
    });
  });

  /* Dangerous acts ask once: <form data-confirm="the consequence"> or a button of its own. */
  const ask = (consequence, label) => new Promise((resolve) => {
    const dialog = document.createElement("dialog");
    dialog.className = "ask";
    const text = document.createElement("p");
    text.textContent = consequence;
    const buttons = document.createElement("div");
    buttons.className = "form-buttons";
    const yes = Object.assign(document.createElement("button"), { className: "btn btn-danger", textContent: label });
    const no = Object.assign(document.createElement("button"), { className: "btn btn-secondary", textContent: words.back });
    yes.onclick = () => dialog.close("yes");
    no.onclick = () => dialog.close("");
    dialog.onclose = () => { dialog.remove(); resolve(dialog.returnValue === "yes"); };
    buttons.append(yes, no);
    dialog.append(text, buttons);
    document.body.append(dialog);
    dialog.showModal();
    no.focus();
  });
  document.addEventListener("submit", async (event) => {
    const form = event.target, button = event.submitter;
    const consequence = button?.dataset.confirm || form.dataset.confirm;
    if (!consequence || form.dataset.asked) return;
    event.preventDefault();
    event.stopPropagation();
    if (!await ask(consequence, button?.textContent.trim() || words.yes)) return;
    form.dataset.asked = "1";
    form.requestSubmit(button);
    delete form.dataset.asked;
  }, true);

  /* Bulk selection: the page's ticks, their number, and "all that match". */
  const countTicks = (form) => {
    const ticks = [...form.querySelectorAll("input[name=pk]")];
    const ticked = ticks.filter((tick) => tick.checked).length;
    const all = form.querySelector("[data-tick-all]");
    all.checked = ticked > 0 && ticked === ticks.length;
    all.indeterminate = ticked > 0 && ticked < ticks.length;
    const count = form.querySelector("[data-bulk-count]");
    count.dataset.idle ??= count.textContent;
    count.textContent = ticked ? count.dataset.words.replace("{n}", ticked) : count.dataset.idle;
  };
  document.addEventListener("change", (event) => {
    const form = event.target.closest("[data-bulk]");
    if (!form) return;
    if (event.target.matches("[data-tick-all]")) {
      form.querySelectorAll("input[name=pk]").forEach((tick) => { tick.checked = event.target.checked; });
    }
    countTicks(form);
  });

  document.addEventListener("htmx:load", (event) => enrich(event.target));
  document.addEventListener("htmx:responseError", () => say("error", words.serverError));
  document.addEventListener("htmx:sendError", () => say("error", words.networkError));
  const say = (kind, text) => {
    const note = Object.assign(document.createElement("div"), { className: `note note-${kind}`, textContent: text });
    if (kind === "error") note.setAttribute("role", "alert");
    document.getElementById("messages")?.replaceChildren(note);
    return note;
  };
  /* The session ends when nobody asks for anything: say so two minutes before. */
  const idle = Number(document.body.dataset.idle);
  let warning;
  const rest = () => {
    clearTimeout(warning);
    warning = setTimeout(() => say("warning", words.idle), (idle - 120) * 1000);
  };
  if (idle > 120) {
    rest();
    document.addEventListener("htmx:afterRequest", rest);
  }

  window.portal = { say };
})();
