#pragma once

// What may be a git remote, and how its URL is told apart from the password in it. Pure.

#include <string>
#include <vector>

#include "base/result.h"

namespace gyre {

// `invalid`, with what to write instead, unless the text can safely stand where git expects a remote: an absolute path;
// an http(s), ssh, git or file URL; [user@]host:path. Never an option, never a transport that runs programs ("ext::").
// At most 2000 bytes. Passwords only in http(s) URLs. The message never quotes the remote.
Result<void> check_remote(const std::string& remote);

// A remote without what is secret in it.
struct BareRemote {
    std::string url;       // of http(s): without user and password; of others: without a password
    std::string user;      // of http(s) only, percent-decoded; empty: the URL names none
    std::string password;  // the same
};
BareRemote without_credentials(const std::string& remote);

// How git reaches a remote without its password in any argument or file: by a credential helper that answers for the
// remote's scheme, host and port only, from the environment of that git.
struct GitAccess {
    std::string url;                       // stands where git expects the remote
    std::vector<std::string> config;       // -c options, before the verb
    std::vector<std::string> environment;  // "NAME=value"; secret
};
GitAccess access_to(const std::string& remote);

}  // namespace gyre
