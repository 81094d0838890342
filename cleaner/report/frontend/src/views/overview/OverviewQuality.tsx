// How much repetition the run finds, and how many of its matches are right.

import * as Plot from "@observablehq/plot";
import { formatCount, formatPercent, formatQuantity, showLine } from "../../data/text";
import type { Overview } from "../../data/types";
import { Chart } from "../../parts/Chart";
import { link } from "../../router";

type Level = NonNullable<Overview["recall"]>[number];

const ROW = 42;
/** How far below the words of a row its dot is. */
const DOWN = 9;

export function OverviewQuality({ overview }: { overview: Overview }) {
  return (
    <section aria-labelledby="overview-quality">
      <h2 id="overview-quality">How good the matching is</h2>
      <div class="overview-halves">
        <div>
          <h3>How much is found</h3>
          <Found recall={overview.recall} />
        </div>
        <div>
          <h3>How much of it is right</h3>
          <Right precision={overview.precision} />
        </div>
      </div>
    </section>
  );
}

function Found({ recall }: Pick<Overview, "recall">) {
  if (!recall) return <p>The run was not asked to test itself with planted copies.</p>;
  if (!recall.length) {
    return <p>There are too few documents to tell: the run had none to make changed copies of.</p>;
  }
  const said = recall.map(({ label, planted, found }) => `${showLine(label)}: ${found} of ${planted}`).join("; ");
  return (
    <>
      <p>
        The run changed copies of some of its own articles, put them among the others and looked for them. Dots are the
        share found; the line through a dot is its 95% interval.
      </p>
      <Chart
        label={`Planted copies found, by how much they were changed. ${said}.`}
        inputs={[recall]}
        options={(width) => ({
          height: ROW * recall.length + 40,
          marginTop: 4,
          marginLeft: 10,
          marginRight: 16,
          marginBottom: 36,
          x: { domain: [0, 100], label: "found, %", ticks: 5, grid: true },
          y: { type: "band", domain: recall.map(({ level }) => level), axis: null, padding: 0 },
          marks: [
            Plot.ruleY(recall, {
              y: "level",
              x1: ({ low }: Level) => 100 * low,
              x2: ({ high }: Level) => 100 * high,
              stroke: "var(--shared)",
              strokeWidth: 5,
              strokeOpacity: 0.45,
              dy: DOWN,
            }),
            Plot.dot(recall, {
              y: "level",
              x: ({ found, planted }: Level) => (100 * found) / (planted || 1),
              r: 6,
              fill: "var(--shared)",
              stroke: "var(--paper)",
              dy: DOWN,
              title: (level: Level) => `${showLine(level.label)}: ${level.found} of ${level.planted}`,
            }),
            Plot.text(recall, {
              y: "level",
              frameAnchor: "left",
              dy: -8,
              text: (level: Level) => showLine(sayLevel(level), Math.floor(width / 6.6)),
              title: sayLevel,
              stroke: "var(--paper)",
              strokeWidth: 4,
              fill: "var(--ink)",
            }),
          ],
        })}
      />
      <details>
        <summary>As a table</summary>
        <div class="scroll" tabIndex={0} role="region" aria-label="Planted copies">
          <table>
            <caption>Planted copies found, with the 95% interval of the share</caption>
            <thead>
              <tr>
                <th scope="col">Change</th>
                <th scope="col" class="number">Planted</th>
                <th scope="col" class="number">Found</th>
                <th scope="col" class="number">Interval</th>
                <th scope="col">What differs</th>
              </tr>
            </thead>
            <tbody>
              {recall.map(({ level, label, about, planted, found, low, high }) => (
                <tr key={level}>
                  <th scope="row">{showLine(label)}</th>
                  <td class="number">{formatCount(planted)}</td>
                  <td class="number">{formatCount(found)}</td>
                  <td class="number">
                    {formatPercent(low)} to {formatPercent(high)}
                  </td>
                  <td>{showLine(about, 300)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </details>
    </>
  );
}

function sayLevel({ label, about, planted, found }: Level): string {
  return showLine(`${label}, ${formatCount(found)} of ${formatCount(planted)}: ${about}`);
}

function Right({ precision }: Pick<Overview, "precision">) {
  if (!precision) {
    return (
      <p>
        Only a person can say whether matched texts are copies, and nobody has judged a sample yet.{" "}
        <a href={link("judging")}>Judge some pairs</a>; it takes a few minutes.
      </p>
    );
  }
  const { value, low, high, judged, same } = precision;
  return (
    <p>
      Of {formatQuantity(judged, "match", "matches")} that a person judged, {formatCount(same)}{" "}
      {same === 1 ? "is" : "are"} right: a precision of <strong>{formatPercent(value)}</strong> (95% interval:{" "}
      {formatPercent(low)} to {formatPercent(high)}). <a href={link("judging")}>Judge more pairs</a>
    </p>
  );
}
