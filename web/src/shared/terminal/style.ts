// Text styles of a terminal, changed by SGR parameters (ECMA-48 8.3.117; 38/48 with 5;n and 2;r;g;b as in xterm).

// 0..15: the palette, coloured by CSS; a string: an exact colour.
export type Colour = number | string | undefined;

export interface Style {
  readonly fg: Colour;
  readonly bg: Colour;
  readonly bold: boolean;
  readonly dim: boolean;
  readonly italic: boolean;
  readonly underline: boolean;
  readonly inverse: boolean;
  readonly strike: boolean;
}

export const plain: Style = {
  fg: undefined,
  bg: undefined,
  bold: false,
  dim: false,
  italic: false,
  underline: false,
  inverse: false,
  strike: false,
};

const toggles: Record<number, Partial<Style>> = {
  1: { bold: true },
  2: { dim: true },
  3: { italic: true },
  4: { underline: true },
  7: { inverse: true },
  9: { strike: true },
  21: { underline: true },
  22: { bold: false, dim: false },
  23: { italic: false },
  24: { underline: false },
  27: { inverse: false },
  29: { strike: false },
  39: { fg: undefined },
  49: { bg: undefined },
};

function basicColour(code: number): Partial<Style> | undefined {
  if (code >= 30 && code <= 37) return { fg: code - 30 };
  if (code >= 40 && code <= 47) return { bg: code - 40 };
  if (code >= 90 && code <= 97) return { fg: code - 82 };
  if (code >= 100 && code <= 107) return { bg: code - 92 };
  return undefined;
}

function indexed(n: number): Colour {
  if (!(n >= 0 && n <= 255)) return undefined;
  if (n < 16) return n;
  if (n >= 232) {
    const grey = 8 + (n - 232) * 10;
    return `rgb(${grey},${grey},${grey})`;
  }
  const level = (value: number) => (value === 0 ? 0 : 55 + value * 40);
  const cube = n - 16;
  return `rgb(${level(Math.floor(cube / 36))},${level(Math.floor(cube / 6) % 6)},${level(cube % 6)})`;
}

// The colour after 38 or 48 at `at`, and how many parameters it took.
function extended(params: readonly number[], at: number): { colour: Colour; taken: number } {
  if (params[at] === 5) return { colour: indexed(params[at + 1] ?? -1), taken: 2 };
  if (params[at] !== 2) return { colour: undefined, taken: 1 };
  const channels = params.slice(at + 1, at + 4).map((c) => c & 255);
  return {
    colour: channels.length === 3 ? `rgb(${channels.join()})` : undefined,
    taken: 4,
  };
}

const interned = new Map<string, Style>();

// Few styles are in use at once and lines keep references to them; equal styles are one object.
function intern(style: Style): Style {
  const key = JSON.stringify(Object.values({ ...plain, ...style }));
  if (interned.size > 4096) interned.clear();
  const known = interned.get(key);
  if (known) return known;
  interned.set(key, style);
  return style;
}

interned.set(JSON.stringify(Object.values(plain)), plain);

export function applySgr(style: Style, params: readonly number[]): Style {
  let next = style;
  for (let at = 0; at < params.length; at += 1) {
    const code = params[at] ?? 0;
    if (code === 38 || code === 48) {
      const { colour, taken } = extended(params, at + 1);
      next = { ...next, [code === 38 ? "fg" : "bg"]: colour };
      at += taken;
    } else if (code === 0) next = plain;
    else next = { ...next, ...(toggles[code] ?? basicColour(code)) };
  }
  return intern(next);
}
