#include "agent/executors/recent_containers.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <vector>

#include "base/log.h"
#include "base/random.h"

namespace gyre::agent {
namespace {

constexpr std::size_t most_kept = 8;
constexpr std::int64_t kept_ms = 3'600'000;
constexpr std::size_t most_bytes = 256 << 10;
constexpr std::size_t most_bytes_of_one = 16 << 10;

struct Wanted {
    std::int64_t at_ms = 0;
    json::object container;
};

std::optional<Wanted> read_one(const json::value& entry) {
    const auto* object = entry.if_object();
    const auto* at = object == nullptr ? nullptr : object->if_contains("at_ms");
    const auto* container = object == nullptr ? nullptr : object->if_contains("container");
    if (at == nullptr || !at->is_int64() || container == nullptr || !container->is_object()) return std::nullopt;
    return Wanted{at->get_int64(), container->get_object()};
}

std::string start_of(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    std::string text(most_bytes, '\0');
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(file.gcount()));
    return text;
}

std::vector<Wanted> read_recent(const std::string& path, Timestamp now) {
    std::vector<Wanted> recent;
    const auto text = parse_json(start_of(path), {.bytes = most_bytes});
    const auto* entries = text ? text->if_array() : nullptr;
    if (entries == nullptr) return recent;
    for (const auto& entry : *entries) {
        auto one = read_one(entry);
        if (one && one->at_ms <= to_millis(now) && to_millis(now) - one->at_ms < kept_ms)
            recent.push_back(std::move(*one));
    }
    if (recent.size() > most_kept) recent.erase(recent.begin(), recent.end() - most_kept);
    return recent;
}

// By renaming: a torn file would forget them all.
void write_recent(const std::string& path, const std::vector<Wanted>& recent) {
    json::array entries;
    for (const auto& [at_ms, container] : recent) entries.push_back({{"at_ms", at_ms}, {"container", container}});
    const std::string aside = path + "." + random_token(8);
    std::ofstream file(aside);
    file << json::serialize(entries);
    file.close();
    if (file && std::rename(aside.c_str(), path.c_str()) == 0) return;
    log::debug("docker", "what jobs want could not be noted in {}", path);
    std::remove(aside.c_str());
}

}  // namespace

bool RecentContainers::has_any() const { return ::access(path_.c_str(), R_OK) == 0; }

void RecentContainers::note(const json::object& likeness, Timestamp now) const {
    if (json::serialize(likeness).size() > most_bytes_of_one) return;
    auto recent = read_recent(path_, now);
    if (recent.size() == most_kept) recent.erase(recent.begin());
    recent.push_back({to_millis(now), likeness});
    write_recent(path_, recent);
}

std::optional<json::object> RecentContainers::likely(Timestamp now) const {
    const auto recent = read_recent(path_, now);
    const auto wishes_for = [&](const Wanted& one) {
        return std::ranges::count(recent, one.container, &Wanted::container);
    };
    const auto most = std::ranges::max_element(recent, {}, wishes_for);
    if (most == recent.end()) return std::nullopt;
    const auto count = static_cast<std::size_t>(wishes_for(*most));
    if (count < 2 || count * 2 < recent.size()) return std::nullopt;
    return most->container;
}

}  // namespace gyre::agent
