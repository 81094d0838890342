// The way from a cluster to its neighbours in the list, and its permanent address.

import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { findClusters, readFilters } from "../clusters/clusterSearch";
import { formatCount } from "../../data/text";
import type { ClusterIndex } from "../../data/types";
import { go, link, type Place, readPlace } from "../../router";

interface ClusterNavigationProps {
  index: ClusterIndex;
  cluster: number;
  /** Names of all outlets. */
  names: string[];
  place: Place;
}

/** `list` in the address holds the filters and the order of the list that the reader came from. */
export function ClusterNavigation({ index, cluster, names, place }: ClusterNavigationProps) {
  const list = place.query.get("list") ?? "";
  const order = useMemo(() => {
    const query = new URLSearchParams(list);
    return findClusters(index, names, readFilters(query)).clusters;
  }, [index, names, list]);
  const at = useMemo(() => order.indexOf(cluster), [order, cluster]);
  const neighbour = (from: number, step: number) => {
    const found = from < 0 ? undefined : order[from + step];
    return found === undefined ? null : link("cluster", index.id[found] ?? "", { list });
  };
  const [previous, next] = [neighbour(at, -1), neighbour(at, 1)];
  useEffect(() => {
    const follow = (event: KeyboardEvent) => {
      const isTyping = event.target instanceof Element && event.target.closest("input, select, textarea");
      if (isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
      const step = { j: 1, k: -1 }[event.key];
      // By the address: keys may come faster than the page is drawn.
      const shown = index.id.indexOf(readPlace(window.location.hash).name);
      const address = step ? neighbour(order.indexOf(shown), step) : null;
      if (address) go(address);
    };
    window.addEventListener("keydown", follow);
    return () => window.removeEventListener("keydown", follow);
  }, [index, order, list]);
  const query = Object.fromEntries(new URLSearchParams(list));
  return (
    <nav class="cluster-navigation" aria-label="Clusters in the list">
      <a href={link("clusters", null, query)}>All clusters{list && " of these filters"}</a>
      {previous ? <a href={previous}>← Previous (k)</a> : <span class="muted">← Previous</span>}
      {next ? <a href={next}>Next (j) →</a> : <span class="muted">Next →</span>}
      {at >= 0 && (
        <span class="muted">
          {formatCount(at + 1)} of {formatCount(order.length)}
        </span>
      )}
    </nav>
  );
}

/** The address of a cluster, to be copied; selected for copying by hand where the browser refuses. */
export function Permalink({ id }: { id: string }) {
  const field = useRef<HTMLInputElement>(null);
  const [said, setSaid] = useState("");
  useEffect(() => setSaid(""), [id]);
  const address = `${window.location.href.split("#")[0]}${link("cluster", id)}`;
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(address);
      setSaid("Copied.");
    } catch {
      field.current?.select();
      setSaid("Selected; copy it with the keyboard.");
    }
  };
  return (
    <p class="permalink">
      <label>
        <span class="muted small">Link to this cluster</span>
        <input ref={field} readOnly value={address} onFocus={(event) => event.currentTarget.select()} />
      </label>
      <button type="button" onClick={() => void copy()}>
        Copy
      </button>
      <span role="status" class="small">
        {said}
      </span>
    </p>
  );
}
