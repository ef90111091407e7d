/** By which attribute runs are gathered into groups that are drawn as one line each, and what the band around it is. */

import { Select } from "@mantine/core";
import type { Band } from "#base/line.ts";
import { PathSelect } from "./path-select.tsx";

interface GroupChoiceProps {
  /** Empty for none. */
  readonly group: string;
  readonly band: Band;
  /** Attributes that fit what was typed. */
  readonly options: readonly string[];
  readonly onSearch: (text: string) => void;
  readonly onChange: (group: string, band: Band) => void;
  readonly className?: string | undefined;
}

const BAND_WORDS: readonly { value: Band; label: string }[] = [
  { value: "deviation", label: "± standard deviation" },
  { value: "error", label: "± standard error" },
  { value: "range", label: "Least to greatest" },
];

export function GroupChoice({ group, band, options, onSearch, onChange, className }: GroupChoiceProps) {
  return (
    <>
      <PathSelect
        label="Group runs by"
        placeholder="Group by an attribute"
        className={className}
        testId="group-by"
        clearable
        value={group === "" ? null : group}
        options={options}
        onSearch={onSearch}
        onChange={(path) => onChange(path ?? "", band)}
      />
      {group !== "" && (
        <Select
          size="xs"
          className={className ?? ""}
          aria-label="Band of a group"
          data-testid="band"
          value={band}
          allowDeselect={false}
          withCheckIcon={false}
          data={[...BAND_WORDS]}
          onChange={(value) => onChange(group, BAND_WORDS.find((each) => each.value === value)?.value ?? band)}
        />
      )}
    </>
  );
}
