// What looks wrong and should be looked at before the corpus is used.

import { nameOutlet } from "../../data/outlets";
import { formatQuantity, showName, showText } from "../../data/text";
import type { Overview } from "../../data/types";
import { MoreRows, useMoreRows } from "../../parts/MoreRows";
import { link } from "../../router";

export function OverviewAlarms({ alarms }: Pick<Overview, "alarms">) {
  const [shown, showMore] = useMoreRows(alarms, 5);
  if (!alarms.length) return null;
  return (
    <section class="overview-alarms" aria-labelledby="overview-alarms">
      <h2 id="overview-alarms">Look at this first: {formatQuantity(alarms.length, "alarm")}</h2>
      <p class="small">An unusual share of text went, or an outlet looks unlike before. Nothing was changed for it.</p>
      <ul>
        {alarms.slice(0, shown).map(({ outlet, kind, sentence }, at) => (
          <li key={at} class="alarm">
            <strong>{showName(kind)}</strong>
            {outlet !== null && (
              <>
                {" in "}
                <a href={link("outlets", null, { outlet })}>
                  <bdi>{nameOutlet(outlet)}</bdi>
                </a>
              </>
            )}
            : <span dir="auto">{showText(sentence)}</span>
          </li>
        ))}
      </ul>
      <MoreRows shown={shown} count={alarms.length} noun="alarm" showMore={showMore} />
    </section>
  );
}
