// Words over time: the outlet's own, agency copy, what other outlets have too, and boilerplate.

import * as Plot from "@observablehq/plot";
import { useMemo } from "preact/hooks";
import { formatCount, formatPercent, formatQuantity } from "../../data/text";
import type { OutletData } from "../../data/types";
import { Chart } from "../../parts/Chart";
import { MoreRows, useMoreRows } from "../../parts/MoreRows";
import { type Fill, Legend } from "../../parts/ShareBar";

const SERIES = [
  { name: "original", fill: "kept", label: "Own text" },
  { name: "agency", fill: "agency", label: "Agency copy" },
  { name: "shared", fill: "shared", label: "Stands in other documents too" },
  { name: "boilerplate", fill: "boilerplate", label: "Boilerplate" },
] as const satisfies readonly { name: string; fill: Fill; label: string }[];

type Counts = Record<(typeof SERIES)[number]["name"], number>;
type Row = Counts & { time: string | null };

const SECONDS = { day: 86_400, month: 2_629_800, year: 31_557_600 };
/** Fewer bars than these do not fill the whole width. */
const MIN_BARS = 12;

/** Sums by time, the earliest first; what is undated comes last. */
function sumTimes(timeline: OutletData["timeline"], chosen: number | null): Row[] {
  const rows = new Map<string | null, Row>();
  for (const { outlet, time, original, agency, shared, boilerplate } of timeline) {
    if (chosen !== null && outlet !== chosen) continue;
    const day = time !== null && Number.isNaN(Date.parse(time)) ? null : time;
    const row = rows.get(day) ?? { time: day, original: 0, agency: 0, shared: 0, boilerplate: 0 };
    row.original += original;
    row.agency += agency;
    row.shared += shared;
    row.boilerplate += boilerplate;
    rows.set(day, row);
  }
  const order = (time: string | null) => (time === null ? Infinity : Date.parse(time));
  return [...rows.values()].sort((a, b) => (a.time === b.time ? 0 : order(a.time) - order(b.time)));
}

function sumWords(row: Counts): number {
  return row.original + row.agency + row.shared + row.boilerplate;
}

interface Piece {
  date: Date;
  value: number;
  fill: string;
  title: string;
}

interface OutletTimelineProps {
  data: OutletData;
  chosen: number | null;
}

export function OutletTimeline({ data, chosen }: OutletTimelineProps) {
  const { timeline, unit } = data;
  const rows = useMemo(() => sumTimes(timeline, chosen), [timeline, chosen]);
  const undated = rows.find(({ time }) => time === null);
  const numDated = rows.length - (undated ? 1 : 0);
  return (
    <section aria-labelledby="outlets-time">
      <h2 id="outlets-time">Words by {unit} of publication</h2>
      {rows.length === 0 ? (
        <p>There are no words to show.</p>
      ) : (
        <>
          {numDated > 0 && (
            <>
              <Legend label="What the bars show" fills={SERIES} />
              <Bars rows={rows} unit={unit} />
            </>
          )}
          {undated && (
            <p>
              {formatQuantity(sumWords(undated), "word")} {sumWords(undated) === 1 ? "is" : "are"} in undated documents
              {numDated ? " and not in the chart" : ""}:{" "}
              {SERIES.map(({ name, label }) => `${label.toLowerCase()} ${formatCount(undated[name])}`).join(", ")}.
            </p>
          )}
          <Table rows={rows} unit={unit} />
        </>
      )}
    </section>
  );
}

function Bars({ rows, unit }: { rows: readonly Row[]; unit: OutletData["unit"] }) {
  const pieces = useMemo(
    () =>
      rows.flatMap((row): Piece[] =>
        row.time === null
          ? []
          : SERIES.map(({ name, fill, label }) => ({
              date: new Date(row.time ?? ""),
              value: row[name],
              fill: `var(--${fill})`,
              title: `${row.time}\n${label}: ${formatQuantity(row[name], "word")}, ${formatPercent(row[name], sumWords(row))}`,
            })),
      ),
    [rows],
  );
  const milliseconds = 1000 * SECONDS[unit];
  const first = pieces[0]?.date.getTime() ?? 0;
  const last = pieces.at(-1)?.date.getTime() ?? 0;
  const numBars = Math.round((last - first) / milliseconds) + 1;
  const spare = (Math.max(0, MIN_BARS - numBars) / 2) * milliseconds;
  return (
    <Chart
      label={`Words by ${unit}: own text, agency copy, shared text and boilerplate; the table below has the figures.`}
      inputs={[pieces]}
      options={(width) => ({
        height: 300,
        marginLeft: 56,
        marginBottom: 36,
        x: {
          type: "utc",
          label: null,
          domain: [new Date(first - spare), new Date(last + milliseconds + spare)],
          ticks: Math.max(2, Math.floor(width / 110)),
        },
        y: { label: "words", grid: true, ticks: 5 },
        color: { type: "identity" },
        marks: [
          Plot.rectY(pieces, {
            x: "date",
            y: "value",
            interval: unit,
            fill: "fill",
            title: "title",
            inset: width / Math.max(numBars, MIN_BARS) > 5 ? 0.5 : 0,
          }),
          Plot.ruleY([0]),
        ],
      })}
    />
  );
}

function Table({ rows, unit }: { rows: readonly Row[]; unit: OutletData["unit"] }) {
  const [shown, showMore] = useMoreRows(rows);
  return (
    <details>
      <summary>As a table</summary>
      <div class="scroll" tabIndex={0} role="region" aria-label={`Words by ${unit}`}>
        <table>
          <caption>Words by {unit} of publication</caption>
          <thead>
            <tr>
              <th scope="col">{unit.charAt(0).toUpperCase() + unit.slice(1)}</th>
              {SERIES.map(({ name, label }) => (
                <th key={name} scope="col" class="number">
                  {label}
                </th>
              ))}
              <th scope="col" class="number">
                Together
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.slice(0, shown).map((row) => (
              <tr key={row.time ?? ""}>
                <th scope="row">{row.time ?? "undated"}</th>
                {SERIES.map(({ name }) => (
                  <td key={name} class="number">
                    {formatCount(row[name])}
                  </td>
                ))}
                <td class="number">{formatCount(sumWords(row))}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <MoreRows shown={shown} count={rows.length} noun="row" showMore={showMore} />
    </details>
  );
}
