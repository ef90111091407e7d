/** The present moment for components that show how long something takes or how long ago it was. */

import { useEffect, useState } from "react";

/** Milliseconds since 1970-01-01 UTC, renewed every `every` milliseconds; stands still when `every` is null. */
export function useNow(every: number | null): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    if (every === null) return undefined;
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), every);
    return () => clearInterval(timer);
  }, [every]);
  return now;
}
