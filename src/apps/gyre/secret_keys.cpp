#include "apps/gyre/secret_keys.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>

#include "base/fd.h"
#include "base/private_file.h"
#include "base/random.h"

namespace gyre::apps {
namespace {

Result<identity::KeyRing> read_keys(const std::string& path) {
    GYRE_TRY_ASSIGN(const auto text, read_private_file(path, identity::KeyRing::largest_file));
    auto keys = identity::KeyRing::parse(text);
    if (!keys) return keys.error().during(path);
    return keys;
}

// The file that `path` names, for this call alone; none: it is not there. Another call may have put a new one in its
// place while this one waited.
Result<Fd> hold_file(const std::string& path) {
    for (;;) {
        constexpr int flags = O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;
        Fd file(::open(path.c_str(), O_RDWR | flags));  // which locks want on NFS
        if (!file && errno == EACCES) file = Fd(::open(path.c_str(), O_RDONLY | flags));
        if (!file && errno == ENOENT) return Fd();
        if (!file && errno == ELOOP) return invalid(path + " is a symbolic link: name the file that it leads to");
        struct stat held {};
        struct stat there {};
        if (!file || ::flock(file.get(), LOCK_EX) != 0 || ::fstat(file.get(), &held) != 0)
            return errno_error("opening " + path);
        if (::lstat(path.c_str(), &there) == 0 && held.st_ino == there.st_ino && held.st_dev == there.st_dev)
            return file;
    }
}

// With the owner and mode of `before`, where there is one: whoever calls may be root, and the server is not.
Result<void> write_file(const std::string& path, const std::string& text, const Fd& before) {
    const Fd out(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    struct stat was {};
    if (!out || (before && ::fstat(before.get(), &was) != 0)) return errno_error("writing " + path);
    if (before && (::fchown(out.get(), was.st_uid, was.st_gid) != 0 || ::fchmod(out.get(), was.st_mode & 0700) != 0))
        return errno_error("giving " + path + " to the owner of the file before");
    const auto written = ::write(out.get(), text.data(), text.size());
    if (written != static_cast<ssize_t>(text.size()) || ::fsync(out.get()) != 0) return errno_error("writing " + path);
    return {};
}

// Where no file was `before`, one that another call made meanwhile stays.
Result<void> replace_file(const std::string& path, const std::string& text, const Fd& before) {
    const std::string temporary = path + "." + random_token(8);
    auto done = write_file(temporary, text, before);
    if (done && (before ? std::rename(temporary.c_str(), path.c_str()) : ::link(temporary.c_str(), path.c_str())) != 0)
        done = errno_error("writing " + path);
    ::unlink(temporary.c_str());
    return done ? sync_directory_of(path) : done;
}

}  // namespace

std::string hidden_directory_of(const std::string& key_file) {
    if (key_file.empty()) return {};
    const auto directory = std::filesystem::absolute(key_file).lexically_normal().parent_path();
    constexpr auto least = 3;  // with the root: hiding /etc would hide what jobs need
    return std::distance(directory.begin(), directory.end()) < least ? "" : directory.string();
}

namespace {

Result<std::string> agreed_key(sql::InstallationRecord* shared) {
    if (!shared) return std::string();
    GYRE_TRY_ASSIGN(const auto known, shared->find());
    return known ? known->secrets_key : std::string();
}

// `in_use`: the keys that seal something, all of which the file holds. Where the newest is one of them, another server
// or a later key has taken the agreed one's place.
Result<void> agree_on_key(const std::string& path, sql::InstallationRecord& shared,
                          const std::vector<std::string>& in_use) {
    GYRE_TRY_ASSIGN(const auto known, shared.find());
    if (!known) return {};  // no server began yet
    GYRE_TRY_ASSIGN(const auto keys, read_keys(path));
    GYRE_TRY_ASSIGN(const auto agreed, shared.agree_on_key(keys.newest()));
    const bool sealed_with_newest = std::find(in_use.begin(), in_use.end(), keys.newest()) != in_use.end();
    if (!keys.has(agreed) && !sealed_with_newest)
        return invalid(path + " does not hold the key " + agreed + ", which another server of this database has: " +
                       "secrets that one seals the other could not open. Put that server's file in its place (mode "
                       "0600), or name a file that both share (secrets_key_file)");
    if (agreed == keys.newest()) return {};
    GYRE_TRY(shared.change_key(agreed, keys.newest()));
    GYRE_TRY_ASSIGN(const auto now, shared.agree_on_key(keys.newest()));
    if (now == keys.newest()) return {};
    return unavailable("another server named its newest key of secrets at the same moment: start again");
}

Error no_file(const std::string& path) {
    return invalid("there is no " + path +
                   ", and secrets are sealed with the keys of such a file: bring the one of the "
                   "server that was there before, or of the other servers (mode 0600; docs/admin/secrets.md)");
}

}  // namespace

Result<std::unique_ptr<identity::Vault>> open_vault(const ServerSettings& settings, const DataDirectory& data,
                                                    SecretStore& store, sql::InstallationRecord* shared) {
    const bool own = settings.secrets_key_file.empty();
    const std::string path = own ? data.file("secrets.key") : settings.secrets_key_file;
    GYRE_TRY_ASSIGN(const auto in_use, store.keys());
    if (!own && hidden_directory_of(path).empty())
        return invalid(
            "secrets_key_file: name a file in a directory of its own, such as /etc/gyre/secrets.key; jobs "
            "do not see that directory");
    // A key made now would open nothing of what is there.
    GYRE_TRY_ASSIGN(const auto agreed, agreed_key(shared));
    if (own && in_use.empty() && agreed.empty()) GYRE_TRY(data.key("secrets.key"));
    std::error_code failed;
    if (own && !std::filesystem::exists(path, failed)) return no_file(path);
    auto vault = identity::Vault::open(store, [path] { return read_keys(path); });
    if (!vault) return vault.error().during("keys of secrets");
    if (shared) GYRE_TRY(agree_on_key(path, *shared, in_use));
    return vault;
}

Result<void> check_secret_keys(const ServerSettings& settings, const std::vector<std::string>& in_use) {
    const bool own = settings.secrets_key_file.empty();
    if (own && in_use.empty()) return {};  // the server makes it
    const std::string path = own ? settings.data_dir + "/secrets.key" : settings.secrets_key_file;
    GYRE_TRY_ASSIGN(const auto keys, read_keys(path));
    for (const auto& name : in_use)
        if (!keys.has(name)) return invalid(path + " does not hold the key " + name + ", which seals secrets");
    return {};
}

Result<void> add_secrets_key(const std::string& path) {
    GYRE_TRY_ASSIGN(const Fd held, hold_file(path));
    std::string before;
    if (held) {
        GYRE_TRY_ASSIGN(before, read_private_file(path, identity::KeyRing::largest_file));
    }
    const std::string text = identity::new_key_line() + before;
    const auto keys = identity::KeyRing::parse(text);
    if (!keys) return keys.error().during(path);
    return replace_file(path, text, held);
}

}  // namespace gyre::apps
