// The head of a column by which a table can be sorted; the order lives in the address.

import { type Place, replaceQuery } from "../router";

export interface Sorting {
  column: string;
  isAscending: boolean;
}

/** Reads how a table is sorted: `words` is descending, `-words` the other way round. */
export function readSorting(place: Place, name: string, columns: readonly string[], first: string): Sorting {
  const value = place.query.get(name) ?? "";
  const column = value.replace(/^-/, "");
  return { column: columns.includes(column) ? column : first, isAscending: value.startsWith("-") };
}

interface SortHeaderProps {
  place: Place;
  /** The key of the query that holds the order. */
  name: string;
  column: string;
  label: string;
  sorting: Sorting;
  isNumber?: boolean;
}

export function SortHeader({ place, name, column, label, sorting, isNumber = false }: SortHeaderProps) {
  const isSorted = sorting.column === column;
  const order = isSorted ? (sorting.isAscending ? "ascending" : "descending") : undefined;
  // Figures begin with the largest, names with the first of the alphabet.
  const isNextAscending = isSorted ? !sorting.isAscending : !isNumber;
  const next = isNextAscending ? `-${column}` : column;
  return (
    <th scope="col" class={isNumber ? "number" : undefined} aria-sort={order}>
      <button type="button" class="sort" onClick={() => replaceQuery(place, { [name]: next })}>
        {label}
        <span aria-hidden="true">{isSorted ? (sorting.isAscending ? "\u00a0▲" : "\u00a0▼") : ""}</span>
      </button>
    </th>
  );
}
