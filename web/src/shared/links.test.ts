import { expect, it } from "vitest";

import { formatAnchor, parseAnchor } from "./lineAnchor";
import { links, parseJobPath } from "./links";

it("finds the slug and number in a job's address", () => {
  expect(parseJobPath("git/shop/12")).toEqual({ slug: "git/shop", number: 12 });
  expect(parseJobPath("gh/acme/shop/7")?.slug).toBe("gh/acme/shop");
});

it.each(["", "12", "git/shop", "git/shop/0", "git/shop/x", "git//3"])("finds no job in %j", (path) => {
  expect(parseJobPath(path)).toBeUndefined();
});

it("keeps the filter in a link to pipelines", () => {
  expect(links.pipelines({ project: "git/shop", branch: "a b" })).toBe("/pipelines?project=git%2Fshop&branch=a+b");
});

it("reads what it writes as a line's anchor", () => {
  expect(parseAnchor(formatAnchor({ step: 101, line: 42 }))).toEqual({
    step: 101,
    line: 42,
  });
  expect(parseAnchor("#0")).toEqual({ step: 0, line: undefined });
  expect(parseAnchor("#main")).toBeUndefined();
});
