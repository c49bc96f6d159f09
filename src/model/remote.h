#pragma once

// What may be a git remote, and how its URL is told apart from the password in it. Pure.

#include <string>

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

// "https://host:port" of an http(s) URL that has no user; empty for other remotes.
std::string origin_of(const std::string& url);

}  // namespace gyre
