// Outlets: who shares text with whom and who ran it first, over time, and what each repeats.

import type { RefObject } from "preact";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { nameOutlet } from "../../data/outlets";
import { formatQuantity } from "../../data/text";
import type { OutletData, Overview } from "../../data/types";
import type { ViewProps } from "../../main";
import { Load } from "../../parts/Load";
import { go, link, type Place } from "../../router";
import { OutletExchange } from "./OutletExchange";
import { OutletFacts } from "./OutletFacts";
import { OutletLines } from "./OutletLines";
import { OutletMatrix } from "./OutletMatrix";
import { rankOutlets } from "./OutletMatrixCells";
import { OutletPairs } from "./OutletPairs";
import { OutletTimeline } from "./OutletTimeline";

/** A matrix of more outlets takes the whole width. */
const MAX_BESIDE = 12;
const COLLATOR = new Intl.Collator("en", { numeric: true });

export function Outlets({ report, place }: ViewProps) {
  const { overview } = report;
  const name = place.query.get("outlet");
  const heading = useRef<HTMLHeadingElement>(null);
  const chooser = useRef<HTMLSelectElement>(null);
  const isFirst = useRef(true);
  useEffect(() => {
    // A link further down has named another outlet: the reader begins at its top.
    if (!isFirst.current && document.activeElement !== chooser.current) {
      heading.current?.focus({ preventScroll: true });
      window.scrollTo(0, 0);
    }
    isFirst.current = false;
  }, [name]);
  const chosen = useMemo(
    () => (name === null ? null : overview.outlets.findIndex(({ outlet }) => outlet === name)),
    [overview, name],
  );
  // Thousands of options are built once, not at each letter that is typed into a search.
  const choice = useMemo(
    () => <Choice overview={overview} chosen={chosen === null || chosen < 0 ? "" : (name ?? "")} field={chooser} />,
    [overview, chosen, name],
  );
  if (!overview.outlets.length) {
    return (
      <>
        <h1>Outlets</h1>
        <p>The run found no document with text, so there is no outlet to show.</p>
      </>
    );
  }
  return (
    <>
      <h1 ref={heading} tabIndex={-1}>
        {chosen === null || chosen < 0 ? "Outlets" : <bdi>{nameOutlet(name ?? "")}</bdi>}
      </h1>
      <div class="filters">
        {choice}
      </div>
      {chosen !== null && chosen < 0 ? (
        <p role="alert">
          There is no outlet called “<bdi>{nameOutlet(name ?? "")}</bdi>” in this run.{" "}
          <a href={link("outlets")}>Show all outlets</a>
        </p>
      ) : (
        <Load load={() => report.outlets()} inputs={[report]}>
          {(data) => <Sections overview={overview} data={data} place={place} chosen={chosen} />}
        </Load>
      )}
    </>
  );
}

interface ChoiceProps {
  overview: Overview;
  chosen: string;
  field: RefObject<HTMLSelectElement | null>;
}

function Choice({ overview, chosen, field }: ChoiceProps) {
  const sorted = useMemo(() => overview.outlets.map(({ outlet }) => outlet).sort(COLLATOR.compare), [overview]);
  return (
    <div class="outlet-chooser">
      <label for="outlets-choice">Outlet</label>
      <select
        id="outlets-choice"
        ref={field}
        value={chosen}
        onChange={(event) => go(link("outlets", null, { outlet: event.currentTarget.value }))}
      >
        <option value="">All {formatQuantity(sorted.length, "outlet")} together</option>
        {sorted.map((outlet) => (
          <option key={outlet} value={outlet}>
            {nameOutlet(outlet, 80)}
          </option>
        ))}
      </select>
    </div>
  );
}

interface SectionsProps {
  overview: Overview;
  data: OutletData;
  place: Place;
  /** The number of the outlet that is shown alone; null if all are shown together. */
  chosen: number | null;
}

function Sections({ overview, data, place, chosen }: SectionsProps) {
  const { outlets } = overview;
  const summary = chosen === null ? undefined : outlets[chosen];
  const ranked = useMemo(() => rankOutlets(data, outlets.length), [data, outlets]);
  return (
    <>
      {summary && <OutletFacts outlet={summary} overview={overview} />}
      <section aria-labelledby="outlets-shared">
        <h2 id="outlets-shared">Who ran it first, who ran it later</h2>
        {!data.shared.length && !data.undirected.length ? (
          <p>No text was found to stand in more than one outlet.</p>
        ) : (
          <div class={chosen === null && ranked.length > MAX_BESIDE ? undefined : "outlet-beside"}>
            {chosen === null ? (
              <OutletMatrix outlets={outlets} data={data} ranked={ranked} />
            ) : (
              <OutletExchange outlets={outlets} data={data} chosen={chosen} />
            )}
            <OutletPairs outlets={outlets} data={data} place={place} chosen={chosen} />
          </div>
        )}
      </section>
      <OutletTimeline data={data} chosen={chosen} />
      <OutletLines outlets={outlets} data={data} place={place} chosen={chosen} />
    </>
  );
}
