/** A file that the browser shows by itself. Nothing in it can act on the page. One that it cannot show, it says so of. */

import { useState } from "react";
import styles from "./embedded-file.module.css";

export type EmbeddedKind = "image" | "audio" | "video" | "html" | "pdf";

interface EmbeddedFileProps {
  readonly kind: EmbeddedKind;
  /** Has parameters. */
  readonly url: string;
  readonly name: string;
  readonly className?: string | undefined;
}

const KINDS: Readonly<Record<EmbeddedKind, string>> = {
  image: "picture",
  audio: "sound",
  video: "film",
  html: "page",
  pdf: "PDF",
};

export function EmbeddedFile({ kind, url, name, className }: EmbeddedFileProps) {
  const [broken, setBroken] = useState<string | null>(null);
  if (broken === url) {
    return (
      <p className={styles.broken} data-testid="broken-file">
        This {KINDS[kind]} cannot be shown: it is damaged, or of a kind that the browser does not know.{" "}
        <a href={`${url}&download=1`} onClick={(event) => event.stopPropagation()}>
          Download it
        </a>
      </p>
    );
  }
  const onError = () => setBroken(url);
  switch (kind) {
    case "image":
      // The scripts of an SVG do not run in an <img>.
      return <img className={className} src={url} alt={name} loading="lazy" decoding="async" onError={onError} />;
    case "audio":
      // biome-ignore lint/a11y/useMediaCaption: a logged file has no captions.
      return <audio className={className} controls preload="metadata" src={url} aria-label={name} onError={onError} />;
    case "video":
      // biome-ignore lint/a11y/useMediaCaption: a logged file has no captions.
      return <video className={className} controls preload="metadata" src={url} aria-label={name} onError={onError} />;
    case "html":
      // Without allow-same-origin the file's scripts reach neither this page nor the server in the reader's name.
      return <iframe className={className} src={url} sandbox="allow-scripts" title={name} />;
    case "pdf":
      // Browsers show no PDF in a sandbox; the server sends it with a policy under which it can be nothing else.
      return <iframe className={className} src={url} title={name} />;
  }
}
