#include <algorithm>

#include "base/digest.h"
#include "fuzz/entries.h"
#include "identity/private_ssh_key.h"
#include "identity/ssh_key_blob.h"

namespace gyre::fuzz {
namespace {

constexpr std::size_t longest_sentence = 1000;

// What a person is told is of our words: a key may be anywhere in what was handed in.
std::string check_refusal(const std::string& message) {
    const auto printable = [](char c) { return c >= ' ' && c <= '~'; };
    if (message.empty()) return "a refusal says nothing";
    if (message.size() > longest_sentence) return "a refusal says too much";
    return std::all_of(message.begin(), message.end(), printable) ? "" : "a refusal tells of what was handed in";
}

std::string check_key(std::string_view text) {
    const auto key = identity::read_private_ssh_key(text);
    if (!key) return check_refusal(key.error().message);
    if (key->text.empty() || key->text.back() != '\n') return "a key does not end its last line";
    const auto again = identity::read_private_ssh_key(key->text);
    if (!again) return "a key cannot be read again: " + again.error().message;
    const bool same = again->text == key->text && again->public_blob == key->public_blob;
    return same && key->public_line() == again->public_line() ? "" : "a key reads differently";
}

}  // namespace

// As text, and as what stands in OpenSSH's armour: its base64 would hide most mutations.
std::string ssh_key(std::string_view bytes) {
    if (auto wrong = check_key(bytes); !wrong.empty()) return wrong;
    const auto part = identity::public_part(bytes);
    if (!part) {
        if (auto wrong = check_refusal(part.error().message); !wrong.empty()) return wrong;
    }
    return check_key("-----BEGIN OPENSSH PRIVATE KEY-----\n" + to_base64(std::string(bytes)) +
                     "\n-----END OPENSSH PRIVATE KEY-----\n");
}

}  // namespace gyre::fuzz
