/** Saves a chart as a picture or as numbers, and copies its address. */

import { ActionIcon, Menu } from "@mantine/core";
import type { RefObject } from "react";
import { chartCsv } from "#base/chart-csv.ts";
import { chartSvg } from "#base/chart-svg.ts";
import { leafOf } from "#base/path.ts";
import type { Pin } from "#base/pins.ts";
import { copyText } from "#widgets/copy-text.ts";
import { useDark } from "#widgets/dark.ts";
import { DownloadIcon } from "#widgets/icons.tsx";
import type { Curve } from "#widgets/line-paint.ts";
import styles from "./chart-panel.module.css";
import { axisTitle, chartPicture, save } from "./picture.ts";
import type { ChartStyle } from "./view.ts";

interface ExportMenuProps {
  readonly path: string;
  /** What an address calls the chart. */
  readonly addressName: string;
  readonly curves: readonly Curve[];
  readonly pins: readonly Pin[];
  readonly look: ChartStyle;
  readonly panel: RefObject<HTMLElement | null>;
  readonly xRange: readonly [number, number] | null;
}

export function ExportMenu({ path, addressName, curves, pins, look, panel, xRange }: ExportMenuProps) {
  const dark = useDark();
  const name = leafOf(path) || "chart";
  const savePng = () => {
    const canvas = panel.current?.querySelector("canvas");
    if (canvas == null) return;
    chartPicture(canvas, { title: path, curves, dark }).toBlob((blob) => {
      if (blob !== null) save(blob, `${name}.png`);
    }, "image/png");
  };
  const saveSvg = () => {
    const text = chartSvg({ title: path, xTitle: axisTitle(look), curves, pins, dark, xRange, ...look });
    save(new Blob([text], { type: "image/svg+xml" }), `${name}.svg`);
  };
  const saveCsv = () => save(new Blob([chartCsv(path, curves)], { type: "text/csv" }), `${name}.csv`);
  const copyLink = () => {
    const link = new URL(window.location.href);
    link.searchParams.set("path", addressName);
    void copyText(link.href);
  };
  return (
    <Menu position="bottom-end" withinPortal transitionProps={{ duration: 0 }}>
      <Menu.Target>
        <ActionIcon
          variant="subtle"
          color="gray"
          size={22}
          className={styles.maximise}
          aria-label={`Save or share ${path}`}
        >
          <DownloadIcon size={13} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={savePng}>Picture (PNG)</Menu.Item>
        <Menu.Item onClick={saveSvg}>Drawing (SVG)</Menu.Item>
        <Menu.Item onClick={saveCsv}>Numbers (CSV)</Menu.Item>
        <Menu.Divider />
        <Menu.Item onClick={copyLink}>Copy link to this chart</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
