/* Draws each <figure data-chart> from the figures of its own table; the table stays for those who prefer it. */
(() => {
  "use strict";
  const COLOURS = ["#14508c", "#2f8f6b", "#c98a1b", "#8a4fa3", "#b8433c", "#4c9fc4", "#6b7683"];
  const text = (cell) => cell.textContent.trim();

  const figures = (table) => {
    const [, ...names] = [...table.tHead.rows[0].cells].map(text);
    const rows = [...table.tBodies[0].rows];
    const labels = rows.map((row) => text(row.cells[0]));
    const value = (cell) => (cell.dataset.value === "" ? null : Number(cell.dataset.value));
    return { labels, series: names.map((name, at) => ({ name, data: rows.map((row) => value(row.cells[at + 1])) })) };
  };

  const base = (unit) => ({
    color: COLOURS,
    animation: false,
    textStyle: { fontFamily: getComputedStyle(document.body).fontFamily },
    aria: { enabled: true, decal: { show: true } },
    /* Rich text: an HTML tooltip would need inline style, which the page's policy forbids. */
    tooltip: { trigger: "axis", renderMode: "richText", valueFormatter: (value) => (value === null ? "—" : `${value.toLocaleString("zh-CN")}${unit}`) },
  });

  const pie = ({ labels, series }, unit) => ({
    ...base(unit),
    tooltip: { ...base(unit).tooltip, trigger: "item" },
    series: [{ type: "pie", radius: ["40%", "70%"], data: labels.map((name, at) => ({ name, value: series[0].data[at] })) }],
  });

  const axes = ({ labels, series }, kind, unit) => ({
    ...base(unit),
    grid: { left: 8, right: 16, top: series.length > 1 ? 36 : 16, bottom: 8, containLabel: true },
    legend: series.length > 1 ? { top: 0 } : undefined,
    xAxis: { type: "category", data: labels, axisLabel: { interval: 0, hideOverlap: true, rotate: labels.length > 10 ? 40 : 0 } },
    yAxis: { type: "value" },
    series: series.map((each) => ({ ...each, type: kind === "line" ? "line" : "bar", stack: kind === "stacked" ? "all" : undefined, barMaxWidth: 36 })),
  });

  window.drawCharts = (root) => {
    root.querySelectorAll("[data-chart]:not([data-drawn])").forEach((figure) => {
      figure.dataset.drawn = "1";
      const canvas = figure.querySelector(".chart-canvas");
      const data = figures(figure.querySelector("table"));
      const { chart: kind, unit } = figure.dataset;
      canvas.hidden = false;
      figure.querySelector(".chart-data").open = false;
      const drawn = echarts.init(canvas);
      drawn.setOption(kind === "pie" ? pie(data, unit) : axes(data, kind, unit));
      new ResizeObserver(() => drawn.resize()).observe(canvas);
    });
  };
})();
