// The filters over the list of clusters. All of them stand in the address.

import { useEffect, useRef, useState } from "preact/hooks";
import { type FilterKey, type Filters, SORTS } from "./clusterSearch";
import { formatCount, showLine, showName } from "../../data/text";
import type { Overview } from "../../data/types";

const TYPING_MILLISECONDS = 150;
const WIDE = "(min-width: 48rem)";

type Change = (changes: Partial<Filters>) => void;

interface FieldProps {
  name: FilterKey;
  label: string;
  filters: Filters;
  onChange: Change;
  type?: "search" | "text" | "date" | "number";
  list?: string;
  min?: number;
  max?: number;
  hint?: string;
}

/** A field whose value reaches the address once the reader pauses. */
function Field({ name, label, filters, onChange, hint, ...rest }: FieldProps) {
  const value = filters[name];
  const [draft, setDraft] = useState(value);
  const saved = useRef(value);
  const save = useRef(onChange);
  save.current = onChange;
  useEffect(() => {
    if (value !== saved.current) setDraft(value);
    saved.current = value;
  }, [value]);
  useEffect(() => {
    if (draft === saved.current) return undefined;
    const timer = setTimeout(() => {
      saved.current = draft;
      save.current({ [name]: draft });
    }, TYPING_MILLISECONDS);
    return () => clearTimeout(timer);
  }, [draft]);
  return (
    <label>
      <span>{label}</span>
      <input {...rest} value={draft} placeholder={hint} onInput={(event) => setDraft(event.currentTarget.value)} />
    </label>
  );
}

interface ClusterFiltersProps {
  overview: Overview;
  filters: Filters;
  /** By relation, how many clusters match the other filters. */
  counts: Map<string, number>;
  onChange: Change;
  onReset: () => void;
}

export function ClusterFilters({ overview, filters, counts, onChange, onReset }: ClusterFiltersProps) {
  const [isOpen] = useState(() => window.matchMedia(WIDE).matches);
  const relations = overview.clusters.filter(({ count }) => count > 0);
  const chosen = filters.relation.split(",").filter(Boolean);
  const numSet = Object.entries(filters).filter(([key, value]) => value && key !== "sort").length;
  const field = { filters, onChange };
  const toggle = (relation: string) => {
    const others = chosen.filter((name) => name !== relation);
    onChange({ relation: (others.length < chosen.length ? others : [...chosen, relation]).join() });
  };
  return (
    <details class="cluster-filters" open={isOpen}>
      <summary>Search and filters{numSet ? ` (${formatCount(numSet)} set)` : ""}</summary>
      <form onSubmit={(event) => event.preventDefault()} aria-label="Search and filters">
        <div class="cluster-fields">
          <Field {...field} name="q" type="search" label="Search headings and outlets" hint="words" />
          <Field {...field} name="outlet" type="text" label="Outlet" list="cluster-outlets" hint="any" />
          <Field
            {...field}
            name="outlet2"
            type="text"
            label="and outlet (both of them)"
            list="cluster-outlets"
            hint="any"
          />
          <Field {...field} name="from" type="date" label="Published from" />
          <Field {...field} name="to" type="date" label="Published until" />
          <Field {...field} name="members" type="number" min={2} label="Documents at least" hint="2" />
          <Field {...field} name="outlets" type="number" min={1} label="Outlets at least" hint="1" />
          <Field
            {...field}
            name="low"
            type="number"
            min={0}
            max={100}
            label="Lowest similarity at least (%)"
            hint="0"
          />
          <Field
            {...field}
            name="high"
            type="number"
            min={0}
            max={100}
            label="Lowest similarity at most (%)"
            hint="100"
          />
          <label>
            <span>Order</span>
            <select value={filters.sort} onChange={(event) => onChange({ sort: event.currentTarget.value })}>
              {Object.entries(SORTS).map(([name, label]) => (
                <option key={name} value={name}>
                  {label}
                </option>
              ))}
            </select>
          </label>
        </div>
        <datalist id="cluster-outlets">
          {overview.outlets.map(({ outlet }) => (
            <option key={outlet} value={showLine(outlet)} />
          ))}
        </datalist>
        <fieldset class="cluster-relations">
          <legend>What they are (none chosen: all)</legend>
          {relations.map(({ relation }) => (
            <label key={relation} title={overview.wording.relations[relation]?.about}>
              <input type="checkbox" checked={chosen.includes(relation)} onChange={() => toggle(relation)} />{" "}
              {overview.wording.relations[relation]?.name ?? showName(relation)}{" "}
              <span class="muted">{formatCount(counts.get(relation) ?? 0)}</span>
            </label>
          ))}
        </fieldset>
        <button type="button" onClick={onReset} disabled={!numSet}>
          Reset the filters
        </button>
      </form>
    </details>
  );
}
