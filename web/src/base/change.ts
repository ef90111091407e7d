/** How the view of a page changes. */

/**
 * The parts of a view that change, or how they follow from the view as it is by then. Who adds to a list says how: of
 * two clicks in a row, the second finds a page that has not been drawn anew since the first.
 */
export type Change<View extends object> = View | ((held: View) => View);

/** `held` after the change. */
export function changed<View extends object>(held: View, change: Change<View>): View {
  return { ...held, ...(typeof change === "function" ? change(held) : change) };
}
