/** A tree of paths, and the flat rows that show it with some folders open. */

import { comparePaths } from "./path.ts";

export interface TreeNode<T> {
  readonly name: string;
  readonly path: string;
  /** What is at this very path, if anything. A path may hold an item and have children too. */
  item: T | null;
  readonly children: Map<string, TreeNode<T>>;
  /** Items at this path and below. */
  size: number;
}

export interface TreeRow<T> {
  readonly node: TreeNode<T>;
  /** 0 for the outermost. */
  readonly depth: number;
  readonly expandable: boolean;
  readonly expanded: boolean;
}

/** The tree of `items`; its root has an empty path. */
export function buildTree<T>(items: readonly T[], pathOf: (item: T) => string): TreeNode<T> {
  const root: TreeNode<T> = { name: "", path: "", item: null, children: new Map(), size: 0 };
  for (const item of items) {
    let node = root;
    node.size += 1;
    for (const name of pathOf(item).split("/")) {
      let child = node.children.get(name);
      if (child === undefined) {
        const path = node.path === "" ? name : `${node.path}/${name}`;
        child = { name, path, item: null, children: new Map(), size: 0 };
        node.children.set(name, child);
      }
      node = child;
      node.size += 1;
    }
    node.item = item;
  }
  return root;
}

/** The rows to show, depth first; a folder's children follow it while `isExpanded(path)`. */
export function flattenTree<T>(root: TreeNode<T>, isExpanded: (path: string) => boolean): TreeRow<T>[] {
  const rows: TreeRow<T>[] = [];
  const visit = (node: TreeNode<T>, depth: number) => {
    const children = [...node.children.values()].sort((a, b) => comparePaths(a.name, b.name));
    for (const child of children) {
      const expandable = child.children.size > 0;
      const expanded = expandable && isExpanded(child.path);
      rows.push({ node: child, depth, expandable, expanded });
      if (expanded) visit(child, depth + 1);
    }
  };
  visit(root, 0);
  return rows;
}
