import { expect, test } from "vitest";
import { isQuery } from "./query-text.ts";

test.each(["lr = 0.1", "lr<3", "`train/loss` EXISTS", "sys/tags CONTAINS best", "(lr EXISTS)", "name MATCHES '^a'"])(
  "%s is a query",
  (text) => expect(isQuery(text)).toBe(true),
);

test.each(["", "resnet 50", "CATS-12", "what exists", "train/loss", "contains", "100%"])("%s is not", (text) =>
  expect(isQuery(text)).toBe(false),
);
