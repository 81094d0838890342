// What is left of the input, step by step, and what became of the rest.

import * as Plot from "@observablehq/plot";
import { formatCount, formatPercent, formatQuantity, showLine } from "../../data/text";
import type { Step } from "../../data/types";
import { Chart } from "../../parts/Chart";

const ROW = 64;
const BAR_TOP = 20;
const BAR_HEIGHT = 20;

interface Row extends Step {
  index: number;
  gone: number;
  before: number;
}

function listRows(steps: readonly Step[]): Row[] {
  return steps.map((step, index) => {
    const before = steps[index - 1]?.count ?? step.count;
    return { ...step, index, before, gone: before - step.count };
  });
}

function sayLoss({ gone, lost }: Row, noun: string): string {
  return gone ? `−${formatQuantity(gone, noun)}${lost ? `: ${showLine(lost)}` : ""}` : "";
}

interface FunnelProps {
  title: string;
  noun: "word" | "document";
  steps: readonly Step[];
}

export function OverviewFunnel({ title, noun, steps }: FunnelProps) {
  const rows = listRows(steps);
  const whole = rows[0]?.count ?? 0;
  const share = ({ count }: Row) => formatPercent(count, whole);
  const said = rows.map((row) => `${showLine(row.label)}: ${formatCount(row.count)} (${share(row)})`);
  const sentences = rows.map((row, at) => [said[at], sayLoss(row, noun)].filter(Boolean).join(", "));
  return (
    <section>
      <h2>{title}</h2>
      <Chart
        label={`${title}: ${sentences.join("; ")}.`}
        inputs={[steps]}
        options={() => ({
          height: ROW * rows.length,
          margin: 0,
          x: { axis: null, domain: [0, whole || 1] },
          y: { axis: null, domain: rows.map(({ index }) => index), padding: 0 },
          marks: [
            Plot.barX(rows, {
              y: "index",
              x1: "count",
              x2: "before",
              fill: "var(--cut)",
              stroke: "var(--cut-ink)",
              strokeDasharray: "3 2",
              filter: ({ gone }: Row) => gone > 0,
              insetTop: BAR_TOP,
              insetBottom: ROW - BAR_TOP - BAR_HEIGHT,
              title: (row: Row) => sayLoss(row, noun),
            }),
            Plot.barX(rows, {
              y: "index",
              x1: 0,
              x2: "count",
              fill: "var(--kept)",
              insetTop: BAR_TOP,
              insetBottom: ROW - BAR_TOP - BAR_HEIGHT,
              title: ({ index }: Row) => said[index],
            }),
            Plot.text(rows, {
              y: "index",
              frameAnchor: "left",
              dy: -ROW / 2 + 9,
              text: ({ index }: Row) => said[index],
              fontSize: 13,
              fontWeight: 600,
            }),
            Plot.text(rows, {
              y: "index",
              frameAnchor: "left",
              dy: -ROW / 2 + BAR_TOP + BAR_HEIGHT + 9,
              text: (row: Row) => sayLoss(row, noun),
              fill: "var(--cut-ink)",
              fontSize: 12,
            }),
          ],
        })}
      />
      <details>
        <summary>As a table</summary>
        <table>
          <caption>{title}</caption>
          <thead>
            <tr>
              <th scope="col">Step</th>
              <th scope="col" class="number">Left</th>
              <th scope="col" class="number">Share</th>
              <th scope="col">Gone</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row.index}>
                <th scope="row">{showLine(row.label)}</th>
                <td class="number">{formatCount(row.count)}</td>
                <td class="number">{share(row)}</td>
                <td>{sayLoss(row, noun)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </details>
    </section>
  );
}
