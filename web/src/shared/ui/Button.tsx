import type { ButtonHTMLAttributes } from "react";

import styles from "./Button.module.css";
import { Icon, type IconName } from "./Icon";

interface Props extends ButtonHTMLAttributes<HTMLButtonElement> {
  icon?: IconName;
  kind?: "primary" | "plain" | "danger";
  busy?: boolean;
}

export function Button({ icon, kind = "plain", busy = false, children, className = "", ...rest }: Props) {
  return (
    <button
      type="button"
      {...rest}
      className={`${styles.button} ${styles[kind]} ${className}`}
      disabled={rest.disabled || busy}
      aria-busy={busy || undefined}
    >
      {busy ? <Icon name="active" /> : icon && <Icon name={icon} />}
      {children}
    </button>
  );
}
