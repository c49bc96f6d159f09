#!/usr/bin/env python3
"""Turns a folder into a table of embedded files: web_assets.{h,cpp,S}.

usage: embed.py <folder> <output folder>

The assembler file names each file with .incbin, so a large asset costs no compile time. Outputs are written only when
their text changes; each file's hash is in the text, so a changed asset is assembled again.
"""
import hashlib
import mimetypes
import pathlib
import re
import sys

TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/x-icon",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".map": "application/json",
    ".mjs": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".webmanifest": "application/manifest+json",
    ".woff2": "font/woff2",
}

HEADER = """\
// The built web UI, embedded by tools/embed.py. Views point into the executable and live as long as the process.
#pragma once

#include <span>
#include <string_view>

struct WebAsset {
    std::string_view path;          // as requested, with the leading slash: /index.html
    std::string_view content_type;  // ready for the header line
    std::string_view bytes;
    bool immutable;                 // the name carries a hash of the content, so clients may keep it for ever
};

// Sorted by path. Empty when the build was told to leave the UI out.
std::span<const WebAsset> web_assets();
"""


def content_type(name):
    suffix = pathlib.PurePath(name).suffix
    return TYPES.get(suffix) or mimetypes.guess_type(name)[0] or "application/octet-stream"


def is_immutable(path):
    """Vite puts what carries a content hash into assets/: assets/index-Bx3k9Q2a.js."""
    return re.fullmatch(r"/assets/.*[-.][A-Za-z0-9_-]{8,}\.\w+", path) is not None


def c_string(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def assembler(files):
    lines = ["/* made by tools/embed.py */", ".section .rodata"]
    for index, (path, file) in enumerate(files):
        lines += [
            f"/* {path} sha256 {hashlib.sha256(file.read_bytes()).hexdigest()} */",
            f".global gyre_web_asset_{index}_begin",
            f".global gyre_web_asset_{index}_end",
            ".balign 16",
            f"gyre_web_asset_{index}_begin:",
            f".incbin {c_string(str(file))}",
            f"gyre_web_asset_{index}_end:",
            ".byte 0",
        ]
    return "\n".join(lines + ['.section .note.GNU-stack,"",%progbits', ""])


def table(files):
    lines = ["// made by tools/embed.py", '#include "web_assets.h"', "", "#include <array>", "", 'extern "C" {']
    for index in range(len(files)):
        lines.append(f"extern const char gyre_web_asset_{index}_begin[], gyre_web_asset_{index}_end[];")
    lines += ["}", "", "std::span<const WebAsset> web_assets() {",
              f"    static const std::array<WebAsset, {len(files)}> table = {{{{"]
    for index, (path, _) in enumerate(files):
        name = f"gyre_web_asset_{index}"
        lines.append(f"        {{{c_string(path)}, {c_string(content_type(path))}, "
                     f"{{{name}_begin, {name}_end}}, {str(is_immutable(path)).lower()}}},")
    lines += ["    }};", "    return table;", "}", ""]
    return "\n".join(lines)


def write_if_changed(path, text):
    if not path.exists() or path.read_text() != text:
        path.write_text(text)


def main():
    folder, out = (pathlib.Path(argument).resolve() for argument in sys.argv[1:3])
    out.mkdir(parents=True, exist_ok=True)
    files = sorted(("/" + file.relative_to(folder).as_posix(), file) for file in folder.rglob("*") if file.is_file())
    write_if_changed(out / "web_assets.h", HEADER)
    write_if_changed(out / "web_assets.cpp", table(files))
    write_if_changed(out / "web_assets.S", assembler(files))


if __name__ == "__main__":
    main()
