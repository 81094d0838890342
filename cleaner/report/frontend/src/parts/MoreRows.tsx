// Long tables show their first rows, and more at the press of a button.

import { useState } from "preact/hooks";
import { formatCount, formatQuantity } from "../data/text";

/** Counts the rows to show; back at the first ones when what is listed changes. */
export function useMoreRows(listed: unknown, step = 50): [shown: number, showMore: () => void] {
  const [state, setState] = useState({ listed, shown: step });
  const shown = Object.is(state.listed, listed) ? state.shown : step;
  return [shown, () => setState({ listed, shown: shown + step })];
}

interface MoreRowsProps {
  shown: number;
  count: number;
  /** The noun of a row, in the plural where it is not formed with an s. */
  noun: string;
  plural?: string;
  showMore: () => void;
}

export function MoreRows({ shown, count, noun, plural, showMore }: MoreRowsProps) {
  if (count <= shown) return null;
  return (
    <p class="more">
      <span class="muted">
        {formatCount(shown)} of {formatQuantity(count, noun, plural)} shown.
      </span>{" "}
      <button type="button" onClick={showMore}>
        Show more
      </button>
    </p>
  );
}
