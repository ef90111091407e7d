/** Copies a text and says so. */

import { ActionIcon, Tooltip } from "@mantine/core";
import { type ReactNode, useEffect, useState } from "react";
import { copyText } from "./copy-text.ts";
import { CheckIcon, CopyIcon } from "./icons.tsx";

const SAY_SO_MS = 1500;

interface CopyButtonProps {
  /** A function is asked when the button is pressed, for a text that is long to put together. */
  readonly text: string | (() => string);
  /** What is copied, for the button's name: "Copy path". */
  readonly label: string;
  readonly size?: number;
  readonly tabIndex?: number;
  /** In place of the two sheets. */
  readonly icon?: ReactNode;
}

export function CopyButton({ text, label, size = 24, tabIndex, icon }: CopyButtonProps) {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return undefined;
    const timer = setTimeout(() => setCopied(false), SAY_SO_MS);
    return () => clearTimeout(timer);
  }, [copied]);
  return (
    <Tooltip label={copied ? "Copied" : label} openDelay={400}>
      <ActionIcon
        variant="subtle"
        color="gray"
        size={size}
        aria-label={copied ? "Copied" : label}
        {...(tabIndex === undefined ? {} : { tabIndex })}
        onClick={(event) => {
          event.stopPropagation();
          void copyText(typeof text === "string" ? text : text()).then(() => setCopied(true));
        }}
      >
        {copied ? <CheckIcon size={14} /> : (icon ?? <CopyIcon size={14} />)}
      </ActionIcon>
    </Tooltip>
  );
}
