import { expect, test } from "vitest";
import { renewWhenPartsAreGone } from "./renewal.ts";

function openPage() {
  const kept = new Map<string, string>();
  const page = Object.assign(new EventTarget(), {
    sessionStorage: {
      getItem: (key: string) => kept.get(key) ?? null,
      setItem: (key: string, value: string) => void kept.set(key, value),
    },
    reloads: 0,
    location: {
      reload: () => {
        page.reloads += 1;
      },
    },
    time: 1000,
  });
  renewWhenPartsAreGone(page, () => page.time);
  const lose = () => page.dispatchEvent(new Event("vite:preloadError", { cancelable: true }));
  return { page, lose };
}

test("a part that is gone loads the page anew, and says nothing", () => {
  const { page, lose } = openPage();
  expect(lose()).toBe(false);
  expect(page.reloads).toBe(1);
});

test("a page that breaks again at once says so, one that breaks later is renewed again", () => {
  const { page, lose } = openPage();
  lose();
  page.time += 5_000;
  expect(lose()).toBe(true);
  expect(page.reloads).toBe(1);
  page.time += 60_000;
  lose();
  expect(page.reloads).toBe(2);
});
