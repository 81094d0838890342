// Who ran a cluster when: in words, and as a chart of outlets over time.

import * as Plot from "@observablehq/plot";
import { findOrder } from "./clusterTimes";
import { formatDate, formatQuantity, showLine } from "../../data/text";
import { Chart } from "../../parts/Chart";

export interface Run {
  outlet: number;
  published: string | null;
  isRepresentative: boolean;
}

const MAX_OUTLETS = 40;
const ROW_HEIGHT = 26;
const CHAR_WIDTH = 6.5;
const MAX_NAME_CHARS = 28;
const DAY = 24 * 60 * 60 * 1000;

interface ClusterTimelineProps {
  runs: Run[];
  /** Names of all outlets. */
  names: string[];
}

export function ClusterTimeline({ runs, names }: ClusterTimelineProps) {
  const dated = runs.filter(({ published }) => published !== null);
  const undated = [...new Set(runs.filter(({ published }) => published === null).map(({ outlet }) => outlet))];
  return (
    <>
      <First runs={runs} names={names} />
      {dated.length > 1 && <TimeChart runs={dated} names={names} />}
      {undated.length > 0 && (
        <p class="muted">
          Without a date: <Names outlets={undated} names={names} />
        </p>
      )}
    </>
  );
}

function First({ runs, names }: ClusterTimelineProps) {
  const order = findOrder(runs);
  if (!order) return <p>None of the documents bears a date, so that nobody can be called the first.</p>;
  const { outlets, published, isDayOnly, numFollowing, within } = order;
  const isTie = outlets.length > 1;
  const hasUndated = runs.some((run) => run.published === null);
  const followed = formatQuantity(numFollowing, isTie ? "other outlet" : "outlet");
  return (
    <p class="cluster-first">
      <strong>
        {hasUndated ? "First of those with a date" : "First"}: <Names outlets={outlets} names={names} />
      </strong>
      , {formatDate(published)}
      {isTie &&
        (isDayOnly ? " (not all of that day bear a time, so that their order is not known)" : " (no more than an hour apart, which does not tell who was first)")}
      {numFollowing > 0 && `; ${followed} followed ${within}`}.
    </p>
  );
}

const MAX_NAMES = 12;

function Names({ outlets, names }: { outlets: number[]; names: string[] }) {
  return (
    <>
      {outlets.slice(0, MAX_NAMES).map((outlet, at) => (
        <>
          {at > 0 && ", "}
          <bdi>{showLine(names[outlet] ?? "", 60)}</bdi>
        </>
      ))}
      {outlets.length > MAX_NAMES && ` and ${outlets.length - MAX_NAMES} more`}
    </>
  );
}

/** A day; or the hour, and under the first one and midnight the day. */
function formatTick(time: Date, at: number, isShort: boolean): string {
  const [day = "", clock = ""] = time.toISOString().split("T");
  if (!isShort) return day;
  const hour = clock.slice(0, 5);
  return at === 0 || hour === "00:00" ? `${hour}\n${day} UTC` : hour;
}

function TimeChart({ runs, names }: ClusterTimelineProps) {
  const outlets = [...new Set(runs.map(({ outlet }) => outlet))].slice(0, MAX_OUTLETS);
  const points = runs
    .filter(({ outlet }) => outlets.includes(outlet))
    .map((run) => ({ ...run, time: new Date(run.published ?? "") }));
  const times = points.map(({ time }) => time.getTime());
  const [begin, end] = [Math.min(...times), Math.max(...times)];
  const margin = Math.max((end - begin) * 0.04, end === begin ? DAY / 2 : 0);
  const label = `When each outlet ran it: ${formatQuantity(points.length, "document")} of ${formatQuantity(outlets.length, "outlet")}, from ${formatDate(new Date(begin).toISOString())} to ${formatDate(new Date(end).toISOString())}; the list of documents below has the dates.`;
  const options = (width: number): Plot.PlotOptions => {
    const maxChars = Math.min(MAX_NAME_CHARS, Math.floor((width * 0.4) / CHAR_WIDTH));
    const shown = outlets.map((outlet) => showLine(names[outlet] ?? "", maxChars));
    const longest = Math.max(...shown.map((name) => name.length));
    const name = new Map(outlets.map((outlet, at) => [outlet, shown[at]]));
    return {
      height: 44 + outlets.length * ROW_HEIGHT,
      marginLeft: Math.ceil(longest * CHAR_WIDTH) + 16,
      marginRight: 24,
      marginTop: 4,
      marginBottom: 36,
      x: {
        type: "utc",
        domain: [new Date(begin - margin), new Date(end + margin)],
        label: null,
        ticks: Math.max(2, Math.floor(width / 140)),
        tickFormat: (time: Date, at: number) => formatTick(time, at, end - begin < 3 * DAY),
      },
      y: {
        type: "point",
        domain: outlets,
        tickFormat: (outlet: number) => name.get(outlet) ?? "",
        label: null,
        tickSize: 0,
      },
      marks: [
        Plot.gridX({ stroke: "var(--line)", strokeOpacity: 1 }),
        Plot.ruleY(outlets, { y: (outlet: number) => outlet, stroke: "var(--line)" }),
        Plot.dot(points, {
          x: "time",
          y: "outlet",
          r: (point: Run) => (point.isRepresentative ? 7 : 5),
          symbol: (point: Run) => (point.isRepresentative ? "diamond" : "circle"),
          fill: (point: Run) => (point.isRepresentative ? "var(--kept)" : "var(--shared)"),
          stroke: "var(--paper)",
          title: (point: Run) =>
            `${showLine(names[point.outlet] ?? "", 60)}, ${formatDate(point.published)}${point.isRepresentative ? ", representative" : ""}`,
        }),
      ],
      r: { type: "identity" },
      symbol: { type: "identity" },
      color: { type: "identity" },
    };
  };
  const hidden = new Set(runs.map(({ outlet }) => outlet)).size - outlets.length;
  return (
    <>
      <p class="cluster-key small" aria-hidden="true">
        <span class="cluster-diamond" /> the representative <span class="cluster-dot" /> other documents
      </p>
      <Chart label={label} options={options} inputs={[runs, names]} />
      {hidden > 0 && <p class="muted small">{formatQuantity(hidden, "outlet")} later than these are not drawn.</p>}
    </>
  );
}
