// How text and numbers are shown: harmless, in one piece, and the same everywhere.

const BIDI_CONTROL = /[\u202a-\u202e\u2066-\u2069]/g;
// Control characters and lone surrogates are what is looked for.
const UNPRINTABLE = /[\x00-\x08\x0b-\x1f\x7f-\x9f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** Replaces what would not show, or would change how the text around it shows. */
export function showText(text: string): string {
  return text
    .replace(UNPRINTABLE, "\ufffd")
    .replace(BIDI_CONTROL, (char) => `[U+${char.charCodeAt(0).toString(16).toUpperCase()}]`);
}

/** Shows a text on one line, cut to a length. */
export function showLine(text: string, maxChars = 200): string {
  const line = showText(text.slice(0, 10 * maxChars).split(/\s+/).filter(Boolean).join(" "));
  return line.length > maxChars ? `${line.slice(0, maxChars - 1).trimEnd()}\u2026` : line;
}

/** Shows a name in snake_case as words. */
export function showName(name: string): string {
  return name === "whitespace" ? "white space" : showLine(name.replaceAll("_", " "));
}

const NUMBER = new Intl.NumberFormat("en");

export function formatCount(number: number): string {
  return NUMBER.format(number);
}

/** A number with its noun: `1 outlet`, `2,000 outlets`. */
export function formatQuantity(number: number, noun: string, plural = `${noun}s`): string {
  return `${formatCount(number)} ${number === 1 ? noun : plural}`;
}

/** A share with one decimal; what is not all or nothing never looks like it. */
export function formatPercent(part: number, whole = 1): string {
  if (!whole) return "0.0%";
  const shown = `${((100 * part) / whole).toFixed(1)}%`;
  if (shown === "0.0%" && part > 0) return "<0.1%";
  if (shown === "100.0%" && part < whole) return ">99.9%";
  return shown;
}

/** A score, cut and not rounded: one below the threshold never looks as if it reached it. */
export function formatScore(score: number, digits = 2): string {
  const scale = 10 ** digits;
  return (Math.floor(score * scale + 1e-6) / scale).toFixed(digits);
}

const MOMENT = /^(\d{4}-\d\d-\d\d)(?:T(\d\d:\d\d)(?::\d\d(?:\.\d+)?)?Z)?$/;

/** A date as people read it: `2025-03-12 07:00 UTC`, a day alone, or `undated`. */
export function formatDate(published: string | null): string {
  if (!published) return "undated";
  const match = MOMENT.exec(published);
  return match?.[2] ? `${match[1]} ${match[2]} UTC` : showLine(published, 40);
}

/** Code points of a text by positions, which JavaScript counts in UTF-16 units. */
export class CodePoints {
  private readonly points: string[] | null;

  constructor(private readonly text: string) {
    this.points = /[\ud800-\udfff]/.test(text) ? Array.from(text) : null;
  }

  get length(): number {
    return this.points ? this.points.length : this.text.length;
  }

  slice(begin: number, end: number): string {
    return this.points ? this.points.slice(begin, end).join("") : this.text.slice(begin, end);
  }
}

const WEB_URL = /^https?:\/\/[^\s"'<>\\^`{|}]+$/i;
const MAX_URL_CHARS = 2000;

/** An address that may be a link: complete, of the web, and hiding nothing; else null. */
export function findLink(url: string | null): string | null {
  if (!url || url.length > MAX_URL_CHARS || showText(url) !== url || !WEB_URL.test(url)) return null;
  try {
    const parts = new URL(url);
    return parts.hostname && !parts.username && !parts.password ? url : null;
  } catch {
    return null;
  }
}
