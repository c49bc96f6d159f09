#include "agent/executors/engine_answers.h"

#include <charconv>
#include <utility>

namespace gyre::agent {
namespace {

constexpr std::size_t longest_line = 1 << 20;
constexpr std::size_t longest_stream = 256 << 20;
constexpr std::string_view preserve_label = "com.circleci.preserve-entrypoint";

using ApiVersion = std::pair<int, int>;
constexpr ApiVersion ours{1, 41};
constexpr ApiVersion oldest_known{1, 25};

ApiVersion parse_api(std::string_view text) {
    ApiVersion version{0, 0};
    const char* end = text.data() + text.size();
    const auto major = std::from_chars(text.data(), end, version.first);
    if (major.ec != std::errc{} || major.ptr == end || *major.ptr != '.') return {0, 0};
    if (std::from_chars(major.ptr + 1, end, version.second).ec != std::errc{}) return {0, 0};
    return version;
}

}  // namespace

const json::value* find(const json::value& from, std::initializer_list<std::string_view> path) {
    const json::value* at = &from;
    for (const auto key : path) {
        const auto* object = at->if_object();
        at = object ? object->if_contains(key) : nullptr;
        if (at == nullptr) return nullptr;
    }
    return at;
}

std::string text_at(const json::value& from, std::initializer_list<std::string_view> path) {
    const auto* found = find(from, path);
    const auto* text = found ? found->if_string() : nullptr;
    return text ? std::string(*text) : std::string();
}

std::int64_t number_at(const json::value& from, std::initializer_list<std::string_view> path) {
    const auto* found = find(from, path);
    const auto* number = found ? found->if_int64() : nullptr;
    return number ? *number : 0;
}

bool flag_at(const json::value& from, std::initializer_list<std::string_view> path) {
    const auto* found = find(from, path);
    const auto* flag = found ? found->if_bool() : nullptr;
    return flag && *flag;
}

bool has_any_at(const json::value& from, std::initializer_list<std::string_view> path) {
    const auto* found = find(from, path);
    const auto* list = found ? found->if_array() : nullptr;
    return list && !list->empty();
}

std::string settle_version(std::string_view oldest, std::string_view newest) {
    const auto upper = parse_api(newest);
    const auto version = std::max(parse_api(oldest), std::min(ours, upper));
    if (upper < oldest_known || version > upper) return {};
    return std::to_string(version.first) + '.' + std::to_string(version.second);
}

ImageFacts read_image(const json::value& image) {
    ImageFacts facts;
    facts.id = text_at(image, {"Id"});
    facts.user = text_at(image, {"Config", "User"});
    facts.preserve_entrypoint = text_at(image, {"Config", "Labels", preserve_label}) == "true";
    const auto* digests = find(image, {"RepoDigests"});
    if (digests && digests->is_array() && !digests->get_array().empty() && digests->get_array()[0].is_string()) {
        const std::string first(digests->get_array()[0].get_string());
        facts.digest = first.substr(first.find('@') + 1);
    }
    facts.names = names_of_image(image);
    return facts;
}

// Docker says "<none>:<none>" of none.
std::vector<std::string> names_of_image(const json::value& image) {
    std::vector<std::string> names;
    for (const char* key : {"RepoTags", "RepoDigests"}) {
        const auto* list = find(image, {key});
        const auto* entries = list != nullptr ? list->if_array() : nullptr;
        if (entries == nullptr) continue;
        for (const auto& entry : *entries) {
            const auto* name = entry.if_string();
            if (name != nullptr && !name->empty() && !name->starts_with("<none>")) names.emplace_back(*name);
        }
    }
    return names;
}

Result<void> PullStream::take(std::string_view bytes) {
    total_ += bytes.size();
    if (total_ > longest_stream) return too_large("the engine's progress report is endless");
    for (auto end = bytes.find('\n'); end != std::string_view::npos; end = bytes.find('\n')) {
        rest_.append(bytes.substr(0, end));
        bytes.remove_prefix(end + 1);
        GYRE_TRY(line(std::exchange(rest_, {})));
    }
    rest_.append(bytes);
    if (rest_.size() > longest_line) return too_large("a line of the engine's progress report has more than 1 MB");
    return {};
}

Result<void> PullStream::finish() { return line(std::exchange(rest_, {})); }

Result<void> PullStream::line(std::string_view text) {
    while (!text.empty() && (text.back() == '\r' || text.back() == ' ')) text.remove_suffix(1);
    if (text.empty()) return {};
    auto parsed = parse_json(text, {longest_line, 16});
    if (!parsed) return unavailable("the engine's progress report cannot be read: " + parsed.error().message);
    std::string failed = text_at(*parsed, {"errorDetail", "message"});
    if (failed.empty()) failed = text_at(*parsed, {"error"});
    if (!failed.empty()) return unavailable(failed);
    const std::string status = text_at(*parsed, {"status"});
    const std::string layer = text_at(*parsed, {"id"});
    if (progress_) progress_({status, layer});
    return {};
}

std::string unframe_log(std::string_view bytes) {
    std::string text;
    while (bytes.size() >= 8) {
        std::size_t length = 0;
        for (std::size_t i = 4; i < 8; ++i) length = length << 8 | static_cast<unsigned char>(bytes[i]);
        bytes.remove_prefix(8);
        text.append(bytes.substr(0, length));
        bytes.remove_prefix(std::min(length, bytes.size()));
    }
    return text;
}

}  // namespace gyre::agent
