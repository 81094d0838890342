// A field that narrows what is listed; what is typed goes into the address once typing pauses.

import { useEffect, useRef, useState } from "preact/hooks";
import { type Place, readPlace, replaceQuery } from "../router";

const PAUSE_MILLISECONDS = 180;

interface SearchFieldProps {
  label: string;
  place: Place;
  /** The key of the query that holds what is searched for. */
  name: string;
}

export function SearchField({ label, place, name }: SearchFieldProps) {
  const inAddress = place.query.get(name) ?? "";
  const [typed, setTyped] = useState(inAddress);
  const timer = useRef(0);
  const sent = useRef(inAddress);
  useEffect(() => {
    // A link, or a button that resets the filters, has changed the address: the field follows.
    if (inAddress !== sent.current) setTyped((sent.current = inAddress));
  }, [inAddress]);
  useEffect(() => () => window.clearTimeout(timer.current), []);
  const search = (text: string) => {
    setTyped(text);
    window.clearTimeout(timer.current);
    timer.current = window.setTimeout(() => {
      sent.current = text;
      replaceQuery(readPlace(window.location.hash), { [name]: text });
    }, PAUSE_MILLISECONDS);
  };
  return (
    <label class="search">
      {label}
      <input type="search" value={typed} onInput={(event) => search(event.currentTarget.value)} />
    </label>
  );
}
