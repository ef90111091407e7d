/**
 * Writes what the built app owes to others: the licence texts of every bundled package, and the files of Swagger UI
 * that the server's OpenAPI page needs, so that no page ever asks a content delivery network for anything.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Plugin } from "vite";

const SWAGGER_FILES = ["swagger-ui-bundle.js", "swagger-ui-standalone-preset.js", "swagger-ui.css"];
const LICENSE_FILE = /^(licen[cs]e|copying|notice)([.-].*)?$/i;
const RULE = "=".repeat(80);

/** For the few packages that name this licence and its holder but ship no text of it. */
const mitText = (holder: string) => `MIT License

Copyright (c) ${holder}

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated
documentation files (the "Software"), to deal in the Software without restriction, including without limitation the
rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit
persons to whom the Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the
Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE
WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR
COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR
OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.`;

/** The folder of the package that `module` belongs to, or null for the app's own files. */
function packageFolder(module: string): string | null {
  const path = module.replace(/^\0/, "").split("?")[0] ?? "";
  const match = /^(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path);
  return match?.[1] ?? null;
}

function describe(folder: string): { title: string; text: string } {
  const about = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as {
    name: string;
    version: string;
    license?: string;
    author?: string | { name: string };
  };
  const title = `${about.name} ${about.version} (${about.license ?? "see below"})`;
  const files = readdirSync(folder).filter((name) => LICENSE_FILE.test(name));
  if (files.length === 0) {
    const holder = typeof about.author === "string" ? about.author : about.author?.name;
    if (about.license !== "MIT" || holder === undefined) {
      throw new Error(`${about.name} ships no licence text. Add its text to build/third-party.ts or drop the package.`);
    }
    return { title, text: mitText(holder) };
  }
  const text = files.map((name) => readFileSync(join(folder, name), "utf8").trim()).join("\n\n");
  return { title, text };
}

export function thirdParty(root: string): Plugin {
  const swagger = join(root, "node_modules", "swagger-ui-dist");
  return {
    name: "marigram-third-party",
    apply: "build",
    generateBundle(_options, bundle) {
      const folders = new Set([swagger]);
      for (const file of Object.values(bundle)) {
        if (file.type !== "chunk") continue;
        for (const module of file.moduleIds) {
          const folder = packageFolder(module);
          if (folder !== null && existsSync(join(folder, "package.json"))) folders.add(folder);
        }
      }
      // Style sheets leave no module behind in a chunk; their packages are in the list through their scripts.
      const packages = [...folders].map(describe).sort((a, b) => a.title.localeCompare(b.title, "en"));
      const parts = packages.map(({ title, text }) => `${RULE}\n${title}\n${RULE}\n\n${text}\n`);
      const head = "Marigram's web app contains the following packages.\n\n";
      this.emitFile({ type: "asset", fileName: "THIRD_PARTY_LICENSES.txt", source: head + parts.join("\n") });
      for (const name of SWAGGER_FILES) {
        const source = readFileSync(join(swagger, name));
        this.emitFile({ type: "asset", fileName: `assets/openapi/${name}`, source });
      }
    },
  };
}

export function rootOf(url: string): string {
  return dirname(new URL(url).pathname);
}
