// Pairs of outlets that share text, as a table: with who was first where dates tell it.

import { useMemo } from "preact/hooks";
import { findOutlets, nameOutlet } from "../../data/outlets";
import { formatCount, formatQuantity } from "../../data/text";
import type { OutletData, OutletSummary } from "../../data/types";
import { MoreRows, useMoreRows } from "../../parts/MoreRows";
import { SearchField } from "../../parts/SearchField";
import { readSorting, SortHeader } from "../../parts/SortHeader";
import { link, type Place, replaceQuery } from "../../router";

const STEP = 15;
const MIN_SEARCHED = 8;

interface Shared {
  left: number;
  right: number;
  words: number;
  passages: number;
  /** Whether the left one ran it first; else dates do not tell. */
  isDirected: boolean;
}

function listShared({ shared, undirected }: OutletData): Shared[] {
  return [
    ...shared.map(({ from, to, words, passages }) => ({ left: from, right: to, words, passages, isDirected: true })),
    ...undirected.map((pair) => ({ ...pair, isDirected: false })),
  ].sort((a, b) => b.words - a.words);
}

interface OutletPairsProps {
  outlets: readonly OutletSummary[];
  data: OutletData;
  place: Place;
  chosen: number | null;
}

export function OutletPairs({ outlets, data, place, chosen }: OutletPairsProps) {
  const all = useMemo(() => listShared(data), [data]);
  const lowered = useMemo(() => outlets.map(({ outlet }) => outlet.toLowerCase()), [outlets]);
  const search = place.query.get("pairs") ?? "";
  const sorting = readSorting(place, "sort", ["words", "passages"], "words");
  const own = useMemo(
    () => (chosen === null ? all : all.filter(({ left, right }) => left === chosen || right === chosen)),
    [all, chosen],
  );
  const rows = useMemo(() => {
    const found = findOutlets(lowered, search);
    // Of an outlet shown alone, the search is for those that it shares text with.
    if (found && chosen !== null) found[chosen] = 0;
    const matching = found ? own.filter(({ left, right }) => found[left] || found[right]) : own;
    if (sorting.column === "words" && !sorting.isAscending) return matching;
    const column = sorting.column === "passages" ? "passages" : "words";
    const sign = sorting.isAscending ? 1 : -1;
    return [...matching].sort((a, b) => sign * (a[column] - b[column]));
  }, [own, lowered, search, chosen, sorting.column, sorting.isAscending]);
  const [shown, showMore] = useMoreRows(rows, STEP);
  if (!own.length) return <p>No other outlet has text of this one.</p>;
  const name = (outlet: number) => (
    <a href={link("outlets", null, { outlet: outlets[outlet]?.outlet })}>
      <bdi>{nameOutlet(outlets[outlet]?.outlet)}</bdi>
    </a>
  );
  return (
    <div>
      {own.length >= MIN_SEARCHED && (
        <div class="filters">
          <SearchField
            label={chosen === null ? "Search pairs by outlet" : "Search other outlets"}
            place={place}
            name="pairs"
          />
        </div>
      )}
      {rows.length === 0 ? (
        <p>
          No pair has an outlet with these letters.{" "}
          <button type="button" onClick={() => replaceQuery(place, { pairs: "" })}>
            Show all pairs
          </button>
        </p>
      ) : (
        <div class="scroll" tabIndex={0} role="region" aria-label="Pairs of outlets that share text">
          <table class="outlet-pairs">
            <caption>
              {formatQuantity(rows.length, "pair")} of outlets that share text. Passages lead to their clusters.
            </caption>
            <thead>
              <tr>
                <th scope="col">Ran it first</th>
                <th scope="col">Ran it later</th>
                <SortHeader {...{ place, name: "sort", column: "words", label: "Words", sorting, isNumber: true }} />
                <SortHeader {...{ place, name: "sort", column: "passages", label: "Passages", sorting, isNumber: true }} />
              </tr>
            </thead>
            <tbody>
              {rows.slice(0, shown).map(({ left, right, words, passages, isDirected }) => (
                <tr key={`${left}-${right}-${isDirected}`}>
                  {isDirected ? (
                    <>
                      <th scope="row">{name(left)}</th>
                      <td>{name(right)}</td>
                    </>
                  ) : (
                    <th scope="row" colSpan={2}>
                      {name(left)} and {name(right)}{" "}
                      <span class="small muted">dates do not tell who was first</span>
                    </th>
                  )}
                  <td class="number">{formatCount(words)}</td>
                  <td class="number">
                    <a
                      href={link("clusters", null, {
                        outlet: outlets[left]?.outlet,
                        outlet2: outlets[right]?.outlet,
                      })}
                    >
                      {formatCount(passages)}
                      <span class="unseen">
                        {" "}
                        passages in {nameOutlet(outlets[left]?.outlet)} and {nameOutlet(outlets[right]?.outlet)}: show
                        clusters
                      </span>
                    </a>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      <MoreRows shown={shown} count={rows.length} noun="pair" showMore={showMore} />
    </div>
  );
}
