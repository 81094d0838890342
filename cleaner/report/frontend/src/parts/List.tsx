// A list of any length of which only the rows in sight are in the page.

import { useVirtualizer } from "@tanstack/react-virtual";
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { formatCount } from "../data/text";

/** Browsers cannot scroll further than about 17 million pixels. */
const MAX_ROWS = 200_000;

interface ListProps {
  label: string;
  count: number;
  /** Height of a row in pixels, about; rows are measured. */
  rowHeight: number;
  /** A value that changes with what is listed: the list then begins at its top. */
  listed: unknown;
  row: (index: number) => ComponentChildren;
}

export function List({ label, count, rowHeight, listed, row }: ListProps) {
  const box = useRef<HTMLDivElement>(null);
  const shown = Math.min(count, MAX_ROWS);
  const rows = useVirtualizer({
    count: shown,
    getScrollElement: () => box.current,
    estimateSize: () => rowHeight,
    overscan: 8,
  });
  useEffect(() => box.current?.scrollTo(0, 0), [listed]);
  return (
    <>
      <div class="list" ref={box} tabIndex={0} role="region" aria-label={label}>
        <ul style={{ height: `${rows.getTotalSize()}px` }}>
          {rows.getVirtualItems().map((item) => (
            <li
              key={item.key}
              ref={rows.measureElement as never}
              data-index={item.index}
              aria-setsize={shown}
              aria-posinset={item.index + 1}
              style={{ transform: `translateY(${item.start}px)` }}
            >
              {row(item.index)}
            </li>
          ))}
        </ul>
      </div>
      {count > shown && (
        <p class="note">
          The first {formatCount(shown)} of {formatCount(count)} are listed; narrow the search to see the rest.
        </p>
      )}
    </>
  );
}
