// Fingers, wheel and keys: all of them end in page.setWindow or page.pointAt.

function listenToGestures(area, page) {
  const touches = new Map();
  let pinch = null;
  const left = (event) => event.clientX - area.getBoundingClientRect().left;
  const timeAt = (x) => {
    const [min, max] = page.window();
    return min + (x / area.clientWidth) * (max - min);
  };

  area.addEventListener("pointerdown", (event) => {
    if (event.pointerType !== "touch") return;
    touches.set(event.pointerId, left(event));
    area.setPointerCapture(event.pointerId);
    if (touches.size === 2) pinch = [...touches.entries()].map(([id, x]) => [id, timeAt(x)]);
  });
  area.addEventListener("pointermove", (event) => {
    if (!touches.has(event.pointerId)) return;
    touches.set(event.pointerId, left(event));
    if (pinch) {
      const [[idA, timeA], [idB, timeB]] = pinch;
      const [a, b] = [touches.get(idA), touches.get(idB)];
      if (Math.abs(b - a) < 8) return;
      const perPixel = (timeB - timeA) / (b - a);
      if (!(perPixel > 0)) return;
      const start = timeA - a * perPixel;
      page.setWindow(start, start + area.clientWidth * perPixel);
    } else {
      page.pointAt(timeAt(left(event)));
    }
  });
  const release = (event) => {
    touches.delete(event.pointerId);
    if (touches.size < 2) pinch = null;
  };
  area.addEventListener("pointerup", release);
  area.addEventListener("pointercancel", release);

  // A plain wheel scrolls the page; with Ctrl (a trackpad's pinch sends it too) it zooms.
  area.addEventListener(
    "wheel",
    (event) => {
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      page.zoom(Math.exp(-event.deltaY / 240), timeAt(left(event)));
    },
    { passive: false },
  );
}

function listenToKeys(element, page) {
  element.addEventListener("keydown", (event) => {
    if (event.target !== element || event.altKey || event.ctrlKey || event.metaKey) return;
    const keys = {
      "+": () => page.zoom(2),
      "=": () => page.zoom(2),
      "-": () => page.zoom(0.5),
      0: () => page.resetWindow(),
      Escape: () => page.resetWindow(),
      ArrowLeft: () => (event.shiftKey ? page.pan(-0.25) : page.step(-1)),
      ArrowRight: () => (event.shiftKey ? page.pan(0.25) : page.step(1)),
      Home: () => page.pointAt(page.window()[0]),
      End: () => page.pointAt(page.window()[1]),
    };
    const act = keys[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });
}
