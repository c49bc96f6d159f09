#pragma once

// Where the keys come from, first that has some: the file that a setting names; the environment (AWS_ACCESS_KEY_ID,
// AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN), read once; the machine's role, asked of the instance metadata service
// (IMDSv2 only) and renewed five minutes before they end. Thread-safe. Messages never hold a key.
//
// The file is of the form of ~/.aws/credentials, and nobody but its owner may read it:
//     [default]
//     aws_access_key_id = ...
//     aws_secret_access_key = ...
//     aws_session_token = ...        (optional)

#include <optional>
#include <string>

#include "adapters/s3/sigv4.h"
#include "adapters/s3/transport.h"
#include "base/clock.h"
#include "base/guarded.h"
#include "base/result.h"

namespace gyre::s3 {

Result<Keys> read_key_file(const std::string& path);

struct CredentialSettings {
    std::string file;                                 // empty: none
    std::optional<Keys> environment;                  // keys_in_environment()
    std::string metadata = "http://169.254.169.254";  // empty: not asked
};
// The two places that the environment tells of: its keys, and AWS_EC2_METADATA_DISABLED and
// AWS_EC2_METADATA_SERVICE_ENDPOINT.
CredentialSettings settings_in_environment();
// Takes the keys out of this process's environment, so that what it starts does not get them. Before threads begin.
void forget_environment();

class Credentials {
public:
    explicit Credentials(CredentialSettings settings) : settings_(std::move(settings)), transport_({}) {}

    Result<Keys> keys(Timestamp now);
    // The server refused these as unknown or expired: the next call looks again, where that may help.
    void refuse(const Keys& keys);
    // Words for people: "the file /etc/gyre/s3.keys".
    std::string origin() const;

private:
    struct Held {
        std::optional<Keys> keys;
        std::optional<Timestamp> end;
    };
    Result<Held> ask_metadata();
    Result<std::string> ask(const std::string& method, const std::string& path, std::vector<std::string> headers);

    CredentialSettings settings_;
    Transport transport_;
    Guarded<Held> held_;
};

}  // namespace gyre::s3
