#include "agent/executors/oci_images.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <ctime>
#include <filesystem>
#include <optional>
#include <utility>

#include "agent/executors/container_parts.h"
#include "agent/executors/disk_meter.h"
#include "agent/executors/kept_images.h"
#include "agent/executors/sandbox_tree.h"
#include "agent/executors/small_files.h"
#include "agent/live_lock.h"
#include "agent/spread_directory.h"
#include "base/ascii.h"
#include "base/digest.h"
#include "base/json.h"
#include "base/log.h"

namespace gyre::agent {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t largest_description = largest_small_file;  // of a manifest or a configuration
constexpr std::string_view digest_prefix = "sha256:";
constexpr int written_within_s = 60;  // is a small file, if its writer lives
constexpr int look_again_ms = 100;    // whether another agent has fetched the image

std::string hex_of(const std::string& digest) { return digest.substr(digest_prefix.size()); }

std::optional<std::string> digest_at(const json::object& from) {
    const auto* value = from.if_contains("digest");
    if (value == nullptr || !value->is_string() || !is_image_digest(value->get_string())) return {};
    return std::string(value->get_string());
}

Result<json::object> read_object(const std::string& path) {
    GYRE_TRY_ASSIGN(json::value parsed, parse_json(read_text(path), {.bytes = largest_description, .depth = 32}));
    if (!parsed.is_object()) return invalid(path + " is no JSON object");
    return std::move(parsed.get_object());
}

// The digest of the configuration of the one image of an OCI layout.
Result<std::string> config_digest(const std::string& layout) {
    const auto damaged = [](const char* what) { return invalid(std::string("its ") + what + " names no digest"); };
    GYRE_TRY_ASSIGN(const json::object index, read_object(layout + "/index.json"));
    const auto* manifests = index.if_contains("manifests");
    const auto* list = manifests != nullptr ? manifests->if_array() : nullptr;
    const auto* first = list != nullptr && list->size() == 1 ? list->front().if_object() : nullptr;
    const auto manifest_digest = first != nullptr ? digest_at(*first) : std::nullopt;
    if (!manifest_digest) return damaged("index");
    GYRE_TRY_ASSIGN(const json::object manifest, read_object(layout + "/blobs/sha256/" + hex_of(*manifest_digest)));
    const auto* config = manifest.if_contains("config");
    const auto digest = config != nullptr && config->is_object() ? digest_at(config->get_object()) : std::nullopt;
    if (!digest) return damaged("manifest");
    return *digest;
}

StoredImage stored(const OciImageConfig& image) {
    return {.id = image.facts.id,
            .digest = image.facts.digest,
            .user = image.facts.user,
            .preserve_entrypoint = image.facts.preserve_entrypoint,
            .environment = image.environment,
            .entrypoint = image.entrypoint,
            .command = image.command,
            .working_directory = image.working_directory};
}

OciImageConfig restored(const StoredImage& image) {
    return {.facts = {image.id, image.digest, image.user, image.preserve_entrypoint},
            .environment = image.environment,
            .entrypoint = image.entrypoint,
            .command = image.command,
            .working_directory = image.working_directory};
}

// A directory that sweeps leave alone while this lives, and that goes with it.
class Workshop {
public:
    static Result<Workshop> make(const std::string& directory) {
        const Fd held = hold_directory(directory);
        std::string path = directory + "/new-XXXXXX";
        if (mkdtemp(path.data()) == nullptr) return errno_error("making a directory in " + directory);
        Fd lock(open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
        if (!lock || flock(lock.get(), LOCK_EX) != 0) return errno_error("locking " + path);
        return Workshop(std::move(path), std::move(lock));
    }
    Workshop(Workshop&& other) noexcept : path_(std::exchange(other.path_, {})), lock_(std::move(other.lock_)) {}
    Workshop& operator=(Workshop&&) = delete;
    ~Workshop() {
        if (!path_.empty()) (void)remove_tree(path_);
    }
    const std::string& path() const { return path_; }

private:
    Workshop(std::string path, Fd lock) : path_(std::move(path)), lock_(std::move(lock)) {}
    std::string path_;
    Fd lock_;
};

Result<PullLogin> login_of(const ImageWish& wish, const ImageReference& image) {
    static const std::vector<wire::RegistryLogin> none;
    return login_for(*wish.container, image, *wish.variables, wish.logins != nullptr ? *wish.logins : none);
}

// A file with credentials, for the time of one call.
class CredentialsFile {
public:
    static Result<CredentialsFile> make(const ImageWish& wish, const ImageReference& image) {
        GYRE_TRY_ASSIGN(const PullLogin login, login_of(wish, image));
        std::string path = wish.scratch + "/registries.json";
        GYRE_TRY(write_text(path, registry_file(image.registry, login.username, login.password)));
        return CredentialsFile(std::move(path));
    }
    CredentialsFile(CredentialsFile&& other) noexcept : path_(std::exchange(other.path_, {})) {}
    CredentialsFile& operator=(CredentialsFile&&) = delete;
    ~CredentialsFile() {
        if (!path_.empty()) unlink(path_.c_str());
    }
    const std::string& path() const { return path_; }

private:
    explicit CredentialsFile(std::string path) : path_(std::move(path)) {}
    std::string path_;
};

Result<std::string> call_skopeo(const ImageWish& wish, std::vector<std::string> argv, const ImageReference& image) {
    GYRE_TRY_ASSIGN(const Finished finished,
                    run_tool({.argv = std::move(argv), .output_limit = largest_description, .cancel = wish.cancel}));
    if (finished.exit_code == 0) return finished.out;
    GYRE_TRY_ASSIGN(const PullLogin login, login_of(wish, image));
    return explain_pull(image.text(), unavailable(said_by_tool(finished.err)), login.source);
}

// Waits for another agent that fetches the same image; its lock ends with it.
Result<Fd> lock_patiently(const std::string& path, int cancel) {
    for (;;) {
        if (auto mine = try_lock(path, O_CREAT)) return std::move(*mine);
        if (access(fs::path(path).parent_path().c_str(), W_OK) != 0) return errno_error("locking " + path);
        pollfd stop{cancel, POLLIN, 0};
        if (poll(&stop, 1, look_again_ms) > 0) return unavailable("stopped while the job's place was made");
    }
}

// By another name first: an image is whole, or not there.
bool remove_unused(const std::string& path) {
    const auto lock = lock_unused(path);
    if (!lock) return false;
    const std::string gone =
        fs::path(path).parent_path().parent_path().string() + "/new-" + fs::path(path).filename().string();
    if (rename(path.c_str(), gone.c_str()) != 0) return false;
    if (const auto removed = remove_tree(gone); !removed) log::warn("oci", "{}", removed.error().message);
    return true;
}

std::vector<KeptImage> kept_in(const std::string& images) {
    std::vector<KeptImage> all;
    std::error_code failed;
    for (const auto& entry : fs::directory_iterator(images, failed)) {
        const auto image = from_json_text<StoredImage>(read_text(entry.path() / "image.json"));
        all.push_back({entry.path(), image ? image->digest : "", image ? image->bytes : 0});
    }
    return all;
}

void remove_half_made(const std::string& directory) {
    std::error_code failed;
    for (const auto& entry : fs::directory_iterator(directory, failed)) {
        if (!entry.path().filename().string().starts_with("new-")) continue;
        Fd held = hold_directory(directory);
        const Fd lock(open(entry.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
        held.reset();
        if (lock && flock(lock.get(), LOCK_EX | LOCK_NB) == 0) (void)remove_tree(entry.path());
    }
}

// Locks of agents that were killed while they fetched.
void remove_locks_of_nobody(const std::string& directory) {
    std::error_code failed;
    for (const auto& entry : fs::directory_iterator(directory, failed)) {
        if (!entry.path().filename().string().starts_with("fetching-")) continue;
        if (const auto unused = try_lock(entry.path(), 0)) unlink(entry.path().c_str());
    }
}

// Names whose image is gone, and what was being written when an agent was killed.
void remove_names_of_nothing(const std::string& directory) {
    std::error_code failed;
    for (const auto& entry : fs::directory_iterator(directory + "/names", failed)) {
        struct stat facts {};
        const bool is_new =
            lstat(entry.path().c_str(), &facts) != 0 || time(nullptr) - facts.st_mtime < written_within_s;
        const bool is_half_made = entry.path().filename().string().find(".new-") != std::string::npos;
        const std::string digest = read_text(entry.path());
        const bool stands = is_image_digest(digest) && fs::exists(directory + "/images/" + hex_of(digest));
        if (is_half_made ? !is_new : !stands) unlink(entry.path().c_str());
    }
}

}  // namespace

bool is_image_digest(std::string_view text) {
    if (!text.starts_with(digest_prefix)) return false;
    const auto hex = text.substr(digest_prefix.size());
    return hex.size() == 64 && hex.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

bool is_loopback_registry(std::string_view registry) {
    if (registry.starts_with("[::1]")) return true;
    const auto host = registry.substr(0, registry.find(':'));
    if (host == "localhost") return true;
    return host.starts_with("127.") && std::ranges::count(host, '.') == 3 &&
           host.find_first_not_of("0123456789.") == std::string_view::npos;
}

std::string registry_file(const std::string& registry, const std::string& username, const std::string& password) {
    json::object logins;
    if (!username.empty() || !password.empty()) {
        const std::string key = registry.empty() ? std::string(docker_hub) : registry;
        logins[key] = json::object{{"auth", to_base64(username + ":" + password)}};
    }
    return json::serialize(json::object{{"auths", std::move(logins)}});
}

std::string skopeo_source(const ImageReference& image, const std::string& digest) {
    if (!digest.empty()) return "docker://" + image.name + "@" + digest;
    return "docker://" + image.text();
}

Error explain_unpack(const std::string& image, const Finished& unpacked) {
    const std::string said = said_by_tool(unpacked.err);
    const std::string what = "image " + image + " could not be unpacked: " + said;
    const bool was_killed = unpacked.exit_code > 128 || said.empty();
    const bool is_ours =
        says_any(said, {"mkdir rootfs", "no space left", "quota exceeded", "input/output error", "read-only file",
                        "cannot allocate memory", "too many open files", "operation not permitted", "permission denied",
                        "stale file handle", "too many links"});
    return was_killed || is_ours ? unavailable(what) : invalid(what + "; build and push it anew");
}

std::string OciImages::place_of(const std::string& digest) const { return directory_ + "/images/" + hex_of(digest); }

std::string OciImages::known_digest(const ImageReference& image) const {
    if (image.by_digest) return is_image_digest(image.version) ? image.version : "";
    std::string digest = read_text(directory_ + "/names/" + sha256_hex(image.text()));
    return is_image_digest(digest) ? digest : "";
}

void OciImages::note_digest(const ImageReference& image, const std::string& digest) const {
    const auto noted = write_text(directory_ + "/names/" + sha256_hex(image.text()), digest);
    if (!noted) log::warn("oci", "{}", noted.error().message);
}

// `not_found` where it is not here (any more).
Result<OciImage> OciImages::use(const std::string& digest) const {
    if (digest.empty()) return not_found("no digest is known");
    const std::string place = place_of(digest);
    GYRE_TRY_ASSIGN(Fd used, use_image(place));
    auto image = from_json_text<StoredImage>(read_text(place + "/image.json"));
    if (!image || image->digest != digest || access((place + "/root").c_str(), F_OK) != 0)
        return not_found(place + " is not there");
    return OciImage{restored(*image), place + "/root", std::move(used)};
}

Result<OciImage> OciImages::have(const ImageWish& wish) {
    GYRE_TRY_ASSIGN(const ImageReference image, parse_image_reference(wish.container->image));
    for (const char* part : {"", "/names", "/images"}) GYRE_TRY(make_directory(directory_ + part));
    let_children_spread(directory_);  // images are unpacked in it
    auto present = use(known_digest(image));
    if (present && !image.moves()) {
        wish.say("Using image " + image.text() + ", which is on this machine");
        return present;
    }
    auto fetched = fetch(wish, image);
    if (fetched) {
        wish.say("Using image " + image.text() + " " + fetched->config.facts.digest);
        return fetched;
    }
    if (!present || fetched.error().fault != Fault::unavailable) return fetched;
    wish.say(fetched.error().message);
    wish.say("Using the image " + image.text() + " that is on this machine; it may be out of date");
    return present;
}

Result<OciImage> OciImages::fetch(const ImageWish& wish, const ImageReference& image) {
    wish.say("Pulling " + image.text());
    GYRE_TRY_ASSIGN(const CredentialsFile credentials, CredentialsFile::make(wish, image));
    std::vector<std::string> argv{tools_.skopeo, "inspect", "--raw", "--authfile", credentials.path()};
    if (is_loopback_registry(image.registry)) argv.emplace_back("--tls-verify=false");
    argv.push_back(skopeo_source(image, ""));
    GYRE_TRY_ASSIGN(const std::string manifest, call_skopeo(wish, std::move(argv), image));
    const std::string digest = image.by_digest ? image.version : std::string(digest_prefix) + sha256_hex(manifest);
    if (!is_image_digest(digest)) return invalid("image " + image.text() + ": only digests of sha256 can be used here");
    GYRE_TRY_ASSIGN(const Fd alone, lock_patiently(directory_ + "/fetching-" + hex_of(digest), wish.cancel));
    auto present = use(digest);
    if (!present && present.error().fault == Fault::not_found) present = unpack(wish, image, digest);
    unlink((directory_ + "/fetching-" + hex_of(digest)).c_str());
    if (present) note_digest(image, digest);
    return present;
}

Result<OciImage> OciImages::unpack(const ImageWish& wish, const ImageReference& image, const std::string& digest) {
    GYRE_TRY_ASSIGN(const Workshop workshop, Workshop::make(directory_));
    GYRE_TRY_ASSIGN(const CredentialsFile credentials, CredentialsFile::make(wish, image));
    const std::string& at = workshop.path();
    std::vector<std::string> argv{tools_.skopeo, "--insecure-policy", "--tmpdir",        at,
                                  "copy",        "--src-authfile",    credentials.path()};
    if (is_loopback_registry(image.registry)) argv.emplace_back("--src-tls-verify=false");
    argv.insert(argv.end(), {skopeo_source(image, digest), "oci:" + at + "/layout:image"});
    GYRE_TRY(call_skopeo(wish, std::move(argv), image));
    const auto unusable = [&](const Error& error) {
        return invalid("image " + image.text() + " cannot be used here: " + error.message);
    };
    const auto config = config_digest(at + "/layout");
    if (!config) return unusable(config.error());
    auto described = read_image_config(read_text(at + "/layout/blobs/sha256/" + hex_of(*config)));
    if (!described) return unusable(described.error());
    described->facts.id = *config;
    described->facts.digest = digest;
    GYRE_TRY(make_directory(at + "/image"));
    GYRE_TRY_ASSIGN(const Finished unpacked,
                    run_tool({.argv = {tools_.umoci, "raw", "unpack", "--image", "layout:image", "image/root"},
                              .directory = at,
                              .cancel = wish.cancel}));
    if (unpacked.exit_code != 0) return explain_unpack(image.text(), unpacked);
    StoredImage facts = stored(*described);
    GYRE_TRY_ASSIGN(facts.bytes, bytes_below(at + "/image/root", -1));
    GYRE_TRY(write_text(at + "/image/image.json", to_json_text(facts)));
    GYRE_TRY(write_text(at + "/image/lock", ""));
    (void)remove_unused(place_of(digest));  // a damaged one, if any
    if (rename((at + "/image").c_str(), place_of(digest).c_str()) != 0)
        return errno_error("moving image " + image.text() + " to " + place_of(digest));
    return use(digest);
}

std::vector<std::string> OciImages::keep_within(std::int64_t bytes) {
    remove_half_made(directory_);
    remove_locks_of_nobody(directory_);
    std::vector<std::string> gone;
    // One agent at a time: what another is about to remove does not look removed yet.
    const auto alone = try_lock(directory_ + "/tidying", O_CREAT);
    if (bytes > 0 && alone) {
        gone = remove_longest_unused(
            kept_in(directory_ + "/images"), [&](std::int64_t total) { return total > bytes; },
            [](const KeptImage& image) { return remove_unused(image.place); });
    }
    remove_names_of_nothing(directory_);
    return gone;
}

}  // namespace gyre::agent
