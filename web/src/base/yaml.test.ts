import { describe, expect, it } from "vitest";
import { parseYaml } from "./yaml.ts";

describe("parseYaml", () => {
  it("reads what a program dumps", () => {
    const text = `artifact_path: model
flavors:
  python_function:
    env:
      conda: conda.yaml
      virtualenv: python_env.yaml
    loader_module: mlflow.sklearn
  sklearn:
    code: null
    empty: {}
    none: []
deps:
- pip
- name: x
  size: 3
- "a: b"
is_big: false
`;
    expect(parseYaml(text)).toEqual({
      artifact_path: "model",
      flavors: {
        python_function: {
          env: { conda: "conda.yaml", virtualenv: "python_env.yaml" },
          loader_module: "mlflow.sklearn",
        },
        sklearn: { code: null, empty: {}, none: [] },
      },
      deps: ["pip", { name: "x", size: "3" }, "a: b"],
      is_big: "false",
    });
  });

  it("joins scalars of several lines", () => {
    const text = `inputs: '[{"type": "tensor", "name": "it''s",
  "required": true}]'
folded: "one \\
  two\\n\\u00e9"
gap: 'a

  b'
plain: some long
  words
script: |
  first
  second
last: 1`;
    expect(parseYaml(text)).toEqual({
      inputs: '[{"type": "tensor", "name": "it\'s", "required": true}]',
      folded: "one two\né",
      gap: "a\nb",
      plain: "some long words",
      script: "first\nsecond\n",
      last: "1",
    });
  });

  it("reads numbers and truth as they are written", () => {
    expect(parseYaml("version: 3.10\nsizes: [1, 0x10]\nok: yes\nnone: ~")).toEqual({
      version: "3.10",
      sizes: ["1", "0x10"],
      ok: "yes",
      none: null,
    });
  });

  it.each(["a: 'never closed", "a: 1\n   b: 2\n c: 3", "a: [1", "a: 1\na: 2"])("gives up on %s", (text) => {
    expect(parseYaml(text)).toBeNull();
  });

  it("gives no key a meaning of its own", () => {
    const found = parseYaml("__proto__: x\nconstructor: y") as Record<string, unknown>;
    expect(Object.keys(found)).toEqual(["__proto__", "constructor"]);
    expect(Object.getPrototypeOf(found)).toBe(Object.prototype);
  });
});
