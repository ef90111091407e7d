import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";
import { colorScheme } from "./build/color-scheme.ts";
import { rootOf, thirdParty } from "./build/third-party.ts";

export default defineConfig({
  plugins: [react(), colorScheme(), thirdParty(rootOf(import.meta.url))],
  build: {
    outDir: "../src/marigram/server/static",
    emptyOutDir: true,
    // A data: address would need its own line in the content security policy.
    assetsInlineLimit: 0,
    target: "es2023",
  },
  server: { proxy: { "/api": "http://127.0.0.1:6274", "/health": "http://127.0.0.1:6274" } },
  test: { include: ["src/**/*.test.ts"], environment: "node" },
});
