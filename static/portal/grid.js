// Grids of numbers: arrows move, a block from a spreadsheet can be pasted, sums follow, unsaved changes are named.
"use strict";
for (const form of document.querySelectorAll("[data-grid]")) {
  const rows = [...form.querySelectorAll("tbody tr")].map((row) => [...row.querySelectorAll(".grid-cell")]);
  const status = form.querySelector("[data-grid-status]");
  const left = form.querySelector("[data-grid-left]");
  const value = (cell) => Number.parseInt(cell.value, 10) || 0;
  const place = (cell) => {
    for (const [row, cells] of rows.entries()) {
      const column = cells.indexOf(cell);
      if (column >= 0) return [row, column];
    }
    return null;
  };
  const sums = () => {
    const body = form.querySelectorAll("tbody tr");
    rows.forEach((cells, index) => {
      const sum = body[index].querySelector(".grid-sum");
      if (sum) sum.textContent = cells.reduce((total, cell) => total + value(cell), 0);
    });
    const [foot, elsewhere, seats] = form.querySelectorAll("tfoot tr");
    if (foot) {
      const limits = seats.querySelectorAll("td");
      const others = elsewhere.querySelectorAll("td");
      const totals = foot.querySelectorAll("td");
      let all = 0;
      (rows[0] || []).forEach((_cell, column) => {
        const total = rows.reduce((sum, cells) => sum + value(cells[column]), 0);
        totals[column].textContent = total;
        const over = total + Number(others[column].textContent) > Number(limits[column].textContent);
        totals[column].classList.toggle("grid-over", over);
        all += total;
      });
      totals[totals.length - 1].textContent = all;
    }
    if (left && form.dataset.spare) {
      const used = rows.flat().reduce((total, cell) => total + value(cell), 0);
      const rest = Number(form.dataset.spare) - used;
      const words = rest < 0 ? form.dataset.over : form.dataset.rest;
      left.textContent = words.replace("#", Math.abs(rest));
      left.classList.toggle("grid-over", rest < 0);
    }
  };
  // After a refused save the fields start from what was typed; `data-saved` still says what is stored.
  const saved = (cell) => cell.dataset.saved ?? cell.defaultValue;
  const changed = () => rows.flat().some((cell) => cell.value !== saved(cell));
  const refresh = () => {
    for (const cell of rows.flat()) cell.classList.toggle("grid-changed", cell.value !== saved(cell));
    if (status) status.textContent = changed() ? form.dataset.unsaved : "";
    sums();
  };
  const focus = (row, column) => {
    const cell = rows[row] && rows[row][column];
    if (cell) { cell.focus(); cell.select(); }
  };
  form.addEventListener("input", refresh);
  form.addEventListener("reset", () => setTimeout(() => {
    for (const cell of rows.flat()) cell.value = saved(cell);
    refresh();
  }));
  form.addEventListener("keydown", (event) => {
    const at = place(event.target);
    const step = { ArrowUp: [-1, 0], ArrowDown: [1, 0], Enter: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
    if (!at || !step) return;
    event.preventDefault();
    focus(at[0] + step[0], at[1] + step[1]);
  });
  form.addEventListener("paste", (event) => {
    const at = place(event.target);
    const text = event.clipboardData.getData("text/plain");
    if (!at || !/[\t\n]/.test(text)) return;
    event.preventDefault();
    text.replace(/\r/g, "").replace(/\n$/, "").split("\n").forEach((line, down) => {
      line.split("\t").forEach((word, right) => {
        const cell = rows[at[0] + down] && rows[at[0] + down][at[1] + right];
        if (cell) cell.value = word.trim();
      });
    });
    refresh();
  });
  let sending = false;
  form.addEventListener("submit", () => { sending = true; });
  window.addEventListener("beforeunload", (event) => { if (!sending && changed()) event.preventDefault(); });
  refresh();
}
