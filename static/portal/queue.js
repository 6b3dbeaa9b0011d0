/* The reviewers' keyboard: J and K go on and back, A, R and X press the buttons. A refusal without a reason asks for it. */
(() => {
  "use strict";
  const typing = (target) => target.closest("input:not([type=checkbox]), textarea, select, [contenteditable], dialog");

  const opinion = () => document.querySelector("[data-decision] textarea");
  const said = () => opinion().value.trim() || document.querySelector("[data-decision] select").value;

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || typing(event.target)) return;
    const key = event.key.toLowerCase();
    if (!"jkarx".includes(key) || key.length !== 1) return;
    const control = document.querySelector(`[data-key="${key}"]`);
    if (!control) return;
    event.preventDefault();
    if (control.dataset.needs && !said()) opinion().focus();
    else control.click();
  });

  document.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-needs]");
    if (!button || said()) return;
    event.preventDefault();
    opinion().focus();
    document.getElementById(`${opinion().id}_helptext`)?.classList.add("field-error");
  });
})();
