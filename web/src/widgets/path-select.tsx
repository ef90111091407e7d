/** A field that one path is chosen in, out of more than a list could show: what is typed narrows them down. */

import { ActionIcon, Combobox, InputBase, useCombobox } from "@mantine/core";
import { useState } from "react";
import { CloseIcon } from "./icons.tsx";

interface PathSelectProps {
  readonly label: string;
  readonly placeholder: string;
  readonly value: string | null;
  /** What fits what was typed; at most as many as one may want to see. */
  readonly options: readonly string[];
  readonly onSearch: (text: string) => void;
  readonly onChange: (path: string | null) => void;
  readonly className?: string | undefined;
  readonly testId?: string;
  readonly clearable?: boolean;
  /** False inside a popover, which a click on a list outside of it would close. */
  readonly withinPortal?: boolean;
}

export function PathSelect(props: PathSelectProps) {
  const { label, placeholder, value, options, onSearch, onChange, className, testId } = props;
  const { clearable = false, withinPortal = true } = props;
  const combobox = useCombobox();
  const [typed, setTyped] = useState<string | null>(null);
  const search = (text: string | null) => {
    setTyped(text);
    onSearch(text ?? "");
  };
  return (
    <Combobox
      store={combobox}
      size="xs"
      withinPortal={withinPortal}
      onOptionSubmit={(path) => {
        search(null);
        onChange(path);
        combobox.closeDropdown();
      }}
    >
      <Combobox.Target>
        <InputBase
          size="xs"
          className={className ?? ""}
          aria-label={label}
          placeholder={placeholder}
          data-testid={testId}
          value={typed ?? value ?? ""}
          spellCheck={false}
          autoComplete="off"
          rightSection={
            clearable && value !== null ? (
              <ActionIcon
                variant="subtle"
                color="gray"
                size={20}
                aria-label={`${label}: none`}
                onClick={() => onChange(null)}
              >
                <CloseIcon size={12} />
              </ActionIcon>
            ) : null
          }
          onFocus={() => combobox.openDropdown()}
          onClick={() => combobox.openDropdown()}
          onBlur={() => {
            search(null);
            combobox.closeDropdown();
          }}
          onChange={(event) => {
            search(event.currentTarget.value);
            combobox.openDropdown();
            combobox.updateSelectedOptionIndex();
          }}
        />
      </Combobox.Target>
      <Combobox.Dropdown>
        <Combobox.Options mah={280} style={{ overflowY: "auto" }} aria-label={label}>
          {options.map((path) => (
            <Combobox.Option key={path} value={path}>
              {path}
            </Combobox.Option>
          ))}
          {options.length === 0 && <Combobox.Empty>Nothing matches</Combobox.Empty>}
        </Combobox.Options>
      </Combobox.Dropdown>
    </Combobox>
  );
}
