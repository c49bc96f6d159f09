#include "agent/ssh/host_key.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <optional>

#include "base/fd.h"
#include "base/random.h"

namespace gyre::agent {
namespace {

Result<std::optional<OwnedSshKey>> read_key(const std::string& path) {
    const Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    if (!file && errno == ENOENT) return std::optional<OwnedSshKey>();
    if (!file) return errno_error("reading " + path);
    std::array<char, 8192> text{};
    const auto got = ::read(file.get(), text.data(), text.size() - 1);
    ssh_key key = nullptr;
    if (got <= 0 || ssh_pki_import_privkey_base64(text.data(), nullptr, nullptr, nullptr, &key) != SSH_OK)
        return corrupt(path + " holds no key: remove it, and the next job with SSH makes another");
    return std::optional<OwnedSshKey>(OwnedSshKey(key));
}

Result<std::string> new_key() {
    ssh_key made = nullptr;
    if (ssh_pki_generate(SSH_KEYTYPE_ED25519, 0, &made) != SSH_OK) return unavailable("making a host key failed");
    const OwnedSshKey key(made);
    char* text = nullptr;
    if (ssh_pki_export_privkey_base64(key.get(), nullptr, nullptr, nullptr, &text) != SSH_OK)
        return unavailable("making a host key failed");
    std::string result(text);
    ssh_string_free_char(text);
    return result;
}

// Whole, or not at all; who comes second finds the first one's.
Result<void> make_key(const std::string& path) {
    GYRE_TRY_ASSIGN(const std::string text, new_key());
    const std::string draft = path + "." + random_token(8);
    const Fd file(::open(draft.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (!file) return errno_error("making " + draft);
    const bool written =
        ::write(file.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size()) && ::fsync(file.get()) == 0;
    const bool placed = written && (::link(draft.c_str(), path.c_str()) == 0 || errno == EEXIST);
    const auto failed = errno_error("writing " + path);
    ::unlink(draft.c_str());
    return placed ? Result<void>() : failed;
}

}  // namespace

Result<HostKey> host_key_at(const std::string& path) {
    GYRE_TRY_ASSIGN(auto key, read_key(path));
    if (!key) {
        GYRE_TRY(make_key(path));
        GYRE_TRY_ASSIGN(key, read_key(path));
    }
    if (!key) return unavailable("the host key at " + path + " is gone");
    std::string fingerprint = fingerprint_of(key->get());
    return HostKey{std::move(*key), std::move(fingerprint)};
}

std::string fingerprint_of(ssh_key key) {
    unsigned char* hash = nullptr;
    std::size_t size = 0;
    if (ssh_get_publickey_hash(key, SSH_PUBLICKEY_HASH_SHA256, &hash, &size) != 0) return {};
    char* text = ssh_get_fingerprint_hash(SSH_PUBLICKEY_HASH_SHA256, hash, size);
    std::string result = text != nullptr ? text : "";
    ssh_string_free_char(text);
    ssh_clean_pubkey_hash(&hash);
    return result;
}

}  // namespace gyre::agent
