/** A moment as `3m ago`, kept up to date; the exact moment is its title. */

import { formatAgo, formatMoment } from "#base/time.ts";
import { useNow } from "./now.ts";

const RENEW_MS = 5000;

export function RelativeTime({ time }: { readonly time: number }) {
  const now = useNow(RENEW_MS);
  return (
    <time dateTime={new Date(time).toISOString()} title={formatMoment(time)}>
      {formatAgo(time, now)}
    </time>
  );
}
