import { memo, type CSSProperties } from "react";

import type { Line } from "../../shared/terminal/line";
import { plain, type Colour, type Style } from "../../shared/terminal/style";
import styles from "./OutputView.module.css";

function ink(value: Colour): string | undefined {
  return typeof value === "number" ? `var(--ansi-${value})` : value;
}

function ground(value: Colour): string | undefined {
  return typeof value === "number" && value < 8 ? `var(--ansi-bg-${value})` : ink(value);
}

function cssOf({ fg, bg, inverse }: Style): CSSProperties {
  if (inverse)
    return {
      color: ground(bg) ?? "var(--term-bg)",
      backgroundColor: ink(fg) ?? "var(--term-text)",
    };
  const black = fg === 0 && bg !== undefined; // elsewhere grey, to be seen
  return {
    color: black ? "var(--term-bg)" : ink(fg),
    backgroundColor: ground(bg),
  };
}

const flags = ["bold", "dim", "italic", "underline", "strike"] as const;

function classesOf(style: Style): string {
  return flags
    .filter((flag) => style[flag])
    .map((flag) => styles[flag])
    .join(" ");
}

// A line as text nodes: whatever bytes a job writes, they never become markup.
export const LineText = memo(function LineText({ line }: { line: Line }) {
  if (typeof line === "string") return line;
  return line.map(({ text, style }, index) =>
    style === plain ? (
      text
    ) : (
      <span key={index} className={classesOf(style)} style={cssOf(style)}>
        {text}
      </span>
    ),
  );
});
