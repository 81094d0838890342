// Where the reader is, as the part of the address after `#`: every view, cluster and document has a
// link of its own that works from disk.

import { useEffect, useMemo, useState } from "preact/hooks";

export interface Place {
  /** `overview`, `clusters`, `cluster`, `outlets`, `documents`, `document`, ... */
  view: string;
  /** What the view shows: an id, or empty. */
  name: string;
  query: URLSearchParams;
}

/** Reads the part of an address after `#`, such as `#/clusters?relation=wire`. */
export function readPlace(hash: string): Place {
  const [path = "", query = ""] = hash.replace(/^#\/?/, "").split(/\?(.*)/s);
  const [view = "", name = ""] = path.split(/\/(.*)/s);
  return { view: view || "overview", name: decode(name), query: new URLSearchParams(query) };
}

function decode(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

type Value = string | number | null | undefined;

/** The address of a view; values that are empty are left out. */
export function link(view: string, name: string | null = null, query: Record<string, Value> = {}): string {
  const filled = Object.entries(query).filter(([, value]) => value !== null && value !== undefined && value !== "");
  const search = new URLSearchParams(filled.map(([key, value]): [string, string] => [key, String(value)]));
  const path = name === null ? view : `${view}/${encodeURIComponent(name)}`;
  return `#/${path}${filled.length ? `?${search}` : ""}`;
}

export function go(address: string): void {
  window.location.hash = address;
}

/** Changes a part of the query without a new entry in the browser's history. */
export function replaceQuery(place: Place, changes: Record<string, Value>): void {
  const query = { ...Object.fromEntries(place.query), ...changes };
  const address = link(place.view, place.name || null, query);
  window.history.replaceState(null, "", address);
  window.dispatchEvent(new HashChangeEvent("hashchange"));
}

export function usePlace(): Place {
  const [hash, setHash] = useState(window.location.hash);
  useEffect(() => {
    const follow = () => setHash(window.location.hash);
    window.addEventListener("hashchange", follow);
    follow(); // It may have changed since the page was first drawn.
    return () => window.removeEventListener("hashchange", follow);
  }, []);
  return useMemo(() => readPlace(hash), [hash]);
}
