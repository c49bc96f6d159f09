import { useState } from "react";

const KEY = "gyre.wrap";

// Whether long lines are wrapped: the reader's choice, kept in this browser.
export function useWrap(): [boolean, (wrap: boolean) => void] {
  const [wrap, setWrap] = useState(() => localStorage.getItem(KEY) !== "no");
  const choose = (next: boolean) => {
    localStorage.setItem(KEY, next ? "yes" : "no");
    setWrap(next);
  };
  return [wrap, choose];
}
