// What became of a document's words, by kind: how many, and a button that highlights them.

import type { Wording } from "../../data/types";
import { formatCount, formatQuantity } from "../../data/text";
import { DUPLICATE, type FateCount, MAIN, nameKind } from "./DocumentSpans";

/** What stands for kept text that stands elsewhere too, where a kind is named. */
export const SHARED = "shared";

interface LegendProps {
  counts: FateCount[];
  wording: Wording;
  /** Names of kinds. */
  highlighted: ReadonlySet<string>;
  toggle: (kind: string) => void;
}

export function DocumentLegend({ counts, ...entry }: LegendProps) {
  const kept = counts.filter(({ fate }) => fate !== "removed");
  const removed = counts.filter(({ fate }) => fate === "removed");
  return (
    <div class="document-legend">
      {[
        { name: "Kept", list: kept },
        { name: "Removed", list: removed },
      ].map(({ name, list }) => (
        <div key={name}>
          <h3 id={`legend-${name.toLowerCase()}`}>
            {name}: {formatQuantity(sumWords(list), "word")}
          </h3>
          <ul aria-labelledby={`legend-${name.toLowerCase()}`}>
            {list.map((count) => (
              <Entry key={`${count.fate} ${count.kind}`} count={count} {...entry} />
            ))}
          </ul>
        </div>
      ))}
    </div>
  );
}

function sumWords(counts: FateCount[]): number {
  return counts.reduce((sum, { words }) => sum + words, 0);
}

function describe({ fate, kind }: FateCount, wording: Wording): string {
  if (fate === "shared") return "stands elsewhere too";
  if (fate === "kept") return "stands only here";
  if (kind === MAIN) return "not in this view";
  return kind === DUPLICATE ? "stands elsewhere" : nameKind(kind ?? "", wording);
}

function Entry({ count, wording, highlighted, toggle }: Omit<LegendProps, "counts"> & { count: FateCount }) {
  const key = count.fate === "shared" ? SHARED : count.kind;
  const about = count.kind === null ? "" : (wording.kinds[count.kind]?.about ?? "");
  const content = (
    <>
      <span class={`legend-name ${count.fate} ${count.kind === DUPLICATE ? "copied" : ""}`}>{describe(count, wording)}</span>{" "}
      <span class="muted">{formatCount(count.words)}</span>
    </>
  );
  // White space cannot be highlighted, and what is plainly kept needs not be.
  if (key === null || !count.words) {
    return (
      <li class="legend-entry" title={about}>
        {content}
      </li>
    );
  }
  return (
    <li>
      <button
        type="button"
        class="legend-entry"
        aria-pressed={highlighted.has(key)}
        title={`${about} ${formatQuantity(count.stretches, "place")} in the text; press to highlight.`.trim()}
        onClick={() => toggle(key)}
      >
        {content}
      </button>
    </li>
  );
}
