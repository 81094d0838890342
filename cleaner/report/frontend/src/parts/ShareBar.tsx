// A thin bar beside a figure in a table; the figure says the same.

export type Fill = "kept" | "shared" | "boilerplate" | "agency" | "unknown";

export interface Portion {
  fill: Fill;
  part: number;
}

/** Portions of a whole, side by side; drawn, not styled, so that it prints too. */
export function ShareBar({ portions, whole }: { portions: readonly Portion[]; whole: number }) {
  let begin = 0;
  return (
    <svg class="share" aria-hidden="true" focusable="false">
      {portions.map(({ fill, part }) => {
        const width = whole ? (100 * part) / whole : 0;
        const x = begin;
        begin += width;
        return <rect key={fill} class={`fill-${fill}`} x={`${x}%`} y="0" width={`${width}%`} height="100%" />;
      })}
    </svg>
  );
}

/** What the fills of a chart mean. */
export function Legend({ label, fills }: { label: string; fills: readonly { fill: Fill; label: string }[] }) {
  return (
    <ul class="legend" aria-label={label}>
      {fills.map((entry) => (
        <li key={entry.fill}>
          <svg class="swatch" aria-hidden="true" focusable="false">
            <rect class={`fill-${entry.fill}`} width="100%" height="100%" />
          </svg>
          {entry.label}
        </li>
      ))}
    </ul>
  );
}
