// One panel: a uPlot with a legend of its own that shows values and switches lines.

const COUNTED = new Set(["pods", "nodes", "count"]);
const COUNT_INCREMENTS = [1, 2, 5].flatMap((m) => [1, 10, 100, 1e3, 1e4, 1e5].map((p) => m * p));
COUNT_INCREMENTS.sort((a, b) => a - b);
const RIGHT_PADDING = 20; // half of a tick label at the right edge

const styleOf = getComputedStyle(document.documentElement);
const colour = (name) => styleOf.getPropertyValue(`--${name}`).trim();
const ink = (name) => colour(`ink-${name}`);
const gutter = () => (innerWidth < 600 ? 46 : 58);

function numberText(value, unit) {
  if (value === null || value === undefined) return "–";
  const digits = COUNTED.has(unit) ? 0 : unit === "usd_per_hour" ? 2 : Math.abs(value) < 1000 ? 1 : 0;
  return value.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

function axisText(value) {
  const short = (v) => String(+v.toFixed(2));
  return Math.abs(value) >= 10000 ? `${short(value / 1000)}k` : short(value);
}

// Stacked lines stand on the shown ones below them; gaps stay gaps.
function stacked(lines, count, shown) {
  const below = new Array(lines[0].length).fill(0);
  return lines.map((values, i) => {
    if (i >= count || !shown[i]) return values;
    return values.map((value, k) => (value === null ? null : (below[k] += value)));
  });
}

function sample(line) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 30 10");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(svg.namespaceURI, "path");
  path.setAttribute("d", "M1 5H29");
  path.setAttribute("class", `ink-${line.ink}`);
  path.setAttribute("stroke-dasharray", line.dash.join(" "));
  svg.append(path);
  return svg;
}

function makePlot(panel, times, columns, page) {
  const shown = panel.lines.map((line) => !line.hidden);
  // What is zero all along would only trace the line below it, and needs no height to say so.
  const isZero = columns.map((values) => values.every((value) => !value));
  const isFlat = isZero.every(Boolean);
  const figure = Object.assign(document.createElement("figure"), { className: "plot", tabIndex: 0 });
  figure.id = `panel-${panel.id}`;
  figure.setAttribute("role", "group");
  const title = document.createElement("figcaption");
  const name = Object.assign(document.createElement("h3"), { textContent: panel.title });
  if (!panel.title.toLowerCase().includes(panel.unitLabel))
    name.append(Object.assign(document.createElement("small"), { textContent: panel.unitLabel }));
  title.append(name);
  const legend = Object.assign(document.createElement("ul"), { className: "legend" });
  const target = Object.assign(document.createElement("div"), { className: "canvas" });
  figure.append(title, legend, target);

  const readings = panel.lines.map((line, i) => {
    const item = document.createElement("li");
    const button = Object.assign(document.createElement("button"), { type: "button" });
    button.setAttribute("aria-pressed", String(shown[i]));
    const label = Object.assign(document.createElement("bdi"), { textContent: line.label });
    const value = document.createElement("output");
    button.append(sample(line), label, value);
    button.addEventListener("click", () => {
      shown[i] = !shown[i];
      button.setAttribute("aria-pressed", String(shown[i]));
      plot.build();
    });
    item.append(button);
    legend.append(item);
    return value;
  });

  const plot = { figure, panel, u: null };

  const seriesOptions = (line, i) => ({
    label: line.label,
    show: shown[i] && !(isZero[i] && i < panel.stacked && !isFlat),
    stroke: () => ink(line.ink),
    fill: line.area ? () => `${ink(line.ink)}${i < panel.stacked ? "40" : "26"}` : undefined,
    width: line.area ? 1.5 : 2,
    dash: line.dash.length ? line.dash : undefined,
    paths: line.stepped ? uPlot.paths.stepped({ align: 1 }) : undefined,
    points: { show: times.length === 1 },
    value: () => "",
  });

  plot.build = () => {
    plot.u?.destroy();
    plot.u = null;
    const counted = COUNTED.has(panel.unit);
    const standing = panel.lines.map((_, i) => i).filter((i) => i < panel.stacked && shown[i] && !isZero[i]);
    const grid = { stroke: () => colour("grid"), width: 1 };
    const axis = { stroke: () => colour("muted"), font: "12px system-ui, sans-serif", grid, ticks: { show: false } };
    plot.u = new uPlot(
      {
        width: Math.max(target.clientWidth, 200),
        height: isFlat ? 76 : innerWidth < 600 ? 150 : 172,
        ms: 1,
        padding: [8, RIGHT_PADDING, 0, 0],
        legend: { show: false },
        scales: {
          x: { time: false, range: (u, min, max) => [min, max] },
          y: { range: (u, min, max) => [0, max > 0 ? (counted ? Math.max(max * 1.08, 1) : max * 1.08) : 1] },
        },
        series: [{}, ...panel.lines.map(seriesOptions)],
        bands: standing.slice(1).map((i, k) => ({ series: [i + 1, standing[k] + 1] })),
        axes: [
          {
            ...axis,
            size: 30,
            gap: 8,
            space: innerWidth < 600 ? 64 : 84,
            incrs: TICK_INCREMENTS,
            splits: (u, i, min, max, increment) => page.clock.ticks(min, max, increment),
            values: (u, splits, i, space, increment) => splits.map((ms) => page.clock.tick(ms, increment)),
          },
          {
            ...axis,
            size: gutter(),
            gap: 6,
            space: 26,
            incrs: counted ? COUNT_INCREMENTS : undefined,
            values: (u, splits) => splits.map(axisText),
          },
        ],
        cursor: {
          y: false,
          points: { size: 7 },
          drag: { x: true, y: false, setScale: false, dist: 5 },
          // Only the pointer is shared: a window is set for all plots at once by page.setWindow.
          sync: { key: "run", scales: ["x", null], setSeries: false, filters: { pub: isPointing, sub: isPointing } },
          bind: { dblclick: () => () => (page.resetWindow(), null) },
        },
        hooks: {
          setSelect: [(u) => page.windowFromDrag(u)],
          setCursor: [() => plot.read()],
          setScale: [(u, key) => key === "x" && plot.read()],
          draw: [(u) => drawSelectedTime(u, page.selectedMs())],
        },
      },
      [times, ...stacked(columns, panel.stacked, shown)],
      target,
    );
    const [min, max] = page.window();
    plot.u.setScale("x", { min, max });
    page.listen(plot.u.over);
    plot.read();
  };

  // The legend: the value under the pointer, or the highest in view while nothing is pointed at.
  plot.read = () => {
    const u = plot.u;
    if (!u) return;
    const index = u.cursor.left >= 0 ? u.cursor.idx : null;
    const [from, to] = u.series[0].idxs ?? [0, times.length - 1];
    readings.forEach((output, i) => {
      if (index !== null && index !== undefined) {
        output.textContent = numberText(columns[i][index], panel.unit);
      } else {
        let peak = null;
        for (let k = from; k <= to; k++)
          if (columns[i][k] !== null && (peak === null || columns[i][k] > peak)) peak = columns[i][k];
        output.textContent = `max ${numberText(peak, panel.unit)}`;
      }
    });
    const lines = panel.lines.map((line, i) => `${line.label} ${readings[i].textContent}`).join(", ");
    figure.setAttribute("aria-label", `${panel.title}, ${panel.unitLabel}: ${lines}`);
    page.readout(index === null || index === undefined ? null : times[index]);
  };
  return plot;
}

function isPointing(type) {
  return type !== "mousedown" && type !== "mouseup" && type !== "dblclick" && type !== "click";
}

function drawSelectedTime(u, ms) {
  const { min, max } = u.scales.x;
  if (ms === null || ms < min || ms > max) return;
  const { left, top, width, height } = u.bbox;
  const x = Math.round(left + ((ms - min) / (max - min)) * width) + 0.5;
  const size = 5 * devicePixelRatio;
  u.ctx.save();
  u.ctx.setLineDash([]);
  u.ctx.strokeStyle = u.ctx.fillStyle = colour("accent");
  u.ctx.lineWidth = 1.5 * devicePixelRatio;
  u.ctx.beginPath();
  u.ctx.moveTo(x, top);
  u.ctx.lineTo(x, top + height);
  u.ctx.stroke();
  u.ctx.beginPath();
  u.ctx.moveTo(x - size, top);
  u.ctx.lineTo(x + size, top);
  u.ctx.lineTo(x, top + size * 1.4);
  u.ctx.fill();
  u.ctx.restore();
}
