#include "apps/gyre/secret_keys.h"

#include <fcntl.h>
#include <unistd.h>

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

Result<void> replace_file(const std::string& path, const std::string& text) {
    const std::string temporary = path + "." + random_token(8);
    const Fd out(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    const bool written = out && ::write(out.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
                         ::fsync(out.get()) == 0 && std::rename(temporary.c_str(), path.c_str()) == 0;
    if (written) return {};
    const auto failed = errno_error("writing " + path);
    ::unlink(temporary.c_str());
    return failed;
}

}  // namespace

std::string hidden_directory_of(const std::string& key_file) {
    if (key_file.empty()) return {};
    const auto directory = std::filesystem::absolute(key_file).lexically_normal().parent_path();
    constexpr auto least = 3;  // with the root: hiding /etc would hide what jobs need
    return std::distance(directory.begin(), directory.end()) < least ? "" : directory.string();
}

Result<std::unique_ptr<identity::Vault>> open_vault(const ServerSettings& settings, const DataDirectory& data,
                                                    SecretStore& store) {
    const bool own = settings.secrets_key_file.empty();
    const std::string path = own ? data.file("secrets.key") : settings.secrets_key_file;
    GYRE_TRY_ASSIGN(const auto in_use, store.keys());
    if (!own && hidden_directory_of(path).empty())
        return invalid(
            "secrets_key_file: name a file in a directory of its own, such as /etc/gyre/secrets.key; jobs "
            "do not see that directory");
    // A key made now would open nothing of what is there.
    if (own && in_use.empty()) GYRE_TRY(data.key("secrets.key"));
    auto vault = identity::Vault::open(store, [path] { return read_keys(path); });
    if (!vault) return vault.error().during("keys of secrets");
    return vault;
}

Result<void> add_secrets_key(const std::string& path) {
    std::string before;
    if (std::filesystem::exists(std::filesystem::symlink_status(path))) {
        GYRE_TRY_ASSIGN(before, read_private_file(path, identity::KeyRing::largest_file));
    }
    const std::string text = identity::new_key_line() + before;
    const auto keys = identity::KeyRing::parse(text);
    if (!keys) return keys.error().during(path);
    return replace_file(path, text);
}

}  // namespace gyre::apps
