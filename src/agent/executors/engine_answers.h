#pragma once

// Reading what a container engine says: values out of JSON of any shape, the lines of a pull's progress, the frames of
// a log. Pure. A value that is missing or of another type reads as empty, 0 or false.

#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "agent/executors/engine_client.h"
#include "base/json.h"
#include "base/result.h"

namespace gyre::agent {

const json::value* find(const json::value& from, std::initializer_list<std::string_view> path);
std::string text_at(const json::value& from, std::initializer_list<std::string_view> path);
std::int64_t number_at(const json::value& from, std::initializer_list<std::string_view> path);
bool flag_at(const json::value& from, std::initializer_list<std::string_view> path);
bool has_any_at(const json::value& from, std::initializer_list<std::string_view> path);  // entries of a list

ImageFacts read_image(const json::value& image);
// Of an image's description, or of its place in a list.
std::vector<std::string> names_of_image(const json::value& image);
// "1.41" when it lies between the engine's oldest and newest, else the nearer of them; empty when it speaks neither.
std::string settle_version(std::string_view oldest, std::string_view newest);

// Collects a stream of JSON texts, one a line, and hands on each. Ends with the stream's own "error", if there is one.
class PullStream {
public:
    explicit PullStream(std::function<void(const PullEvent&)> progress) : progress_(std::move(progress)) {}
    Result<void> take(std::string_view bytes);
    Result<void> finish();

private:
    Result<void> line(std::string_view text);

    std::function<void(const PullEvent&)> progress_;
    std::string rest_;
    std::size_t total_ = 0;
};

// The text of a log in the engine's frames: 8 bytes {stream, 0, 0, 0, length in big endian}, then the bytes.
std::string unframe_log(std::string_view bytes);

}  // namespace gyre::agent
