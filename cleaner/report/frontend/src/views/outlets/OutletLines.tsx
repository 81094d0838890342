// Lines that outlets repeat over their documents, from which the run learnt what is boilerplate.

import { useMemo, useRef } from "preact/hooks";
import { findOutlets, nameOutlet } from "../../data/outlets";
import { formatCount, formatQuantity, showLine } from "../../data/text";
import type { OutletData, OutletSummary } from "../../data/types";
import { MoreRows, useMoreRows } from "../../parts/MoreRows";
import { SearchField } from "../../parts/SearchField";
import { link, type Place, replaceQuery } from "../../router";

const STEP = 25;
const MIN_SEARCHED = 8;
const MAX_LINE_CHARS = 400;

interface OutletLinesProps {
  outlets: readonly OutletSummary[];
  data: OutletData;
  place: Place;
  chosen: number | null;
}

export function OutletLines({ outlets, data, place, chosen }: OutletLinesProps) {
  const { lines, linesHidden } = data;
  const search = place.query.get("lines") ?? "";
  const lowered = useRef<{ lines: string[]; outlets: string[] } | null>(null);
  const own = useMemo(() => {
    const numbers: number[] = [];
    lines.forEach(({ outlet }, at) => (chosen === null || outlet === chosen) && numbers.push(at));
    return numbers.sort((a, b) => (lines[b]?.documents ?? 0) - (lines[a]?.documents ?? 0));
  }, [lines, chosen]);
  const rows = useMemo(() => {
    const wanted = search.trim().toLowerCase();
    if (!wanted) return own;
    lowered.current ??= {
      lines: lines.map(({ line }) => line.toLowerCase()),
      outlets: outlets.map(({ outlet }) => outlet.toLowerCase()),
    };
    const { lines: texts, outlets: names } = lowered.current;
    const found = chosen === null ? findOutlets(names, search) : null;
    return own.filter((at) => texts[at]?.includes(wanted) || found?.[lines[at]?.outlet ?? -1] === 1);
  }, [own, lines, outlets, search, chosen]);
  const [shown, showMore] = useMoreRows(rows, STEP);
  return (
    <section aria-labelledby="outlets-lines">
      <h2 id="outlets-lines">Lines repeated from document to document</h2>
      <p>
        What an outlet repeats over many documents and days is its furniture, not its articles: the run learnt these lines
        from the input and removed them as boilerplate.
      </p>
      {own.length >= MIN_SEARCHED && (
        <div class="filters">
          <SearchField label={chosen === null ? "Search lines and outlets" : "Search lines"} place={place} name="lines" />
        </div>
      )}
      {own.length === 0 ? (
        <p>No line stands in enough documents of {chosen === null ? "an" : "this"} outlet.</p>
      ) : rows.length === 0 ? (
        <p>
          No line matches this search.{" "}
          <button type="button" onClick={() => replaceQuery(place, { lines: "" })}>
            Show all lines
          </button>
        </p>
      ) : (
        <div class="scroll" tabIndex={0} role="region" aria-label="Repeated lines">
          <table class="outlet-lines">
            <caption>{formatQuantity(rows.length, "line")}, those in most documents first</caption>
            <thead>
              <tr>
                <th scope="col">Line</th>
                {chosen === null && <th scope="col">Outlet</th>}
                <th scope="col" class="number">
                  Documents
                </th>
                <th scope="col" class="number">
                  Days
                </th>
              </tr>
            </thead>
            <tbody>
              {rows.slice(0, shown).map((at) => {
                const row = lines[at];
                if (!row) return null;
                const outlet = outlets[row.outlet]?.outlet;
                return (
                  <tr key={at}>
                    <td dir="auto" lang="">
                      {showLine(row.line, MAX_LINE_CHARS)}
                    </td>
                    {chosen === null && (
                      <td>
                        <a href={link("outlets", null, { outlet })}>
                          <bdi>{nameOutlet(outlet)}</bdi>
                        </a>
                      </td>
                    )}
                    <td class="number">{formatCount(row.documents)}</td>
                    <td class="number">{formatCount(row.days)}</td>
                  </tr>
                );
              })}
            </tbody>
          </table>
        </div>
      )}
      <MoreRows shown={shown} count={rows.length} noun="line" showMore={showMore} />
      {linesHidden > 0 && (
        <p class="note">
          {formatQuantity(linesHidden, "further line")} {linesHidden === 1 ? "is" : "are"} in <code>outlets.parquet</code>{" "}
          only.
        </p>
      )}
    </section>
  );
}
