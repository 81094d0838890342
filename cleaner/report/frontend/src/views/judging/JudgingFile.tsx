// Verdicts go out of the page, and into it, as a file.

import { useState } from "preact/hooks";
import type { JudgingData } from "../../data/types";
import { readVerdicts, renderVerdicts, VerdictsError } from "./verdicts";
import { formatQuantity, showLine } from "../../data/text";
import { Command } from "../../parts/Command";
import { type Action, isUnsaved, type Session } from "./JudgingSession";

const FILE = "verdicts.jsonl";
const MAX_BYTES = 1 << 28;

interface FileProps {
  session: Session;
  act: (action: Action) => void;
  data: JudgingData;
  /** What runs it again. */
  command: string;
}

function download(text: string): void {
  const address = URL.createObjectURL(new Blob([text], { type: "application/jsonl" }));
  const anchor = document.createElement("a");
  anchor.href = address;
  anchor.download = FILE;
  anchor.click();
  window.setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

/** Decodes as `clean` does: bytes that are no UTF-8 are refused, not replaced. */
async function readText(file: File): Promise<string> {
  if (file.size > MAX_BYTES) throw new VerdictsError("It is larger than any file of verdicts.");
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(await file.arrayBuffer());
  } catch {
    throw new VerdictsError("It is not text in UTF-8.");
  }
}

export function JudgingFile({ session, act, data, command }: FileProps) {
  const [read, setRead] = useState<{ text: string; isError: boolean } | null>(null);
  const { verdicts } = session;
  const load = async (file: File) => {
    const name = showLine(file.name, 80);
    try {
      const found = readVerdicts(await readText(file), data.header);
      const numKnown = [...found.keys()].filter((pair) => verdicts.has(pair)).length;
      act({ do: "add", verdicts: found });
      const kept = numKnown ? ` ${formatQuantity(numKnown, "pair")} in it had a verdict here already, which stays.` : "";
      setRead({ text: `${formatQuantity(found.size, "verdict")} in ${name}.${kept}`, isError: false });
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error);
      setRead({ text: `${name} was not read, and nothing here has changed. ${showLine(problem, 400)}`, isError: true });
    }
  };
  return (
    <section class="judging-file" aria-label="File of verdicts">
      <h2>File of verdicts</h2>
      <p>
        <button
          type="button"
          disabled={!verdicts.size && !isUnsaved(session)}
          onClick={() => {
            download(renderVerdicts(verdicts, data.header));
            act({ do: "saved" });
          }}
        >
          Save verdicts
        </button>{" "}
        <span role="status">
          {formatQuantity(verdicts.size, "verdict")}
          {isUnsaved(session) ? ", not saved to a file yet" : verdicts.size ? ", saved" : ""}
        </span>
      </p>
      <label>
        Go on with an earlier file
        <input
          type="file"
          accept=".jsonl,.json,.txt"
          onChange={(event) => {
            const file = event.currentTarget.files?.[0];
            event.currentTarget.value = "";
            if (file) void load(file);
          }}
        />
      </label>
      {read && (
        <p class={read.isError ? "error" : "note"} role={read.isError ? "alert" : "status"}>
          {read.text}
        </p>
      )}
      <p class="muted small">To apply them, run it again with its inputs and options, and:</p>
      <Command command={`${command} --verdicts ${FILE}`} />
    </section>
  );
}
