// Which text of a document is shown: everything, marked, or exactly what a view holds.

import type { Overview, View } from "../../data/types";
import { type Place, replaceQuery } from "../../router";

export type Shown = "marked" | View;

const CHOICES: Shown[] = ["marked", "unique", "full", "originals"];

export function readShown({ query }: Place): Shown {
  return CHOICES.find((choice) => choice === query.get("view")) ?? "marked";
}

export function DocumentViews({ place, overview }: { place: Place; overview: Overview }) {
  const shown = readShown(place);
  return (
    <fieldset class="document-views filters">
      <legend>Show</legend>
      {CHOICES.map((choice) => (
        <label key={choice}>
          <input
            type="radio"
            name="shown"
            checked={choice === shown}
            onChange={() => replaceQuery(place, { view: choice === "marked" ? null : choice })}
          />{" "}
          {choice === "marked" ? (
            "everything, marked"
          ) : (
            <>
              {choice} <span class="muted small">{overview.wording.views[choice]}</span>
            </>
          )}
        </label>
      ))}
      {shown !== "marked" && (
        <label>
          <input
            type="checkbox"
            checked={place.query.get("rest") === "1"}
            onChange={(event) => replaceQuery(place, { rest: event.currentTarget.checked ? 1 : null })}
          />{" "}
          show what is left out, dimmed
        </label>
      )}
    </fieldset>
  );
}
