// The files that lie beside the page.

import { showLine } from "../../data/text";
import type { Overview } from "../../data/types";

export function OverviewFiles({ files }: Pick<Overview, "files">) {
  return (
    <section aria-labelledby="overview-files">
      <h2 id="overview-files">Files beside this page</h2>
      <dl class="overview-files">
        {files.map(({ name, about }) => (
          <div key={name}>
            <dt>
              <code>{showLine(name)}</code>
            </dt>
            <dd>{showLine(about, 400)}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
