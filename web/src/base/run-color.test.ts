import { expect, test } from "vitest";
import { colorSlots, ownSlot, SLOTS } from "./run-color.ts";

const IDS = Array.from({ length: 40 }, (_, index) => `${index}`.padStart(32, "a"));

test("no two runs are alike before all colours are used", () => {
  expect(new Set(colorSlots(IDS.slice(0, SLOTS)).values()).size).toBe(SLOTS);
});

test("a newer run changes no older one's colour", () => {
  const few = colorSlots(IDS.slice(0, 10));
  const many = colorSlots(IDS);
  for (const [id, slot] of few) expect(many.get(id)).toBe(slot);
});

test("a run alone has its own colour, each time", () => {
  for (const id of IDS) expect(colorSlots([id]).get(id)).toBe(ownSlot(id));
});

test("runs come round after the last colour", () => {
  const counts = new Map<number, number>();
  for (const slot of colorSlots(IDS).values()) counts.set(slot, (counts.get(slot) ?? 0) + 1);
  expect(Math.max(...counts.values())).toBe(Math.ceil(IDS.length / SLOTS));
});
