// All outlets as a table: searched, sorted, and shown fifty at a time.

import { useMemo } from "preact/hooks";
import { findOutlets, nameOutlet, splitWords } from "../../data/outlets";
import { formatCount, formatPercent, showName } from "../../data/text";
import type { OutletSummary, Overview } from "../../data/types";
import { MoreRows, useMoreRows } from "../../parts/MoreRows";
import { SearchField } from "../../parts/SearchField";
import { type Portion, ShareBar } from "../../parts/ShareBar";
import { readSorting, SortHeader } from "../../parts/SortHeader";
import { link, type Place, replaceQuery } from "../../router";
import { listParts } from "./OverviewFacts";

const MAX_KINDS = 3;
const MIN_SEARCHED = 8;
const COLUMNS = ["outlet", "documents", "kept-documents", "without-main", "words", "kept", "share"] as const;

type Column = (typeof COLUMNS)[number];

function findShare({ keptWords, words }: OutletSummary): number {
  return words ? keptWords / words : 0;
}

const VALUES: Record<Exclude<Column, "outlet">, (outlet: OutletSummary) => number> = {
  documents: ({ documents }) => documents,
  "kept-documents": ({ keptDocuments }) => keptDocuments,
  "without-main": ({ withoutMain }) => withoutMain,
  words: ({ words }) => words,
  kept: ({ keptWords }) => keptWords,
  share: findShare,
};

const COLLATOR = new Intl.Collator("en", { numeric: true });

function sortOutlets(outlets: readonly OutletSummary[], column: string, isAscending: boolean): OutletSummary[] {
  const sign = isAscending ? 1 : -1;
  const value = VALUES[column as Exclude<Column, "outlet">];
  const compare = value
    ? (a: OutletSummary, b: OutletSummary) => value(a) - value(b) || b.words - a.words
    : (a: OutletSummary, b: OutletSummary) => COLLATOR.compare(a.outlet, b.outlet);
  return [...outlets].sort((a, b) => sign * compare(a, b));
}

function listPortions({ keptWords, removed }: OutletSummary): Portion[] {
  const words = splitWords(keptWords, removed);
  return listParts(words).map(({ fill, name }) => ({ fill, part: words[name] }));
}

function listKinds({ removed }: OutletSummary, { wording }: Overview): string {
  const largest = Object.entries(removed).filter(([, words]) => words > 0).sort(([, a], [, b]) => b - a);
  return largest
    .slice(0, MAX_KINDS)
    .map(([kind, words]) => `${wording.kinds[kind]?.label ?? showName(kind)} ${formatCount(words)}`)
    .join(", ");
}

export function OverviewOutletTable({ overview, place }: { overview: Overview; place: Place }) {
  const { outlets } = overview;
  const lowered = useMemo(() => outlets.map(({ outlet }) => outlet.toLowerCase()), [outlets]);
  const search = place.query.get("q") ?? "";
  const sorting = readSorting(place, "sort", COLUMNS, "words");
  const rows = useMemo(() => {
    const found = findOutlets(lowered, search);
    const wanted = found ? outlets.filter((_, at) => found[at]) : outlets;
    return sortOutlets(wanted, sorting.column, sorting.isAscending);
  }, [outlets, lowered, search, sorting.column, sorting.isAscending]);
  const [shown, showMore] = useMoreRows(rows);
  const sort = (column: Column, label: string, isNumber = true) => (
    <SortHeader {...{ place, name: "sort", column, label, sorting, isNumber }} />
  );
  return (
    <>
      {outlets.length >= MIN_SEARCHED && (
        <div class="filters">
          <SearchField label="Search outlets" place={place} name="q" />
        </div>
      )}
      {rows.length === 0 ? (
        <p>
          No outlet has a name with these letters.{" "}
          <button type="button" onClick={() => replaceQuery(place, { q: "" })}>
            Show all outlets
          </button>
        </p>
      ) : (
        <div class="scroll" tabIndex={0} role="region" aria-label="Outlets">
          <table class="overview-outlets">
            <caption>
              Documents and words of each outlet. The heads of columns sort the table; the three kinds of which most was
              removed are given with their words.
            </caption>
            <thead>
              <tr>
                {sort("outlet", "Outlet", false)}
                {sort("documents", "Documents")}
                {sort("kept-documents", "In the corpus")}
                {sort("without-main", "Without main content")}
                {sort("words", "Words")}
                {sort("kept", "Kept")}
                {sort("share", "Share kept")}
                <th scope="col">Most removed</th>
              </tr>
            </thead>
            <tbody>
              {rows.slice(0, shown).map((row) => (
                <tr key={row.outlet}>
                  <th scope="row">
                    <a href={link("outlets", null, { outlet: row.outlet })}>
                      <bdi>{nameOutlet(row.outlet)}</bdi>
                    </a>
                    <ShareBar portions={listPortions(row)} whole={row.words} />
                  </th>
                  <td class="number">
                    <a href={link("documents", null, { outlet: row.outlet })}>
                      {formatCount(row.documents)}
                      <span class="unseen"> documents of {nameOutlet(row.outlet)}</span>
                    </a>
                  </td>
                  <td class="number">{formatCount(row.keptDocuments)}</td>
                  <td class="number">{formatCount(row.withoutMain)}</td>
                  <td class="number">{formatCount(row.words)}</td>
                  <td class="number">{formatCount(row.keptWords)}</td>
                  <td class="number">{formatPercent(row.keptWords, row.words)}</td>
                  <td class="small">{listKinds(row, overview)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      <MoreRows shown={shown} count={rows.length} noun="outlet" showMore={showMore} />
    </>
  );
}
