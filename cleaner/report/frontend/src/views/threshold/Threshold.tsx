// What another threshold would change: estimates for every one that can be set.

import { useEffect, useMemo, useState } from "preact/hooks";
import type { Report } from "../../data/report";
import type { ThresholdCounts, ThresholdData } from "../../data/types";
import { formatCount } from "../../data/text";
import type { ViewProps } from "../../main";
import { Command } from "../../parts/Command";
import { Load } from "../../parts/Load";
import { type Place, replaceQuery } from "../../router";
import { ThresholdCharts, formatThreshold } from "./ThresholdCharts";
import { ThresholdPairs } from "./ThresholdPairs";

/** Pairs on each side of the threshold. */
const NUM_NEAR = 10;
const PAUSE_MILLISECONDS = 120;

export function Threshold({ report, place }: ViewProps) {
  return (
    <>
      <h1>Threshold</h1>
      <p class="muted">
        Two passages count as the same text if their score reaches the threshold. A lower one finds more copies, and more that
        are none. Move it to see what would change.
      </p>
      <Load load={report.threshold} inputs={[report]}>
        {(data) =>
          data.curve.length ? (
            <Chooser data={data} report={report} place={place} />
          ) : (
            <p class="note">The run has no verified pair, so there is nothing that a threshold would change.</p>
          )
        }
      </Load>
    </>
  );
}

/** The number of the threshold of the curve that is nearest to one. */
function findNearest({ curve }: ThresholdData, threshold: number): number {
  let nearest = 0;
  curve.forEach((row, at) => {
    const known = curve[nearest]?.threshold ?? 0;
    if (Math.abs(row.threshold - threshold) < Math.abs(known - threshold) - 1e-9) nearest = at;
  });
  return nearest;
}

/**
 * The number of the first pair whose score is below a threshold. The curve tells it, unless pairs of
 * documents that the page does not list are left out.
 */
async function findFirstBelow(report: Report, data: ThresholdData, row: { threshold: number; pairs: number }): Promise<number> {
  if (data.curve[0]?.pairs === data.numPairs) return row.pairs;
  let [low, high] = [0, data.numPairs];
  while (low < high) {
    const middle = (low + high) >> 1;
    const [pair] = await report.pairs(middle, middle + 1);
    if (pair && pair.score >= row.threshold) low = middle + 1;
    else high = middle;
  }
  return low;
}

function readChosen(data: ThresholdData, place: Place): number {
  const asked = Number.parseFloat(place.query.get("threshold") ?? "");
  return findNearest(data, Number.isFinite(asked) ? asked : data.threshold);
}

function Chooser({ data, report, place }: ViewProps & { data: ThresholdData }) {
  const inAddress = readChosen(data, place);
  const [at, setAt] = useState(inAddress);
  useEffect(() => setAt(inAddress), [inAddress]);
  useEffect(() => {
    // The slider moves at once; the address, the charts and the pairs follow when it rests.
    if (at === inAddress) return undefined;
    const threshold = formatThreshold(data.curve[at]?.threshold ?? data.threshold);
    const timer = window.setTimeout(() => replaceQuery(place, { threshold }), PAUSE_MILLISECONDS);
    return () => window.clearTimeout(timer);
  }, [at, inAddress]);
  const now = findNearest(data, data.threshold);
  const row = data.curve[at];
  const isSame = at === now;
  const settled = data.curve[inAddress];
  if (!row || !settled) return null;
  const { overview } = report;
  const option = `${data.option}=${formatThreshold(row.threshold)}`;
  return (
    <>
      <Fields data={data} at={at} now={now} setAt={setAt} />
      <Comparison data={data} at={at} now={now} />
      <p class="muted small">
        What would change is estimated from the pairs that the run verified, down to a score of {formatThreshold(data.floor)}. A
        new run also decides anew which copies belong together, which of them stays and where sentences are cut: only that tells
        the exact figures.
      </p>
      {isSame ? (
        <p class="note">This is the threshold of this run. Move the slider to see what another one would change.</p>
      ) : (
        <>
          <h2>To run it with {formatThreshold(row.threshold)}</h2>
          <Command command={`${overview.command} ${option}`} />
          <p class="muted small">or the option alone:</p>
          <Command command={option} />
        </>
      )}
      <h2>By threshold</h2>
      <ThresholdCharts data={data} chosen={isSame && at === inAddress ? data.threshold : settled.threshold} />
      <h2>Pairs at the threshold</h2>
      <Load
        load={async () => {
          const documents = await report.documents();
          const first = await findFirstBelow(report, data, settled);
          const begin = Math.max(0, first - NUM_NEAR);
          return { pairs: await report.pairs(begin, first + NUM_NEAR), documents, numAbove: first - begin };
        }}
        inputs={[report, inAddress]}
      >
        {(near) => <ThresholdPairs {...near} {...{ data, overview }} chosen={settled.threshold} />}
      </Load>
    </>
  );
}

interface FieldsProps {
  data: ThresholdData;
  at: number;
  now: number;
  setAt: (at: number) => void;
}

function Fields({ data, at, now, setAt }: FieldsProps) {
  const shown = formatThreshold(data.curve[at]?.threshold ?? 0);
  const [first, last] = [data.curve[0]?.threshold ?? 0, data.curve.at(-1)?.threshold ?? 1];
  return (
    <form class="threshold-fields" onSubmit={(event) => event.preventDefault()}>
      <label class="slider">
        Threshold, from {formatThreshold(first)} to {formatThreshold(last)}
        <input
          type="range"
          min={0}
          max={data.curve.length - 1}
          step={1}
          value={at}
          aria-valuetext={at === now ? `${shown}, as in this run` : shown}
          onInput={(event) => setAt(event.currentTarget.valueAsNumber)}
        />
      </label>
      <label>
        Its value
        <input
          type="number"
          min={first}
          max={last}
          step="any"
          value={shown}
          onChange={(event) => {
            const typed = event.currentTarget.valueAsNumber;
            const nearest = Number.isFinite(typed) ? findNearest(data, typed) : at;
            setAt(nearest);
            event.currentTarget.value = formatThreshold(data.curve[nearest]?.threshold ?? 0);
          }}
        />
      </label>
      <button type="button" disabled={at === now} onClick={() => setAt(now)}>
        Back to {formatThreshold(data.threshold)}
      </button>
    </form>
  );
}

const ROWS: { label: string; name: keyof ThresholdCounts }[] = [
  { label: "Pairs accepted", name: "pairs" },
  { label: "Clusters", name: "clusters" },
  { label: "Documents with text removed for another's sake", name: "documents" },
  { label: "Documents with nothing left for another's sake", name: "dropped" },
  { label: "Words removed because they stand elsewhere", name: "words" },
];

function Comparison({ data, at, now }: Omit<FieldsProps, "setAt">) {
  const [before, after] = [data.curve[now], data.curve[at]];
  const rows = useMemo(
    () =>
      ROWS.map(({ label, name }) => {
        const change = before && after ? after[name] - before[name] : 0;
        return { label, now: data.now[name], change, then: Math.max(0, data.now[name] + change) };
      }),
    [data, before, after],
  );
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label="What would change">
      <table class="threshold-table">
        <caption>What the run came to, and about what another threshold would change</caption>
        <thead>
          <tr>
            <th scope="col">What is counted</th>
            <th scope="col" class="number">
              This run, at {formatThreshold(data.threshold)}
            </th>
            <th scope="col" class="number">
              About, at {formatThreshold(after?.threshold ?? 0)}
            </th>
            <th scope="col" class="number">
              Estimated change
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.label}>
              <th scope="row">{row.label}</th>
              <td class="number">{formatCount(row.now)}</td>
              <td class="number">{formatCount(row.then)}</td>
              <td class="number">{formatDifference(row.change)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function formatDifference(difference: number): string {
  if (!difference) return "0";
  return `${difference > 0 ? "+" : "−"}${formatCount(Math.abs(difference))}`;
}
