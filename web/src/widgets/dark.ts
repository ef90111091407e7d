/** Whether the page is dark, for what is drawn on a canvas. */

import { useComputedColorScheme } from "@mantine/core";

export function useDark(): boolean {
  return useComputedColorScheme("light", { getInitialValueInEffect: false }) === "dark";
}
