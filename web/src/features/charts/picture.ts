/** A chart as a picture file: what the canvas shows, with its title and the names of its lines. */

import { formatNumber } from "#base/numbers.ts";
import type { Curve } from "#widgets/line-paint.ts";
import type { ChartStyle } from "./view.ts";

interface PictureOptions {
  readonly title: string;
  readonly curves: readonly Curve[];
  readonly dark: boolean;
}

const LINE_HEIGHT = 18;
const MARGIN = 12;
const TITLE_HEIGHT = 30;
/** More names than this are taller than the chart. */
const MOST_NAMES = 40;

/** `canvas` with a ground, a title above and a legend below. */
export function chartPicture(canvas: HTMLCanvasElement, { title, curves, dark }: PictureOptions): HTMLCanvasElement {
  const scale = devicePixelRatio;
  const names = curves.slice(0, MOST_NAMES);
  const picture = document.createElement("canvas");
  picture.width = canvas.width + 2 * MARGIN * scale;
  picture.height = canvas.height + (TITLE_HEIGHT + names.length * LINE_HEIGHT + 2 * MARGIN) * scale;
  const ctx = picture.getContext("2d");
  if (ctx === null) return picture;
  ctx.fillStyle = dark ? "#101418" : "#ffffff";
  ctx.fillRect(0, 0, picture.width, picture.height);
  ctx.drawImage(canvas, MARGIN * scale, (MARGIN + TITLE_HEIGHT) * scale);
  ctx.scale(scale, scale);
  ctx.fillStyle = dark ? "#e4e9ee" : "#1b222a";
  ctx.font = "600 13px system-ui, sans-serif";
  ctx.fillText(title, MARGIN, MARGIN + 14);
  ctx.font = "11px system-ui, sans-serif";
  let top = MARGIN + TITLE_HEIGHT + canvas.height / scale + LINE_HEIGHT;
  for (const { label, color, dash, line } of names) {
    ctx.strokeStyle = color;
    ctx.lineWidth = 2;
    ctx.setLineDash([...dash]);
    ctx.beginPath();
    ctx.moveTo(MARGIN, top - 4);
    ctx.lineTo(MARGIN + 22, top - 4);
    ctx.stroke();
    ctx.fillText(`${label}  ${formatNumber(line.value[line.value.length - 1] ?? Number.NaN)}`, MARGIN + 30, top);
    top += LINE_HEIGHT;
  }
  return picture;
}

/** What the x axis counts. */
export function axisTitle({ xAxis, over }: ChartStyle): string {
  switch (xAxis) {
    case "step":
      return "step";
    case "relative":
      return "seconds since the beginning";
    case "time":
      return "time (UTC)";
    case "series":
      return over ?? "";
  }
}

/** Hand `blob` to the browser as a download. */
export function save(blob: Blob, name: string): void {
  const link = document.createElement("a");
  const url = URL.createObjectURL(blob);
  link.href = url;
  link.download = name;
  link.click();
  // The download has begun, but some browsers still read the address.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
