import { expect, test } from "vitest";
import { isQuery } from "./query-text.ts";

test.each([
  "lr = 0.1",
  "lr<3",
  "`train/loss` EXISTS",
  "sys/tags CONTAINS best",
  "(lr EXISTS)",
  "name MATCHES '^a'",
  "opt IN (a, b)",
  "sys/tags contains best",
  "name not contains a",
  "name matches ^a",
  "sys/tags contains ",
  "sys/state in (failed, crashed)",
  "lr exists",
  "not (lr not exists) and x",
])("%s is a query", (text) => expect(isQuery(text)).toBe(true));

test.each([
  "",
  "resnet 50",
  "CATS-12",
  "what exists here",
  "in (brackets)",
  "contains cats",
  "IN Berlin",
  "train/loss",
  "contains",
  "100%",
])("%s is not", (text) => expect(isQuery(text)).toBe(false));
