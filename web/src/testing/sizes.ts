import { vi } from "vitest";

// jsdom lays nothing out. Gives scrollers a height and rows another, so that what is in view can be told.
export function giveSizes(view = 600, row = 20): void {
  vi.spyOn(HTMLElement.prototype, "offsetHeight", "get").mockImplementation(function (this: HTMLElement) {
    return this.dataset.index === undefined ? view : row;
  });
  vi.spyOn(HTMLElement.prototype, "offsetWidth", "get").mockReturnValue(1000);
  vi.spyOn(Element.prototype, "clientHeight", "get").mockReturnValue(view);
  vi.spyOn(Element.prototype, "scrollHeight", "get").mockImplementation(function (this: Element) {
    const rows = this.firstElementChild as HTMLElement | null;
    return parseFloat(rows?.style.height ?? "0");
  });
}
