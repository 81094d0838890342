// How words, clusters and documents depend on the threshold, and where the scores of the pairs lie.

import * as Plot from "@observablehq/plot";
import { useMemo } from "preact/hooks";
import type { ThresholdData } from "../../data/types";
import { formatCount } from "../../data/text";
import { Chart } from "../../parts/Chart";

interface ChartsProps {
  data: ThresholdData;
  chosen: number;
}

const SERIES = [
  { name: "pairs", label: "pairs accepted", stroke: "var(--shared)", dash: "" },
  { name: "clusters", label: "clusters", stroke: "var(--agency)", dash: "6 3" },
  { name: "documents", label: "documents that lose text", stroke: "var(--boilerplate)", dash: "2 3" },
  { name: "dropped", label: "documents with nothing left", stroke: "var(--cut-ink)", dash: "8 3 2 3" },
] as const;

const MARGINS = { marginLeft: 56, marginRight: 24, marginBottom: 34, marginTop: 24 };

/** Rules at the run's threshold and the chosen one; labels of neighbours point away from each other. */
function markThresholds(data: ThresholdData, chosen: number): Plot.Markish[] {
  const distance = chosen - data.threshold;
  const isNear = distance !== 0 && Math.abs(distance) < 0.1;
  const rules = [
    { x: data.threshold, text: "this run", stroke: "var(--muted)", dash: "4 3", anchor: distance > 0 ? "end" : "start" },
    { x: chosen, text: "chosen", stroke: "var(--ink)", dash: "", anchor: distance > 0 ? "start" : "end" },
  ] as const;
  return rules.slice(0, distance ? 2 : 1).flatMap(({ x, text, stroke, dash, anchor }) => [
    Plot.ruleX([x], { stroke, strokeWidth: 1.5, strokeDasharray: dash, ariaHidden: "true" }),
    Plot.text([text], {
      x: () => x,
      text: (label: string) => label,
      frameAnchor: "top",
      dy: -14,
      fill: "currentColor",
      textAnchor: isNear ? anchor : "middle",
      ariaHidden: "true",
    }),
  ]);
}

interface Point {
  threshold: number;
  count: number;
  label: string;
}

export function ThresholdCharts({ data, chosen }: ChartsProps) {
  const { curve } = data;
  const domain = [curve[0]?.threshold ?? 0, curve.at(-1)?.threshold ?? 1];
  const points = useMemo(
    () => SERIES.flatMap(({ name, label }) => curve.map((at): Point => ({ threshold: at.threshold, count: at[name], label }))),
    [curve],
  );
  const bins = useMemo(() => listBins(data), [data]);
  const x = { domain, label: "threshold →", tickSize: 0 };
  return (
    <div class="threshold-charts">
      <div>
        <h3>Words removed</h3>
        <Chart
          label="Words removed because they stand elsewhere, by threshold. The table under the charts has the figures."
          inputs={[data, chosen]}
          options={() => ({
            ...MARGINS,
            height: 200,
            x,
            y: { grid: true, label: null, tickFormat: "~s", nice: true, zero: true },
            marks: [
              Plot.areaY(curve, { x: "threshold", y: "words", fill: "var(--shared)", fillOpacity: 0.25, curve: "step-after", ariaHidden: "true" }),
              Plot.lineY(curve, { x: "threshold", y: "words", stroke: "var(--shared)", strokeWidth: 2, curve: "step-after", ariaHidden: "true" }),
              ...markThresholds(data, chosen),
            ],
          })}
        />
      </div>
      <div>
        <h3>Scores of the verified pairs</h3>
        <Chart
          label="How many verified pairs have which score. The table under the charts has the figures."
          inputs={[data, chosen]}
          options={() => ({
            ...MARGINS,
            height: 200,
            x: { ...x, label: "score →", domain: [domain[0] ?? 0, Math.max(1, domain[1] ?? 1)] },
            y: { grid: true, label: null, tickFormat: "~s", zero: true },
            marks: [
              Plot.rectY(bins, {
                x1: "from",
                x2: "to",
                y: "count",
                fill: (bin: Bin) => (bin.from >= chosen - 1e-9 ? "var(--shared)" : "var(--muted)"),
                insetLeft: 0.5,
                ariaHidden: "true",
              }),
              ...markThresholds(data, chosen),
            ],
          })}
        />
      </div>
      <div class="wide">
        <h3>Pairs, clusters and documents</h3>
        <ul class="threshold-lines" aria-hidden="true">
          {SERIES.map(({ name, label, stroke, dash }) => (
            <li key={name}>
              <svg width="32" height="10" focusable="false">
                <line x1="0" x2="32" y1="5" y2="5" stroke={stroke} stroke-width="2.5" stroke-dasharray={dash} />
              </svg>{" "}
              {label}
            </li>
          ))}
        </ul>
        <Chart
          label={`By threshold: ${SERIES.map(({ label }) => label).join(", ")}. The table under the charts has the figures.`}
          inputs={[data, chosen]}
          options={() => ({
            ...MARGINS,
            height: 240,
            x,
            y: { grid: true, label: null, tickFormat: "~s", zero: true },
            marks: [
              ...SERIES.map(({ label, stroke, dash }) =>
                Plot.lineY(
                  points.filter((point) => point.label === label),
                  { x: "threshold", y: "count", stroke, strokeWidth: 2, strokeDasharray: dash, curve: "step-after", ariaHidden: "true" },
                ),
              ),
              ...markThresholds(data, chosen),
            ],
          })}
        />
      </div>
      <details class="wide">
        <summary>The figures of the charts</summary>
        <Figures data={data} />
      </details>
    </div>
  );
}

interface Bin {
  from: number;
  to: number;
  count: number;
}

/** Pairs by score: those that a threshold accepts and the next higher one does not. */
function listBins({ curve }: ThresholdData): Bin[] {
  const width = (curve[1]?.threshold ?? 1) - (curve[0]?.threshold ?? 0);
  return curve.map(({ threshold, pairs }, at) => {
    const next = curve[at + 1];
    return { from: threshold, to: next?.threshold ?? Math.max(1, threshold + width), count: pairs - (next?.pairs ?? 0) };
  });
}

function Figures({ data }: { data: ThresholdData }) {
  const columns = ["Threshold", "Pairs", "Clusters", "Documents that lose text", "Documents with nothing left", "Words removed"];
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label="Estimates for every threshold">
      <table>
        <caption>Estimates for every threshold</caption>
        <thead>
          <tr>
            {columns.map((column, at) => (
              <th key={column} scope="col" class={at ? "number" : undefined}>
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {data.curve.map((row) => (
            <tr key={row.threshold}>
              <th scope="row">
                {formatThreshold(row.threshold)}
                {row.threshold === data.threshold && " (this run)"}
              </th>
              {[row.pairs, row.clusters, row.documents, row.dropped, row.words].map((count, at) => (
                <td key={columns[at + 1]} class="number">
                  {formatCount(count)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** A threshold with two decimals, more only if it has more. */
export function formatThreshold(threshold: number): string {
  const shown = threshold.toFixed(2);
  return Number(shown) === threshold ? shown : String(Number(threshold.toFixed(6)));
}
