/** Whether an element is on the screen or close to it. */

import { type RefObject, useEffect, useState } from "react";

/** Panels are fetched this far (CSS length) before they scroll into view. */
const MARGIN = "300px";

export function useVisible(element: RefObject<Element | null>): boolean {
  const [visible, setVisible] = useState(false);
  useEffect(() => {
    const target = element.current;
    if (target === null) return undefined;
    const observer = new IntersectionObserver((entries) => setVisible(entries.at(-1)?.isIntersecting ?? false), {
      rootMargin: MARGIN,
    });
    observer.observe(target);
    return () => observer.disconnect();
  }, [element]);
  return visible;
}
