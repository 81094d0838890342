// Shows what has to be decoded first: a note while it is, and what went wrong if it cannot be.

import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import { ElsewhereError } from "../data/report";

type State<T> = ({ value: T } | { error: unknown }) & { inputs: readonly unknown[] };

/** What a promise gives, asked for anew when one of the inputs changes; null until it is there. */
export function useLoaded<T>(load: () => Promise<T>, inputs: readonly unknown[]): State<T> | null {
  const [state, setState] = useState<State<T> | null>(null);
  useEffect(() => {
    let isWanted = true;
    load().then(
      (value) => isWanted && setState({ value, inputs }),
      (error: unknown) => isWanted && setState({ error, inputs }),
    );
    return () => {
      isWanted = false;
    };
  }, inputs);
  // What was asked for before is never shown under what is asked for now.
  return state && inputs.every((input, at) => Object.is(input, state.inputs[at])) ? state : null;
}

interface LoadProps<T> {
  load: () => Promise<T>;
  inputs: readonly unknown[];
  children: (value: T) => ComponentChildren;
}

export function Load<T>({ load, inputs, children }: LoadProps<T>) {
  const state = useLoaded(load, inputs);
  if (!state) return <p class="muted" role="status">Reading…</p>;
  if ("value" in state) return <>{children(state.value)}</>;
  if (state.error instanceof ElsewhereError) return <Elsewhere page={state.error.page} />;
  const message = state.error instanceof Error ? state.error.message : String(state.error);
  return <p class="error" role="alert">This part cannot be shown. {message}</p>;
}

/** Says that a part of the data is in another page, and leads there. */
export function Elsewhere({ page }: { page: string }) {
  return (
    <p class="note">
      To keep this page small, its text is in another file:{" "}
      <a href={`${page}${window.location.hash}`}>{page}</a>
    </p>
  );
}
