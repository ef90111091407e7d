/** A text filter: tells its owner after a pause in typing, so that the owner may fetch or navigate. */

import { ActionIcon, TextInput } from "@mantine/core";
import { type Ref, useEffect, useEffectEvent, useRef, useState } from "react";
import { CloseIcon, SearchIcon } from "./icons.tsx";

interface SearchInputProps {
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly label: string;
  readonly placeholder?: string;
  readonly testId?: string;
  readonly inputRef?: Ref<HTMLInputElement>;
  readonly onEnter?: (backwards: boolean) => void;
  readonly className?: string | undefined;
  /** Milliseconds without a key before `onChange` is called. */
  readonly pause?: number;
}

export function SearchInput(props: SearchInputProps) {
  const { value, label, placeholder = label, testId, inputRef, onEnter, className, pause = 200 } = props;
  const [typed, setTyped] = useState(value);
  const told = useRef(value);
  const tell = useEffectEvent((text: string) => {
    told.current = text;
    props.onChange(text);
  });
  useEffect(() => {
    // The owner's value changed by other means (back button, a link): the field follows.
    if (value !== told.current) {
      told.current = value;
      setTyped(value);
    }
  }, [value]);
  useEffect(() => {
    if (typed === told.current) return undefined;
    const timer = setTimeout(() => tell(typed), pause);
    return () => clearTimeout(timer);
  }, [typed, pause]);
  const clear = () => {
    setTyped("");
    tell("");
  };
  return (
    <TextInput
      className={className}
      size="xs"
      aria-label={label}
      placeholder={placeholder}
      data-testid={testId}
      ref={inputRef}
      value={typed}
      spellCheck={false}
      autoComplete="off"
      leftSection={<SearchIcon size={14} />}
      rightSection={
        typed === "" ? null : (
          <ActionIcon variant="subtle" color="gray" size={20} aria-label="Clear" onClick={clear}>
            <CloseIcon size={12} />
          </ActionIcon>
        )
      }
      onChange={(event) => setTyped(event.currentTarget.value)}
      onKeyDown={(event) => {
        if (event.key === "Escape" && typed !== "") clear();
        if (event.key === "Enter") onEnter?.(event.shiftKey);
      }}
    />
  );
}
