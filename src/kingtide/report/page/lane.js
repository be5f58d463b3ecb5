// The lane of events and decisions: marks on the plots' time axis, and the sentences behind them.

const TONES = {
  bad: "Problem",
  warning: "Warning",
  acted: "Acted",
  refused: "Refused or waits",
  noticed: "Noted",
  info: "Event",
};
const TONE_ORDER = Object.keys(TONES);
const GROUP_PIXELS = 34;
const SHOWN_MAX = 200;

function makeLane(root, rows, marks, page) {
  const detail = document.getElementById("detail");
  const log = document.getElementById("log");
  const filter = document.getElementById("log-filter");
  let selected = [];

  const tracks = rows.map((title) => {
    const row = Object.assign(document.createElement("div"), { className: "lane-row" });
    const label = Object.assign(document.createElement("bdi"), { className: "lane-title", textContent: title });
    const track = Object.assign(document.createElement("div"), { className: "lane-track" });
    track.setAttribute("role", "group");
    track.setAttribute("aria-label", title);
    track.addEventListener("keydown", walk);
    row.append(label, track);
    root.append(row);
    return track;
  });

  const axis = Object.assign(document.createElement("div"), { className: "lane-axis" });
  axis.setAttribute("aria-hidden", "true");
  root.append(axis);

  function walk(event) {
    const buttons = [...event.currentTarget.querySelectorAll("button")];
    const at = buttons.indexOf(document.activeElement);
    const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: buttons.length - 1 }[event.key];
    if (at < 0 || to === undefined) return;
    event.preventDefault();
    buttons[Math.min(Math.max(to, 0), buttons.length - 1)].focus();
  }

  function draw() {
    const [min, max] = page.window();
    const shares = drawAxis(min, max);
    tracks.forEach((track, row) => {
      const had = track.contains(document.activeElement) ? Number(document.activeElement.dataset.at) : null;
      // A group stands at its first mark and takes in what would overlap it.
      const perPixel = (max - min) / track.clientWidth;
      const groups = [];
      for (const mark of marks) {
        if (mark.row !== row || mark.at < min || mark.at > max) continue;
        const last = groups.at(-1);
        if (last && mark.at - last[0].at < GROUP_PIXELS * perPixel) last.push(mark);
        else groups.push([mark]);
      }
      const buttons = groups.map((group) => markButton(group, row, min, max));
      track.replaceChildren(...shares.map(rule), ...buttons);
      const current = buttons.find((b) => b.getAttribute("aria-pressed") === "true") ?? buttons[0];
      if (current) current.tabIndex = 0;
      if (had !== null && buttons.length)
        buttons.reduce((a, b) => (Math.abs(b.dataset.at - had) < Math.abs(a.dataset.at - had) ? b : a)).focus();
    });
    if (log.open) drawLog();
    document.getElementById("log-count").textContent = String(inView().length);
  }

  // Ticks as in the plots; returns where they stand, for the rules behind the marks.
  function drawAxis(min, max) {
    const wide = ((max - min) / axis.clientWidth) * (innerWidth < 600 ? 64 : 84);
    const increment = TICK_INCREMENTS.find((ms) => ms >= wide) ?? DAY;
    const shares = page.clock.ticks(min, max, increment).map((ms) => [ms, (ms - min) / (max - min)]);
    axis.replaceChildren(
      ...shares.map(([ms, share]) => {
        const label = Object.assign(document.createElement("span"), { textContent: page.clock.tick(ms, increment) });
        label.style.left = `${share * 100}%`;
        return label;
      }),
    );
    return shares.map(([, share]) => share);
  }

  function rule(share) {
    const line = Object.assign(document.createElement("i"), { className: "rule" });
    line.style.left = `${share * 100}%`;
    return line;
  }

  function markButton(group, row, min, max) {
    const tone = TONE_ORDER.find((t) => group.some((mark) => mark.tone === t));
    const button = Object.assign(document.createElement("button"), { type: "button", className: `mark ${tone}`, tabIndex: -1 });
    const { at } = group[0];
    button.style.left = `${((at - min) / (max - min)) * 100}%`;
    button.dataset.at = at;
    button.append(Object.assign(document.createElement("i"), { className: "shape" }));
    if (group.length > 1) button.append(String(group.length));
    const what = group.length > 1 ? `${group.length} marks, worst: ${TONES[tone]}` : `${TONES[tone]}: ${group[0].heading}`;
    button.setAttribute("aria-label", `${page.clock.text(at)}, ${rows[row]}, ${what}`);
    button.setAttribute("aria-pressed", String(group.some((mark) => selected.includes(mark))));
    button.title = group.length > 1 ? `${group.length} × ${rows[row]}` : group[0].heading;
    button.addEventListener("click", () => select(group));
    return button;
  }

  function select(group) {
    selected = group;
    const items = group.slice(0, SHOWN_MAX).map(entry);
    const list = Object.assign(document.createElement("ol"), { className: "entries" });
    list.append(...items);
    detail.className = "chosen";
    detail.replaceChildren(list);
    if (group.length > SHOWN_MAX) detail.append(`and ${group.length - SHOWN_MAX} more: zoom in to see them`);
    detail.scrollTop = 0;
    page.selectTime(group[0].at);
    draw();
  }

  function entry(mark) {
    const item = Object.assign(document.createElement("li"), { className: mark.tone });
    const time = Object.assign(document.createElement("time"), { textContent: page.clock.text(mark.at) });
    const tone = Object.assign(document.createElement("span"), { className: "tone", textContent: TONES[mark.tone] });
    tone.prepend(Object.assign(document.createElement("i"), { className: "shape" }));
    const heading = Object.assign(document.createElement("bdi"), { className: "heading", textContent: mark.heading });
    item.append(time, tone, heading);
    for (const line of mark.lines)
      item.append(Object.assign(document.createElement("p"), { textContent: line, dir: "auto" }));
    return item;
  }

  function inView() {
    const [min, max] = page.window();
    const words = filter.value.trim().toLowerCase();
    return marks.filter(
      (m) => m.at >= min && m.at <= max && (!words || `${m.heading} ${m.lines.join(" ")}`.toLowerCase().includes(words)),
    );
  }

  function drawLog() {
    const found = inView();
    document.getElementById("log-entries").replaceChildren(...found.slice(0, SHOWN_MAX).map(entry));
    document.getElementById("log-more").textContent =
      found.length > SHOWN_MAX ? `The first ${SHOWN_MAX} of ${found.length}: zoom in or filter to see the others.` : "";
  }
  log.addEventListener("toggle", draw);
  filter.addEventListener("input", draw);

  // The neighbour in time of what is selected, whatever its row.
  function neighbour(direction) {
    if (!marks.length) return;
    const from = selected.length ? marks.indexOf(selected[direction > 0 ? selected.length - 1 : 0]) : direction > 0 ? -1 : marks.length;
    const next = marks[Math.min(Math.max(from + direction, 0), marks.length - 1)];
    page.reveal(next.at);
    select([next]);
  }
  document.getElementById("previous-mark").addEventListener("click", () => neighbour(-1));
  document.getElementById("next-mark").addEventListener("click", () => neighbour(1));
  return { draw };
}
