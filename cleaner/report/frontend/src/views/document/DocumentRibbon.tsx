// The whole text from its begin to its end, one row for each fate: where what was removed stood.

import * as Plot from "@observablehq/plot";
import { useMemo } from "preact/hooks";
import type { Span, View } from "../../data/types";
import { formatCount } from "../../data/text";
import { Chart } from "../../parts/Chart";
import { DUPLICATE, findFate, type Range } from "./DocumentSpans";

type Row = "kept" | "shared" | "duplicate" | "page" | "offer" | "about" | "other";

const ROWS: Record<Row, { label: string; fill: string }> = {
  kept: { label: "kept", fill: "var(--kept)" },
  shared: { label: "kept, also elsewhere", fill: "var(--shared)" },
  duplicate: { label: "gone: elsewhere", fill: "var(--cut-ink)" },
  page: { label: "gone: page parts", fill: "var(--boilerplate)" },
  offer: { label: "gone: offers", fill: "var(--boilerplate)" },
  about: { label: "gone: about it", fill: "var(--boilerplate)" },
  other: { label: "gone: other", fill: "var(--muted)" },
};

const KIND_ROWS = new Map<string, Row>([
  [DUPLICATE, "duplicate"],
  ...["interface", "navigation", "related", "share", "comments", "cookie_notice", "legal", "outlet_line", "not_main_content"].map(
    (kind): [string, Row] => [kind, "page"],
  ),
  ...["promotion", "paywall", "newsletter", "donation", "advertisement"].map((kind): [string, Row] => [kind, "offer"]),
  ...["notice", "byline", "dateline", "caption", "credit", "author_bio", "repeated_title", "repeated_text"].map(
    (kind): [string, Row] => [kind, "about"],
  ),
]);

const MAX_BARS = 1000;

interface Bar extends Range {
  row: Row;
}

/** Joins what touches; of texts with very many spans also what no screen could tell apart. */
function listBars(spans: Span[], view: View): Bar[] {
  const length = spans.at(-1)?.end ?? 0;
  const gap = spans.length > MAX_BARS ? length / MAX_BARS : 0;
  const last = new Map<Row, Bar>();
  const bars: Bar[] = [];
  for (const span of spans) {
    if (span.kind === "whitespace") continue;
    const fate = findFate(span, view);
    const row = fate === "removed" ? (KIND_ROWS.get(span.kind) ?? "other") : fate;
    const before = last.get(row);
    if (before && span.begin - before.end <= gap) {
      before.end = span.end;
      continue;
    }
    const bar = { row, begin: span.begin, end: span.end };
    last.set(row, bar);
    bars.push(bar);
  }
  return bars;
}

interface RibbonProps {
  spans: Span[];
  view: View;
  selected: Range | null;
}

export function Ribbon({ spans, view, selected }: RibbonProps) {
  const bars = useMemo(() => listBars(spans, view), [spans, view]);
  const rows = (Object.keys(ROWS) as Row[]).filter((row) => bars.some((bar) => bar.row === row));
  if (!rows.length) return null;
  const length = spans.at(-1)?.end ?? 0;
  const names = rows.map((row) => ROWS[row].label).join("; ");
  const label = `Where in the ${formatCount(length)} characters of the text each fate occurs: ${names}. The words of each are counted under “What became of it”.`;
  return (
    <Chart
      label={label}
      inputs={[bars, selected?.begin, selected?.end]}
      options={(width) => ({
        height: 30 + 18 * rows.length,
        marginLeft: 128,
        marginRight: 16,
        marginTop: 4,
        marginBottom: 24,
        x: { domain: [0, length], label: null, ticks: Math.max(2, Math.floor(width / 160)), tickSize: 0 },
        y: { domain: rows.map((row) => ROWS[row].label), label: null, tickSize: 0, padding: 0.25 },
        marks: [
          Plot.barX(bars, {
            x1: "begin",
            x2: "end",
            y: (bar: Bar) => ROWS[bar.row].label,
            fill: (bar: Bar) => ROWS[bar.row].fill,
            insetLeft: -0.25,
            insetRight: -0.25,
            ariaHidden: "true",
          }),
          selected
            ? Plot.ruleX([(selected.begin + selected.end) / 2], { stroke: "var(--focus)", strokeWidth: 2, ariaHidden: "true" })
            : null,
        ],
      })}
    />
  );
}
