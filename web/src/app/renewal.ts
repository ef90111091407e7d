/** Loads the page anew when parts of it are gone: a server that was upgraded has them under other names. */

const KEPT_UNDER = "marigram.renewed-at";
/** A page that breaks again so soon is not helped by loading it again: it says what is wrong. */
const ONCE_WITHIN_MS = 30_000;

/** The parts of a window that are needed. */
interface RenewedWindow extends Pick<EventTarget, "addEventListener"> {
  readonly sessionStorage: Pick<Storage, "getItem" | "setItem">;
  readonly location: Pick<Location, "reload">;
}

/** From now on, a part that cannot be loaded loads the page anew, but not again and again. */
export function renewWhenPartsAreGone(page: RenewedWindow, now: () => number): void {
  page.addEventListener("vite:preloadError", (event) => {
    const last = Number(page.sessionStorage.getItem(KEPT_UNDER) ?? Number.NEGATIVE_INFINITY);
    if (now() - last < ONCE_WITHIN_MS) return;
    page.sessionStorage.setItem(KEPT_UNDER, String(now()));
    // Otherwise the page would say that it broke until it is there again.
    event.preventDefault();
    page.location.reload();
  });
}
