/** Where git stood when the run began. */

import { formatCount } from "#base/numbers.ts";
import { CopyButton } from "#widgets/copy-button.tsx";
import { ChevronIcon } from "#widgets/icons.tsx";
import styles from "./code-tab.module.css";
import type { Source } from "./source.ts";

const SHORT_SHA = 10;

interface GitFactsProps {
  readonly source: Source;
  /** Whether the files that git does not know are listed. */
  readonly isOpen: boolean;
  readonly onToggle: () => void;
}

export function GitFacts({ source, isOpen, onToggle }: GitFactsProps) {
  const { git, remotes, isDirty, entrypoint } = source;
  const commit = git.get("commit");
  const untracked = git.get("untracked")?.split("\n") ?? [];
  const facts = [
    ["entry point", entrypoint],
    ["branch", git.get("branch")],
    ["upstream", git.get("upstream")],
    ["author", git.get("author")],
    ["date", git.get("date")?.replace("T", " ").slice(0, 19)],
    ...remotes.map(({ name, url }) => [name, url] as const),
  ] as const;
  return (
    <div className={styles.git} data-testid="git-facts">
      <dl className={styles.facts}>
        {commit !== undefined && (
          <div className={styles.fact}>
            <dt>commit</dt>
            <dd>
              <code title={commit}>{commit.slice(0, SHORT_SHA)}</code>
              <CopyButton text={commit} label="Copy commit" size={20} />
              <span className={styles.state} data-dirty={isDirty} data-testid="git-dirty">
                {isDirty ? "dirty" : "clean"}
              </span>
            </dd>
          </div>
        )}
        {facts.map(([name, text]) =>
          text ? (
            <div key={name} className={styles.fact}>
              <dt>{name}</dt>
              <dd title={text}>
                <span className={styles.said}>{text}</span>
              </dd>
            </div>
          ) : null,
        )}
      </dl>
      {git.has("message") && <p className={styles.message}>{git.get("message")}</p>}
      {untracked.length > 0 && (
        <div className={styles.untracked}>
          <button type="button" className={styles.toggle} aria-expanded={isOpen} onClick={onToggle}>
            <span className={styles.chevron} data-open={isOpen}>
              <ChevronIcon size={10} />
            </span>
            {formatCount(untracked.length)} untracked
          </button>
          {isOpen && (
            <ul>
              {untracked.map((name) => (
                <li key={name}>{name}</li>
              ))}
            </ul>
          )}
        </div>
      )}
    </div>
  );
}
