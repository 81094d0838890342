// A chart by Observable Plot, and the same figures as a table for those who cannot see it.

import * as Plot from "@observablehq/plot";
import { useEffect, useRef, useState } from "preact/hooks";

interface ChartProps {
  /** What the chart shows, in a sentence. */
  label: string;
  /** Options of `Plot.plot` for a width in pixels. */
  options: (width: number) => Plot.PlotOptions;
  /** Values that change with what is shown. */
  inputs: readonly unknown[];
}

export function Chart({ label, options, inputs }: ChartProps) {
  const box = useRef<HTMLElement>(null);
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const observer = new ResizeObserver(([entry]) => setWidth(Math.floor(entry?.contentRect.width ?? 0)));
    if (box.current) observer.observe(box.current);
    return () => observer.disconnect();
  }, []);
  useEffect(() => {
    if (!width) return undefined;
    const chart = Plot.plot({ ...options(width), width, ariaLabel: label });
    // The page's policy forbids styles that it did not come with; report.css has them.
    for (const style of chart.querySelectorAll("style")) style.remove();
    // Plot names its marks ("bar", "text"), which tells nobody anything; the label says it all.
    for (const mark of chart.querySelectorAll(":scope > [aria-label]")) mark.removeAttribute("aria-label");
    chart.setAttribute("role", chart.querySelector("a") ? "group" : "img");
    box.current?.append(chart);
    return () => chart.remove();
  }, [width, label, ...inputs]);
  return <figure class="chart" ref={box} />;
}
