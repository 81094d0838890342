// A command for the terminal, and a button that copies it.

import { useEffect, useRef, useState } from "preact/hooks";
import { showText } from "../data/text";

const PLAIN_WORD = /^[\w./:#@%+=,-]+$/;

/** An argument as a shell takes it: quoted if it has to be, and never an option. */
export function quoteArgument(argument: string): string {
  if (argument.startsWith("-")) return `-- ${quoteArgument(`./${argument}`).replace("./", "")}`;
  return PLAIN_WORD.test(argument) ? argument : `'${argument.replaceAll("'", "'\\''")}'`;
}

/** Copies without the browser's clipboard, which pages opened from disk may not be given. */
function copySelected(box: HTMLElement): boolean {
  const selection = window.getSelection();
  selection?.selectAllChildren(box);
  return document.execCommand("copy");
}

async function copyText(text: string, box: HTMLElement): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copySelected(box);
  }
}

export function Command({ command }: { command: string }) {
  const box = useRef<HTMLElement>(null);
  const [said, setSaid] = useState("");
  useEffect(() => setSaid(""), [command]);
  const shown = showText(command).replaceAll("\n", "\ufffd");
  const copy = async () => {
    const isCopied = box.current ? await copyText(shown, box.current) : false;
    setSaid(isCopied ? "Copied" : "Select it and copy it by hand");
  };
  return (
    <p class="command">
      <code ref={box}>{shown}</code>{" "}
      <button type="button" onClick={() => void copy()}>
        Copy
      </button>{" "}
      <span class="muted small" role="status">
        {said}
      </span>
    </p>
  );
}
