/** How a file is shown: what its media type and name say, never what it claims inside. */

export type PreviewKind =
  | "text"
  | "json"
  | "diff"
  | "image"
  | "html"
  | "audio"
  | "video"
  | "table"
  | "parquet"
  | "pdf"
  | "none";

const TEXT_NAME =
  /\.(txt|log|md|rst|py|pyi|ipynb|js|ts|tsx|sh|bash|toml|ya?ml|ini|cfg|conf|xml|sql|r|c|cc|cpp|h|hpp|go|rs|java|lock)$|(^|\/)(dockerfile|makefile|license|requirements)$/i;

export function previewKind(path: string, filename: string, mediaType: string): PreviewKind {
  const type = mediaType.split(";")[0]?.trim().toLowerCase() ?? "";
  if (path === "source_code/diff" || /\.(diff|patch)$/i.test(filename) || type === "text/x-diff") return "diff";
  if (type.startsWith("image/")) return "image";
  if (type.startsWith("audio/")) return "audio";
  if (type.startsWith("video/")) return "video";
  if (type === "application/pdf") return "pdf";
  if (/^text\/(csv|tab-separated-values)$/.test(type) || /\.(csv|tsv)$/i.test(filename)) return "table";
  if (type === "application/vnd.apache.parquet" || /\.parquet$/i.test(filename)) return "parquet";
  if (type === "text/html" || /\.html?$/i.test(filename)) return "html";
  if (type === "application/json" || type.endsWith("+json") || /\.json$/i.test(filename)) return "json";
  if (type.startsWith("text/") || /(yaml|toml|xml|javascript|x-sh|x-python)$/.test(type)) return "text";
  return TEXT_NAME.test(filename) ? "text" : "none";
}
