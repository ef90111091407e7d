/** A file that the browser shows by itself. Nothing in it can act on the page. */

export type EmbeddedKind = "image" | "audio" | "video" | "html" | "pdf";

interface EmbeddedFileProps {
  readonly kind: EmbeddedKind;
  readonly url: string;
  readonly name: string;
  readonly className?: string | undefined;
}

export function EmbeddedFile({ kind, url, name, className }: EmbeddedFileProps) {
  switch (kind) {
    case "image":
      // The scripts of an SVG do not run in an <img>.
      return <img className={className} src={url} alt={name} loading="lazy" decoding="async" />;
    case "audio":
      // biome-ignore lint/a11y/useMediaCaption: a logged file has no captions.
      return <audio className={className} controls preload="metadata" src={url} aria-label={name} />;
    case "video":
      // biome-ignore lint/a11y/useMediaCaption: a logged file has no captions.
      return <video className={className} controls preload="metadata" src={url} aria-label={name} />;
    case "html":
      // Without allow-same-origin the file's scripts reach neither this page nor the server in the reader's name.
      return <iframe className={className} src={url} sandbox="allow-scripts" title={name} />;
    case "pdf":
      // Browsers show no PDF in a sandbox; the server sends it with a policy under which it can be nothing else.
      return <iframe className={className} src={url} title={name} />;
  }
}
