import { useRef } from "react";

import { useShortcuts } from "../keyboard";
import styles from "./Filter.module.css";

interface Props {
  label: string;
  value: string;
  onChange: (value: string) => void;
  shortcut?: boolean; // "/" puts the cursor here
}

export function Filter({ label, value, onChange, shortcut = false }: Props) {
  const input = useRef<HTMLInputElement>(null);
  const focus = () => {
    input.current?.focus();
    input.current?.select();
  };
  useShortcuts(shortcut ? { "/": focus } : {});
  return (
    <span className={styles.filter}>
      <input
        ref={input}
        type="search"
        aria-label={label}
        aria-keyshortcuts={shortcut ? "/" : undefined}
        placeholder={label}
        value={value}
        onChange={(event) => onChange(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === "Escape") event.currentTarget.blur();
        }}
      />
      {shortcut && <kbd aria-hidden="true">/</kbd>}
    </span>
  );
}
