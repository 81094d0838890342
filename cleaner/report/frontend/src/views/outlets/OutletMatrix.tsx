// Outlet by outlet, the words that one ran first and the other later, as a heat map.

import * as Plot from "@observablehq/plot";
import { useMemo, useRef } from "preact/hooks";
import { nameOutlet } from "../../data/outlets";
import { formatCount } from "../../data/text";
import type { OutletData, OutletSummary } from "../../data/types";
import { Chart } from "../../parts/Chart";
import { buildCells, type Cell, findNext, MAX_OUTLETS, pickOpacity } from "./OutletMatrixCells";

const MAX_CELL = 44;
const MIN_CELL = 16;
/** Cells of a stronger colour have pale figures. */
const MAX_PALE = 0.5;
/** Cells that are at least so wide have their figure in them. */
const MIN_LABELLED_CELL = 34;

interface OutletMatrixProps {
  outlets: readonly OutletSummary[];
  data: OutletData;
  /** The outlets to show by number, those that share most first. */
  ranked: readonly number[];
}

export function OutletMatrix({ outlets, data, ranked }: OutletMatrixProps) {
  const box = useRef<HTMLDivElement>(null);
  const [cells, steps] = useMemo(() => buildCells(outlets, data, ranked), [outlets, data, ranked]);
  const hasUnknown = cells.some(({ isDirected }) => !isDirected);
  const shown = (width: number) => {
    const margin = Math.min(190, Math.round(width * 0.3));
    const fitting = ranked.slice(0, Math.max(2, Math.floor((width - margin) / MIN_CELL)));
    const cell = Math.min(MAX_CELL, Math.floor((width - margin) / fitting.length));
    const isFitting = new Set(fitting);
    const inside = cells.filter(({ from, to }) => isFitting.has(from) && isFitting.has(to));
    return { margin, fitting, cell, inside };
  };
  const options = (width: number): Plot.PlotOptions => {
    const { margin, fitting, cell, inside } = shown(width);
    const top = Math.min(150, margin) + 24;
    const name = (maxChars: number) => (outlet: number) => nameOutlet(outlets[outlet]?.outlet, maxChars);
    const axis = { tickSize: 0, title: name(300), label: null } as const;
    return {
      height: top + cell * fitting.length + 4,
      marginLeft: margin,
      marginTop: top,
      marginBottom: 4,
      marginRight: Math.max(0, width - margin - cell * fitting.length),
      x: { domain: fitting, padding: 0.06 },
      y: { domain: fitting, padding: 0.06 },
      marks: [
        Plot.cell(
          fitting.map((outlet) => outlet),
          { x: (outlet: number) => outlet, y: (outlet: number) => outlet, fill: "var(--panel)" },
        ),
        Plot.frame({ stroke: "var(--line)" }),
        Plot.axisX({ ...axis, anchor: "top", tickRotate: -90, tickFormat: name(Math.floor((top - 24) / 7)) }),
        Plot.axisY({ ...axis, tickFormat: name(Math.floor(margin / 7.2)) }),
        Plot.text([margin < 140 ? "first ↓  later →" : "ran it first ↓  later →"], {
          frameAnchor: "top-left",
          textAnchor: "end",
          dx: -6,
          dy: -14,
          fill: "var(--muted)",
        }),
        Plot.cell(inside, {
          x: "to",
          y: "from",
          fill: ({ isDirected }: Cell) => (isDirected ? "var(--shared)" : "var(--muted)"),
          fillOpacity: ({ step }: Cell) => pickOpacity(step, steps.length),
          // Not by their colour alone do cells differ.
          stroke: ({ isDirected }: Cell) => (isDirected ? "none" : "var(--muted)"),
          strokeDasharray: "3 2",
          title: "title",
          href: "address",
          rx: 2,
          render: (index, scales, values, dimensions, context, next) => {
            const drawn = next?.(index, scales, values, dimensions, context) ?? null;
            // One stop of the tab key for the whole matrix: arrow keys lead from cell to cell.
            drawn?.querySelectorAll("a").forEach((cell, at) => {
              cell.setAttribute("tabindex", at ? "-1" : "0");
              cell.setAttribute("aria-label", inside[at]?.title ?? "");
            });
            return drawn;
          },
        }),
        Plot.text(cell < MIN_LABELLED_CELL ? [] : inside, {
          x: "to",
          y: "from",
          text: ({ words }: Cell) => (words < 10_000 ? String(words) : `${Math.round(words / 1000)}k`),
          fill: ({ step }: Cell) => (pickOpacity(step, steps.length) > MAX_PALE ? "var(--paper)" : "var(--ink)"),
          pointerEvents: "none",
        }),
      ],
      color: { type: "identity" },
      opacity: { type: "identity" },
    };
  };
  const move = (event: KeyboardEvent) => {
    const links = [...(box.current?.querySelectorAll("a") ?? [])];
    const at = links.indexOf(document.activeElement as never);
    if (at < 0 || !event.key.startsWith("Arrow")) return;
    event.preventDefault();
    const to = links[findNext(shown(Math.floor(box.current?.clientWidth ?? 0)).inside, at, event.key)];
    if (!to) return;
    links[at]?.setAttribute("tabindex", "-1");
    to.setAttribute("tabindex", "0");
    to.focus();
  };
  return (
    <div>
      <p>
        Each row is an outlet that ran text first, by the dates of its documents; each column is one that ran it later. The
        stronger the colour of a cell, the more words; it leads to the clusters.
        {hasUnknown && " Of grey, dashed cells, which stand on both sides, dates do not tell who was first."}
        {ranked.length === MAX_OUTLETS && ` Shown are the ${MAX_OUTLETS} outlets that share most, or those that fit.`}
      </p>
      <div class="outlet-matrix" ref={box} onKeyDown={move}>
        <Chart
          label="Words by who ran them first and who later. Arrow keys move from cell to cell; the table has the figures."
          inputs={[cells]}
          options={options}
        />
      </div>
      <ul class="legend" aria-label="Words in a cell">
        {steps.map((bound, at) => (
          <li key={bound}>
            <svg class="outlet-ramp" aria-hidden="true" focusable="false">
              <rect
                class="fill-shared"
                width="100%"
                height="100%"
                fill-opacity={pickOpacity(at, steps.length)}
              />
            </svg>
            {formatCount(bound)}
            {at + 1 < steps.length ? ` to ${formatCount((steps[at + 1] ?? 0) - 1)}` : at ? " and more" : ""} words
          </li>
        ))}
        {hasUnknown && (
          <li>
            <svg class="outlet-ramp" aria-hidden="true" focusable="false">
              <rect class="fill-unknown" width="100%" height="100%" fill-opacity="0.46" />
            </svg>
            dates do not tell (dashed)
          </li>
        )}
      </ul>
    </div>
  );
}
