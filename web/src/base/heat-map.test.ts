import { describe, expect, it } from "vitest";
import { heatCells, heatPlace, heatScale } from "./heat-map.ts";

const COLUMNS = [
  { step: 0, edges: [0, 1, 2], counts: [1, 3] },
  { step: 10, edges: [0, 2, 4], counts: [4, 0] },
];

describe("heat maps", () => {
  it("have no axes without columns", () => {
    expect(heatScale([])).toBeNull();
  });

  it("put borders halfway between steps and take all values in", () => {
    expect(heatScale(COLUMNS)).toEqual({ borders: [-5, 5, 15], low: 0, high: 4, densest: 3 });
    expect(heatScale(COLUMNS.slice(0, 1))?.borders).toEqual([-0.5, 0.5]);
  });

  it("draw what was counted, by density", () => {
    const scale = heatScale(COLUMNS);
    const cells = scale === null ? [] : [...heatCells(COLUMNS, scale)];
    expect(cells).toHaveLength(3);
    expect(cells[1]).toEqual({ left: 0, right: 0.5, bottom: 0.25, top: 0.5, strength: 1 });
    expect(cells[2]).toMatchObject({ left: 0.5, right: 1, bottom: 0, top: 0.5 });
  });

  it("name the column and the bin under a place", () => {
    const scale = heatScale(COLUMNS);
    if (scale === null) throw new Error("there are columns");
    expect(heatPlace(COLUMNS, scale, 0.2, 0.3)).toEqual({ column: COLUMNS[0], bin: 1 });
    expect(heatPlace(COLUMNS, scale, 0.2, 0.9)).toEqual({ column: COLUMNS[0], bin: null });
    expect(heatPlace(COLUMNS, scale, 0.9, 0.1)).toEqual({ column: COLUMNS[1], bin: 0 });
  });
});
