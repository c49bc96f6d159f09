#pragma once

// What commands print on: colours only on a terminal (and not with NO_COLOR), tables, durations with units.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "model/status.h"

namespace gyre::apps {

enum class Colour { plain, red, green, yellow, blue, grey, bold };

// Whether standard output shows colours.
bool shows_colours();
std::string coloured(Colour colour, std::string_view text);
Colour colour_of_status(std::string_view status);

// Columns padded to their widest cell; the first row is the heading (printed bold). Cells may have any text in them.
void print_table(std::vector<std::vector<std::string>> rows);

// Takes the whole lines off `text`, each with the mark in front; what has no end yet stays, unless it is very long.
std::string take_marked_lines(const std::string& mark, std::string& text);

std::string human_duration(std::int64_t millis);  // "850 ms", "12.3 s", "4 min 05 s", "2 h 03 min"
std::string human_bytes(std::int64_t bytes);      // "812 B", "3.4 kB", "1.2 GB"
std::string human_memory(std::int64_t bytes);     // which comes in powers of two: "512 MiB", "1.5 GiB"

}  // namespace gyre::apps
