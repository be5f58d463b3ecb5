// Local time from the offsets in the data block: the same in every browser, whatever zones it knows.

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const TICK_INCREMENTS = [
  1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400,
].map((seconds) => seconds * SECOND);
const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");

function makeClock(stretches) {
  const stretchAt = (ms) => stretches.findLast(([from]) => ms >= from) ?? stretches[0];
  const offsetAt = (ms) => stretchAt(ms)[1];
  const two = (n) => String(n).padStart(2, "0");
  const parts = (ms) => new Date(ms + offsetAt(ms));
  return {
    // 20:52:10, with the zone's abbreviation where it changes within the run.
    text(ms) {
      const t = parts(ms);
      const zone = stretches.length > 1 ? ` ${stretchAt(ms)[2]}` : "";
      return `${two(t.getUTCHours())}:${two(t.getUTCMinutes())}:${two(t.getUTCSeconds())}${zone}`;
    },
    tick(ms, incrementMs) {
      const t = parts(ms);
      if (t.getUTCHours() + t.getUTCMinutes() + t.getUTCSeconds() === 0)
        return `${t.getUTCDate()} ${MONTHS[t.getUTCMonth()]}`;
      const text = `${two(t.getUTCHours())}:${two(t.getUTCMinutes())}`;
      return incrementMs < MINUTE ? `${text}:${two(t.getUTCSeconds())}` : text;
    },
    // Ticks stand on round local times, also in zones with a half-hour offset.
    ticks(min, max, incrementMs) {
      const offset = offsetAt(min);
      const found = [];
      const first = Math.ceil((min + offset) / incrementMs) * incrementMs - offset;
      for (let ms = first; ms <= max; ms += incrementMs) found.push(ms);
      return found;
    },
  };
}
