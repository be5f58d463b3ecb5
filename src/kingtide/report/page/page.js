// The page: one window of time for every plot and the lane.

const PAN_SHARE = 0.5;
const JUMP_MS = 5 * MINUTE;

function start(run) {
  const clock = makeClock(run.clock);
  const [full0, full1] = [run.start, Math.max(run.end, run.start + SECOND)];
  const narrowest = Math.min(full1 - full0, Math.max(6 * run.stepMs, 20 * SECOND));
  let [from, to] = [full0, full1];
  let selectedMs = null;
  let pointedMs = null;
  let plots = [];
  let lane = null;
  const byId = (id) => document.getElementById(id);

  const page = {
    clock,
    window: () => [from, to],
    selectedMs: () => selectedMs,
    setWindow(min, max) {
      const span = Math.min(Math.max(max - min, narrowest), full1 - full0);
      const centre = (min + max) / 2;
      const newFrom = Math.min(Math.max(centre - span / 2, full0), full1 - span);
      if (newFrom === from && newFrom + span === to) return;
      [from, to] = [newFrom, newFrom + span];
      for (const plot of plots) plot.u.setScale("x", { min: from, max: to });
      lane.draw();
      showWindow();
    },
    resetWindow: () => page.setWindow(full0, full1),
    zoom(factor, at = pointedMs ?? selectedMs ?? (from + to) / 2) {
      const held = Math.min(Math.max(at, from), to);
      page.setWindow(held - (held - from) / factor, held + (to - held) / factor);
    },
    pan: (share) => page.setWindow(from + share * (to - from), to + share * (to - from)),
    windowFromDrag(u) {
      const { left, width } = u.select;
      if (width < 5) return;
      const [min, max] = [u.posToVal(left, "x"), u.posToVal(left + width, "x")];
      u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
      page.setWindow(min, max);
    },
    pointAt(ms) {
      pointedMs = Math.min(Math.max(ms, from), to);
      const at = pointedMs;
      // A window set just before reaches uPlot's scales in a microtask, so the cursor waits for one too.
      queueMicrotask(() => {
        for (const { u } of plots) u.setCursor({ left: u.valToPos(at, "x"), top: 10 });
      });
    },
    step(direction) {
      const next = (pointedMs ?? selectedMs ?? (from + to) / 2) + direction * run.stepMs;
      if (next < from || next > to) page.pan(direction * 0.1);
      page.pointAt(next);
    },
    reveal(ms) {
      if (ms < from || ms > to) page.setWindow(ms - (to - from) / 2, ms + (to - from) / 2);
    },
    selectTime(ms) {
      selectedMs = ms;
      for (const { u } of plots) u.redraw(false);
    },
    readout(ms) {
      pointedMs = ms;
      byId("readout").textContent = ms === null ? "" : clock.text(ms);
    },
    listen: (area) => listenToGestures(area, page),
  };

  function showWindow() {
    const whole = from === full0 && to === full1;
    byId("window").textContent = `${clock.text(from)} – ${clock.text(to)}`;
    byId("reset").disabled = whole;
    for (const id of ["earlier", "later"]) byId(id).disabled = whole;
    byId("zoom-out").disabled = whole;
    byId("zoom-in").disabled = to - from <= narrowest;
    document.documentElement.dataset.window = `${Math.round(from)} ${Math.round(to)}`;
  }

  const columnsOf = (indices) => indices.map((i) => run.columns[i]);

  function addPlots(target, panels, times, columnIndices) {
    const made = panels.map((panel, i) => makePlot(panel, times, columnsOf(columnIndices[i]), page));
    target.replaceChildren(...made.map((plot) => plot.figure));
    for (const plot of made) {
      listenToKeys(plot.figure, page);
      plot.build();
    }
    return made;
  }

  const clusterPlots = addPlots(
    byId("cluster-plots"),
    run.panels,
    run.columns[run.times],
    run.panels.map((panel) => panel.lines.map((line) => line.column)),
  );

  function showApplication(application) {
    for (const plot of plots) if (!clusterPlots.includes(plot)) plot.u.destroy();
    const panels = run.layout.map((panel) => {
      const lines = panel.lines.filter((line) => line.key in application.columns);
      return { ...panel, lines };
    });
    const kept = panels.filter((panel) => panel.lines.length);
    const indices = kept.map((panel) => panel.lines.map((line) => application.columns[line.key]));
    const made = addPlots(byId("application-plots"), kept, run.columns[application.times], indices);
    plots = [...clusterPlots, ...made];
  }

  plots = clusterPlots;
  const chooser = byId("application");
  if (chooser) {
    showApplication(run.applications[chooser.selectedIndex]);
    chooser.addEventListener("change", () => showApplication(run.applications[chooser.selectedIndex]));
  }
  const marks = run.marks.map(([offset, row, tone, heading, lines]) => ({ at: run.start + offset, row, tone, heading, lines }));
  lane = makeLane(byId("lane"), run.rows, marks, page);
  lane.draw();
  showWindow();

  const actions = {
    "zoom-in": () => page.zoom(2),
    "zoom-out": () => page.zoom(0.5),
    earlier: () => page.pan(-PAN_SHARE),
    later: () => page.pan(PAN_SHARE),
    reset: page.resetWindow,
  };
  for (const [id, act] of Object.entries(actions)) byId(id).addEventListener("click", act);
  for (const button of document.querySelectorAll("[data-jump]")) {
    button.addEventListener("click", () => {
      const ms = Number(button.dataset.jump);
      page.setWindow(ms - JUMP_MS, ms + JUMP_MS);
      page.selectTime(ms);
      const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
      const figure = byId(`panel-${button.dataset.panel}`);
      figure?.scrollIntoView({ behavior: calm ? "auto" : "smooth", block: "center" });
      figure?.focus({ preventScroll: true });
      page.pointAt(ms);
    });
  }

  const rebuild = () => {
    for (const plot of plots) plot.build();
    lane.draw();
  };
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", rebuild);
  let width = innerWidth;
  addEventListener("resize", () => {
    if (innerWidth === width) return;
    width = innerWidth;
    rebuild();
  });
  for (const [event, paper] of [["beforeprint", true], ["afterprint", false]]) {
    addEventListener(event, () => {
      document.documentElement.classList.toggle("paper", paper);
      rebuild();
    });
  }
  document.documentElement.classList.add("ready");
}

async function main() {
  const notice = document.getElementById("notice");
  try {
    start(await unpack(document.getElementById("data")));
    notice.remove();
  } catch (error) {
    notice.textContent = `The plots could not be drawn (${error.message}). A browser of 2023 or later draws them; every figure is in the tables below.`;
    throw error;
  }
}
main();
