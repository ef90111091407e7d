/** Puts `color-scheme.js` into the page as a hashed, render-blocking script. */
import { readFileSync } from "node:fs";
import type { Plugin } from "vite";

const SOURCE = new URL("./color-scheme.js", import.meta.url);

export function colorScheme(): Plugin {
  return {
    name: "marigram-color-scheme",
    apply: "build",
    buildStart() {
      this.emitFile({ type: "asset", name: "color-scheme.js", source: readFileSync(SOURCE, "utf8") });
    },
    transformIndexHtml: {
      order: "post",
      handler(_html, context) {
        const asset = Object.values(context.bundle ?? {}).find(
          (file) => file.type === "asset" && file.names.includes("color-scheme.js"),
        );
        if (asset === undefined) {
          throw new Error("The color scheme script is missing from the bundle. Check build/color-scheme.ts.");
        }
        return [{ tag: "script", attrs: { src: `/${asset.fileName}` }, injectTo: "head-prepend" as const }];
      },
    },
  };
}
