/** One line of the tree of files; a folder is downloaded as an archive. */

import { ActionIcon } from "@mantine/core";
import { zipAddress } from "#api/request.ts";
import type { TreeRow } from "#api/types.ts";
import { formatBytes } from "#base/numbers.ts";
import { FolderRow } from "#widgets/folder-row.tsx";
import { DownloadIcon } from "#widgets/icons.tsx";

interface FileRowProps {
  readonly runId: string;
  readonly row: TreeRow;
  readonly selected: boolean;
  readonly top: number;
  readonly height: number;
  readonly onToggle: (path: string) => void;
  readonly onOpen: (path: string) => void;
}

export function FileRow({ runId, row, ...props }: FileRowProps) {
  const { path, name, depth, expandable, expanded, size } = row;
  const file = row.attribute?.file;
  return (
    <FolderRow
      {...{ path, name, depth, expandable, expanded, size }}
      {...props}
      testId="file-row"
      held={file == null ? null : { fact: formatBytes(file.size), title: `${path} · ${file.media_type}` }}
    >
      <ActionIcon
        component="a"
        href={zipAddress(runId, path)}
        size={22}
        variant="subtle"
        color="gray"
        aria-label={`Download ${path} as ZIP`}
        title="Download as ZIP"
      >
        <DownloadIcon size={13} />
      </ActionIcon>
    </FolderRow>
  );
}
