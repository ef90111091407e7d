/** The look of Mantine's controls; everything else comes from `global.css`. */

import { createTheme, type MantineColorsTuple } from "@mantine/core";

const tide: MantineColorsTuple = [
  "#e6f6f8",
  "#cdebef",
  "#9fd8e0",
  "#6cc3cf",
  "#41aebd",
  "#2599ab",
  "#117a8a",
  "#0b6b7e",
  "#085767",
  "#05424f",
];

/** Mantine paints dark controls in these; they have the tint of the ground around them. */
const dark: MantineColorsTuple = [
  "#d5dce3",
  "#b6c0ca",
  "#98a4b1",
  "#5f6c79",
  "#36404a",
  "#2a323a",
  "#1b2127",
  "#101418",
  "#0c1013",
  "#080b0d",
];

export const theme = createTheme({
  colors: { tide, dark },
  primaryColor: "tide",
  primaryShade: { light: 7, dark: 6 },
  defaultRadius: 5,
  fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif',
  fontFamilyMonospace: 'ui-monospace, "SF Mono", "Cascadia Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace',
  fontSizes: { xs: "12px", sm: "13px", md: "14px", lg: "15px", xl: "18px" },
  cursorType: "pointer",
  respectReducedMotion: true,
  // Mantine gives the cross of a dialog no name of its own.
  components: { Modal: { defaultProps: { closeButtonProps: { "aria-label": "Close" } } } },
});
