// All pairs that are offered, to jump to, and which of them are listed.

import { useMemo } from "preact/hooks";
import type { Overview } from "../../data/types";
import type { Verdicts } from "./verdicts";
import { formatCount, formatScore, showName } from "../../data/text";
import { type Place, replaceQuery } from "../../router";
import type { Listed, Offer } from "./JudgingSession";

interface FiltersProps {
  offers: Offer[];
  overview: Overview;
  place: Place;
}

export function JudgingFilters({ offers, overview, place }: FiltersProps) {
  const counts = useMemo(() => {
    const found = new Map<string, number>();
    for (const { pair } of offers) found.set(pair.relation, (found.get(pair.relation) ?? 0) + 1);
    return [...found];
  }, [offers]);
  return (
    <form class="filters judging-filters" onSubmit={(event) => event.preventDefault()}>
      <label>
        Relation
        <select
          value={place.query.get("relation") ?? ""}
          onChange={(event) => replaceQuery(place, { relation: event.currentTarget.value, pair: null })}
        >
          <option value="">all relations ({formatCount(offers.length)})</option>
          {counts.map(([relation, count]) => (
            <option key={relation} value={relation}>
              {overview.wording.relations[relation]?.name ?? showName(relation)} ({formatCount(count)})
            </option>
          ))}
        </select>
      </label>
      <label>
        In the list
        <select value={place.query.get("show") ?? ""} onChange={(event) => replaceQuery(place, { show: event.currentTarget.value })}>
          <option value="">all pairs</option>
          <option value="open">not judged yet</option>
        </select>
      </label>
    </form>
  );
}

interface ListProps {
  offers: Offer[];
  overview: Overview;
  verdicts: Verdicts;
  at: number;
  listed: Listed;
  go: (at: number) => void;
}

export function JudgingList({ offers, overview, verdicts, at, listed, go }: ListProps) {
  return (
    <details class="judging-list">
      <summary>All pairs</summary>
      {!listed.length && <p class="note">No pair is listed: all are judged.</p>}
      <ol>
        {listed.map((number) => {
          const offer = offers[number];
          if (!offer) return null;
          const { pair, name } = offer;
          return (
            <li key={number}>
              <button type="button" aria-current={number === at ? "true" : undefined} onClick={() => go(number)}>
                {formatCount(number + 1)}. {overview.wording.relations[pair.relation]?.name ?? showName(pair.relation)},{" "}
                {formatScore(pair.score)}, {pair.why}: <strong>{verdicts.get(name)?.verdict ?? "not judged"}</strong>
              </button>
            </li>
          );
        })}
      </ol>
    </details>
  );
}
