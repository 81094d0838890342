// All documents of the run, and what was left of each.

import { useMemo } from "preact/hooks";
import type { DocumentIndex, Overview } from "../../data/types";
import { formatCount, formatDate, formatPercent, formatQuantity, showLine, showName } from "../../data/text";
import type { ViewProps } from "../../main";
import { List } from "../../parts/List";
import { Load } from "../../parts/Load";
import { SearchField } from "../../parts/SearchField";
import { ShareBar } from "../../parts/ShareBar";
import { link, type Place, replaceQuery } from "../../router";
import { ANY, FATES, filterDocuments, ORDERS, readFilter } from "./DocumentsFilter";

const ROW_HEIGHT = 66;

export function Documents({ report, place }: ViewProps) {
  return (
    <>
      <h1>Documents</h1>
      <p class="muted">
        All inputs with text, and what is left of each in the corpus. Open one to see every removed sentence and why it
        is gone.
      </p>
      <Load load={report.documents} inputs={[report]}>
        {(documents) => <Found documents={documents} overview={report.overview} place={place} />}
      </Load>
    </>
  );
}

interface FoundProps {
  documents: DocumentIndex;
  overview: Overview;
  place: Place;
}

function Found({ documents, overview, place }: FoundProps) {
  const address = place.query.toString();
  const filter = useMemo(() => readFilter(place), [address]);
  const found = useMemo(() => filterDocuments(documents, overview, filter), [documents, overview, filter]);
  const reset = () => replaceQuery(place, { search: null, outlet: null, fate: null, kind: null, truncated: null });
  const isFiltered = found.length < documents.id.length;
  return (
    <>
      <Filters documents={documents} overview={overview} place={place} />
      <p role="status" class="documents-count">
        {isFiltered
          ? `${formatCount(found.length)} of ${formatQuantity(documents.id.length, "document")}`
          : formatQuantity(documents.id.length, "document")}
        {isFiltered && found.length > 0 && (
          <>
            {" "}
            <button type="button" onClick={reset}>
              Show all
            </button>
          </>
        )}
      </p>
      {found.length ? (
        <List
          label="Documents"
          count={found.length}
          rowHeight={ROW_HEIGHT}
          listed={found}
          row={(at) => <Row documents={documents} overview={overview} number={found[at] ?? 0} kind={filter.kind} />}
        />
      ) : isFiltered ? (
        <p class="note">
          No document matches these filters.{" "}
          <button type="button" onClick={reset}>
            Show all documents
          </button>
        </p>
      ) : (
        <p class="note">The run has no document.</p>
      )}
    </>
  );
}

function Filters({ documents, overview, place }: FoundProps) {
  const causes = useMemo(() => [...new Set(documents.truncated)].filter((cause) => cause !== null).sort(), [documents]);
  const { kinds, truncations } = overview.wording;
  return (
    <form class="filters documents-filters" onSubmit={(event) => event.preventDefault()}>
      <SearchField label="Search in source, title and outlet" place={place} name="search" />
      <Choice
        label="Outlet"
        place={place}
        name="outlet"
        all="all outlets"
        choices={overview.outlets.map((entry) => [entry.outlet, `${showLine(entry.outlet, 60)} (${formatCount(entry.documents)})`])}
      />
      <Choice label="What is left" place={place} name="fate" all="whatever is left" choices={Object.entries(FATES)} />
      <Choice
        label="Lost text of the kind"
        place={place}
        name="kind"
        all="any kind, or none"
        choices={overview.kinds.map(({ kind, documents: count }) => [
          kind,
          `${kinds[kind]?.label ?? showName(kind)} (${formatCount(count)})`,
        ])}
      />
      {causes.length > 0 && (
        <Choice
          label="Cut short before"
          place={place}
          name="truncated"
          all="whole or not"
          choices={[[ANY, "cut short"], ...causes.map((cause): [string, string] => [cause, `cut short ${truncations[cause] ?? showName(cause)}`])]}
        />
      )}
      <Choice label="Order" place={place} name="sort" all={ORDERS.input} choices={Object.entries(ORDERS).filter(([name]) => name !== "input")} />
    </form>
  );
}

interface ChoiceProps {
  label: string;
  place: Place;
  name: string;
  /** What it says where nothing is chosen. */
  all: string;
  choices: [value: string, label: string][];
}

function Choice({ label, place, name, all, choices }: ChoiceProps) {
  const value = place.query.get(name) ?? "";
  return (
    <label>
      {label}
      <select value={value} onChange={(event) => replaceQuery(place, { [name]: event.currentTarget.value })}>
        <option value="">{all}</option>
        {value && !choices.some(([known]) => known === value) && <option value={value}>{showLine(value, 60)}</option>}
        {choices.map(([known, shown]) => (
          <option key={known} value={known}>
            {shown}
          </option>
        ))}
      </select>
    </label>
  );
}

interface RowProps {
  documents: DocumentIndex;
  overview: Overview;
  number: number;
  /** The kind that is asked for: the document opens with it highlighted. */
  kind: string | null;
}

function Row({ documents, overview, number, kind }: RowProps) {
  const title = documents.title[number];
  const source = showLine(documents.source[number] ?? "", 120);
  const outlet = overview.outlets[documents.outlet[number] ?? -1]?.outlet ?? "";
  const words = documents.words[number] ?? 0;
  const kept = documents.keptWords[number] ?? 0;
  const truncated = documents.truncated[number];
  return (
    <a class="document-row" href={link("document", documents.id[number] ?? "", { kinds: kind })}>
      <span class="document-name">
        <strong>
          <bdi>{title ? showLine(title, 160) : source}</bdi>
        </strong>
        <span class="muted small">
          <bdi>{showLine(outlet, 60)}</bdi> · {formatDate(documents.published[number] ?? null)}
          {title && (
            <>
              {" "}
              · <bdi>{source}</bdi>
            </>
          )}
          {truncated && <> · cut short {overview.wording.truncations[truncated] ?? showName(truncated)}</>}
        </span>
      </span>
      <span class="document-share small">
        <ShareBar portions={[{ fill: "kept", part: kept }]} whole={words} />
        <span>
          {kept ? (
            <>
              {formatCount(kept)} of {formatQuantity(words, "word")} kept ({formatPercent(kept, words)})
            </>
          ) : (
            <>nothing kept of {formatQuantity(words, "word")}</>
          )}
        </span>
      </span>
    </a>
  );
}
