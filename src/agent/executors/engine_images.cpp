#include "agent/executors/engine_images.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/statvfs.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <filesystem>
#include <optional>
#include <utility>

#include "agent/executors/kept_images.h"
#include "agent/executors/sandbox_tree.h"
#include "agent/executors/small_files.h"
#include "agent/live_lock.h"
#include "base/digest.h"
#include "base/json.h"
#include "base/log.h"

namespace gyre::agent {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::seconds patience{5};
constexpr std::size_t most_names = 1'000;

std::optional<StoredEngineImage> read_note(const std::string& place) {
    auto note = from_json_text<StoredEngineImage>(read_text(place + "/image.json"));
    if (!note || note->id.empty()) return std::nullopt;
    return std::move(*note);
}

// The file that its users lock, locked: nobody removes what is noted under it.
Result<Fd> begin_note(const std::string& place) {
    GYRE_TRY(make_directory(place));
    Fd(open((place + "/lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600)).reset();
    return use_image(place);
}

bool has(const std::vector<std::string>& names, const std::string& name) {
    return std::ranges::find(names, name) != names.end();
}

bool has_all(const std::vector<std::string>& names, const std::vector<std::string>& wanted) {
    return std::ranges::all_of(wanted, [&](const std::string& name) { return has(names, name); });
}

const ListedImage* find_image(const std::vector<ListedImage>& images, const std::string& id) {
    const auto found = std::ranges::find(images, id, &ListedImage::id);
    return found == images.end() ? nullptr : &*found;
}

void forget(const std::string& place) {
    if (const auto removed = remove_tree(place); !removed) log::debug("docker", "{}", removed.error().message);
}

// Whether there is less than we shall leave. No: it cannot be told, as where the engine runs elsewhere.
bool is_short_of_space(const std::string& directory) {
    struct statvfs facts {};
    if (directory.empty() || statvfs(directory.c_str(), &facts) != 0 || facts.f_blocks == 0) return false;
    const auto bytes = [&](fsblkcnt_t blocks) { return static_cast<std::int64_t>(blocks * facts.f_frsize); };
    return bytes(facts.f_bavail) < least_free(bytes(facts.f_blocks));
}

std::string text_of(const EngineStore& store) { return store.id + " " + store.directory; }

// Whether the note was used since then. Yes: it cannot be told.
bool is_newer(const std::string& place, fs::file_time_type time) {
    std::error_code failed;
    const auto used = fs::last_write_time(place + "/lock", failed);
    return failed ? fs::exists(place + "/lock", failed) : used >= time;
}

// Those of the notes below `directory` whose images the engine has and the user did not name. Notes of images that were
// not there go, but for those made since that list was.
std::vector<KeptImage> noted_in(const std::string& directory, const EngineStore& store,
                                const std::vector<ListedImage>& present, fs::file_time_type listed_at) {
    std::vector<KeptImage> noted;
    std::error_code failed;
    for (const auto& entry : fs::directory_iterator(directory, failed)) {
        const std::string place = entry.path();
        const auto note = read_note(place);
        const auto* image = note && note->store == text_of(store) ? find_image(present, note->id) : nullptr;
        if (image == nullptr) {
            if (is_newer(place, listed_at)) continue;
            if (const auto unused = lock_unused(place)) forget(place);
        } else if (has_all(note->names, image->names)) {
            noted.push_back({place, note->names.empty() ? note->id : note->names.front(), image->bytes});
        }
    }
    return noted;
}

// It is looked once more whose it is: the list may be some seconds old.
bool remove_image(EngineClient& engine, const KeptImage& image) {
    const auto unused = lock_unused(image.place);
    const auto note = read_note(image.place);
    if (!unused || !note) return false;
    const auto facts = engine.image(note->id);
    if (!facts || (*facts && !has_all(note->names, (*facts)->names))) return false;
    const auto removed = engine.remove_image(note->id);
    const bool gone = removed || removed.error().fault == Fault::not_found;
    if (gone) forget(image.place);
    if (!gone && removed.error().fault != Fault::conflict)
        log::warn("docker", "image {} could not be removed: {}", image.name, removed.error().message);
    return gone;
}

}  // namespace

std::int64_t least_free(std::int64_t size) {
    constexpr std::int64_t least = 2'000'000'000;
    return std::max(size / 20, least);
}

std::string EngineImages::place_of(const EngineClient& engine) const {
    return directory_ + "/" + engine.facts().name + "-" + sha256_hex(engine.socket()).substr(0, 16);
}

std::string EngineImages::place_of(const EngineClient& engine, const std::string& id) const {
    return place_of(engine) + "/" + sha256_hex(id);
}

Result<bool> EngineImages::use(const EngineClient& engine, const std::string& id) {
    std::error_code failed;
    if (directory_.empty() || !fs::exists(place_of(engine), failed)) return true;  // nobody removes any
    const std::string place = place_of(engine, id);
    if (!fs::exists(place, failed)) return false;
    auto used = use_image(place);
    if (!used && used.error().fault == Fault::not_found) return used.error();
    if (!used) log::warn("docker", "{}", used.error().message);
    if (used) used_.push_back(std::move(*used));
    return used.ok();
}

EngineImages::Before EngineImages::before_pull(EngineClient& engine) const {
    if (directory_.empty()) return std::nullopt;
    auto images = engine.images();
    return images ? Before(std::move(*images)) : std::nullopt;
}

void EngineImages::note_pulled(EngineClient& engine, const Before& before, const ImageFacts& pulled) {
    if (!before || directory_.empty()) return;
    const auto noted = note(engine, *before, pulled);
    if (!noted) log::warn("docker", "image {} is not noted as ours: {}", pulled.id, noted.error().message);
}

std::optional<StoredEngineImage> EngineImages::note_of(const EngineClient& engine, const std::string& id) const {
    return read_note(place_of(engine, id));
}

bool EngineImages::is_users(const EngineClient& engine, const ListedImage& image, const std::string& name) const {
    if (!has(image.names, name)) return false;
    const auto note = note_of(engine, image.id);
    return !note || !has(note->names, name);
}

EngineImages::Names EngineImages::names_given(const EngineClient& engine, const std::vector<ListedImage>& before,
                                              const ImageFacts& pulled) const {
    const ListedImage* there = find_image(before, pulled.id);
    const auto known = there != nullptr ? note_of(engine, pulled.id) : std::nullopt;
    if (there != nullptr && !known) return std::nullopt;
    std::vector<std::string> names = known ? known->names : std::vector<std::string>{};
    for (const auto& name : pulled.names) {
        const auto had_it = [&](const ListedImage& image) { return is_users(engine, image, name); };
        if (there != nullptr && had_it(*there)) continue;
        if (std::ranges::any_of(before, had_it)) return std::nullopt;  // the pull took it from an image of the user's
        if (!has(names, name)) names.push_back(name);
    }
    return names;
}

Result<void> EngineImages::note(EngineClient& engine, const std::vector<ListedImage>& before,
                                const ImageFacts& pulled) {
    const Names names = names_given(engine, before, pulled);
    if (!names) return {};
    if (names->size() > most_names) return too_large("it has more than " + std::to_string(most_names) + " names");
    const bool was_there = find_image(before, pulled.id) != nullptr;
    const auto known = was_there ? note_of(engine, pulled.id) : std::nullopt;
    if (was_there && !known) return {};
    if (known && *names == known->names) {
        GYRE_TRY(use(engine, pulled.id));
        return {};
    }
    GYRE_TRY_ASSIGN(const EngineStore store, engine.store());
    if (known && known->store != text_of(store)) return {};
    for (const auto& place : {directory_, place_of(engine)}) GYRE_TRY(make_directory(place));
    const std::string place = place_of(engine, pulled.id);
    GYRE_TRY_ASSIGN(Fd used, begin_note(place));
    used_.push_back(std::move(used));
    return write_text(place + "/image.json", to_json_text(StoredEngineImage{pulled.id, text_of(store), *names}));
}

std::vector<std::string> EngineImages::keep_within(EngineClient& engine, std::int64_t bytes) const {
    std::error_code failed;
    if (directory_.empty() || bytes <= 0 || !fs::exists(place_of(engine), failed)) return {};
    const auto alone = try_lock(place_of(engine) + ".tidying", O_CREAT);
    if (!alone) return {};  // another agent does it, and what it is about to remove does not look removed yet
    const auto deadline = std::chrono::steady_clock::now() + patience;
    const auto listed_at = fs::file_time_type::clock::now();
    const auto store = engine.store();
    const auto present = store ? engine.images() : store.error();
    if (!present) {
        log::warn("docker", "images are not looked through: {}", present.error().message);
        return {};
    }
    const auto too_much = [&](std::int64_t total) {
        return std::chrono::steady_clock::now() < deadline && (total > bytes || is_short_of_space(store->directory));
    };
    return remove_longest_unused(noted_in(place_of(engine), *store, *present, listed_at), too_much,
                                 [&](const KeptImage& image) { return remove_image(engine, image); });
}

}  // namespace gyre::agent
