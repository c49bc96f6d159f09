#include "agent/executors/oci_images.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <optional>
#include <utility>

#include "agent/executors/sandbox_tree.h"
#include "agent/live_lock.h"
#include "base/ascii.h"
#include "base/digest.h"
#include "base/json.h"
#include "base/log.h"

namespace gyre::agent {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t largest_description = 4 << 20;  // of a manifest or a configuration
constexpr std::string_view digest_prefix = "sha256:";
constexpr int look_again_ms = 100;  // whether another agent has fetched the image

std::string read_text(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    std::string text(largest_description + 1, '\0');
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(std::max<std::streamsize>(file.gcount(), 0)));
    return text;
}

// By renaming: nobody reads a half of it.
Result<void> write_text(const std::string& path, const std::string& text, mode_t mode = 0600) {
    const std::string made = path + ".new-" + std::to_string(getpid());
    const Fd file(open(made.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode));
    if (!file || write(file.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size()) ||
        rename(made.c_str(), path.c_str()) != 0)
        return errno_error("writing " + path);
    return {};
}

Result<void> make_directory(const std::string& path) {
    if (mkdir(path.c_str(), 0700) == 0 || errno == EEXIST) return {};
    return errno_error("making " + path);
}

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

std::int64_t bytes_below(const std::string& path) {
    std::int64_t bytes = 0;
    std::error_code failed;
    for (fs::recursive_directory_iterator entry(path, fs::directory_options::skip_permission_denied, failed), end;
         !failed && entry != end; entry.increment(failed)) {
        struct stat facts {};
        if (lstat(entry->path().c_str(), &facts) == 0) bytes += std::int64_t{facts.st_blocks} * 512;
    }
    return bytes;
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

// A file with credentials, for the time of one call.
class CredentialsFile {
public:
    static Result<CredentialsFile> make(const ImageWish& wish, const std::string& registry) {
        std::string username;
        std::string password;
        if (const auto& auth = wish.container->auth) {
            const auto expand = [&](const std::string& text) {
                auto expanded = expand_variables(text, *wish.variables);
                return expanded
                           ? expanded
                           : Result<std::string>(expanded.error().during("auth of image " + wish.container->image));
            };
            GYRE_TRY_ASSIGN(username, expand(auth->username));
            GYRE_TRY_ASSIGN(password, expand(auth->password));
        }
        std::string path = wish.scratch + "/registries.json";
        GYRE_TRY(write_text(path, registry_file(registry, username, password)));
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
    return explain_pull(image.text(), unavailable(said_by_tool(finished.err)), wish.container->auth.has_value());
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

void touch(const std::string& path) { utimensat(AT_FDCWD, path.c_str(), nullptr, 0); }

struct Kept {
    std::string path;
    std::int64_t bytes = 0;
    timespec used{};
    std::string digest;
};

// Whether an open lock is that of the image that stands there now, and not of one that was removed meanwhile.
bool is_of(const Fd& lock, const std::string& place) {
    struct stat held {};
    struct stat named {};
    return fstat(lock.get(), &held) == 0 && lstat((place + "/lock").c_str(), &named) == 0 &&
           held.st_ino == named.st_ino;
}

// By another name first: an image is whole, or not there.
bool remove_unused(const std::string& path) {
    const Fd lock(open((path + "/lock").c_str(), O_RDWR | O_CLOEXEC));
    if (!lock && errno != ENOENT) return false;
    if (lock && (flock(lock.get(), LOCK_EX | LOCK_NB) != 0 || !is_of(lock, path))) return false;
    const std::string gone =
        fs::path(path).parent_path().parent_path().string() + "/new-" + fs::path(path).filename().string();
    if (rename(path.c_str(), gone.c_str()) != 0) return false;
    if (const auto removed = remove_tree(gone); !removed) log::warn("oci", "{}", removed.error().message);
    return true;
}

std::vector<Kept> kept_in(const std::string& images) {
    std::vector<Kept> all;
    std::error_code failed;
    for (const auto& entry : fs::directory_iterator(images, failed)) {
        const auto image = from_json_text<StoredImage>(read_text(entry.path() / "image.json"));
        struct stat facts {};
        if (lstat((entry.path() / "lock").c_str(), &facts) != 0) facts = {};
        all.push_back({entry.path(), image ? image->bytes : 0, facts.st_mtim, image ? image->digest : ""});
    }
    std::ranges::sort(all, [](const Kept& a, const Kept& b) {
        return std::pair(a.used.tv_sec, a.used.tv_nsec) < std::pair(b.used.tv_sec, b.used.tv_nsec);
    });
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
        const std::string key = registry.empty() ? "docker.io" : registry;
        logins[key] = json::object{{"auth", to_base64(username + ":" + password)}};
    }
    return json::serialize(json::object{{"auths", std::move(logins)}});
}

std::string skopeo_source(const ImageReference& image, const std::string& digest) {
    if (!digest.empty()) return "docker://" + image.name + "@" + digest;
    return "docker://" + image.text();
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
    Fd lock(open((place + "/lock").c_str(), O_RDWR | O_CLOEXEC));
    if (!lock && errno != ENOENT) return errno_error("opening " + place + "/lock");
    if (!lock || flock(lock.get(), LOCK_SH) != 0 || !is_of(lock, place)) return not_found(place + " is not there");
    auto image = from_json_text<StoredImage>(read_text(place + "/image.json"));
    if (!image || image->digest != digest || access((place + "/root").c_str(), F_OK) != 0)
        return not_found(place + " is not there");
    touch(place + "/lock");
    return OciImage{restored(*image), place + "/root", std::move(lock)};
}

Result<OciImage> OciImages::have(const ImageWish& wish) {
    GYRE_TRY_ASSIGN(const ImageReference image, parse_image_reference(wish.container->image));
    for (const char* part : {"", "/names", "/images"}) GYRE_TRY(make_directory(directory_ + part));
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
    GYRE_TRY_ASSIGN(const CredentialsFile credentials, CredentialsFile::make(wish, image.registry));
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
    GYRE_TRY_ASSIGN(const CredentialsFile credentials, CredentialsFile::make(wish, image.registry));
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
    if (unpacked.exit_code != 0)
        return unavailable("image " + image.text() + " could not be unpacked: " + said_by_tool(unpacked.err));
    StoredImage facts = stored(*described);
    facts.bytes = bytes_below(at + "/image/root");
    GYRE_TRY(write_text(at + "/image/image.json", to_json_text(facts)));
    GYRE_TRY(write_text(at + "/image/lock", ""));
    (void)remove_unused(place_of(digest));  // a damaged one, if any
    if (rename((at + "/image").c_str(), place_of(digest).c_str()) != 0)
        return errno_error("moving image " + image.text() + " to " + place_of(digest));
    return use(digest);
}

std::vector<std::string> OciImages::keep_within(std::int64_t bytes) {
    std::vector<std::string> gone;
    remove_half_made(directory_);
    if (bytes <= 0) return gone;
    const auto all = kept_in(directory_ + "/images");
    std::int64_t total = 0;
    for (const auto& one : all) total += one.bytes;
    for (const auto& one : all) {
        if (total <= bytes) break;
        if (!remove_unused(one.path)) continue;
        total -= one.bytes;
        gone.push_back(one.digest);
    }
    return gone;
}

}  // namespace gyre::agent
