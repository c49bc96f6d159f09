#pragma once

// A client of a fake S3 that loses no time with pauses.

#include <chrono>
#include <memory>
#include <string>

#include "adapters/s3/blob_store.h"
#include "adapters/s3/client.h"
#include "ports/contract/temp_folder.h"
#include "support/fake_s3.h"

namespace gyre::s3 {

inline constexpr Tries quick{.most = 4,
                             .whole = std::chrono::seconds{60},
                             .first_pause = std::chrono::milliseconds{1},
                             .longest_pause = std::chrono::milliseconds{2}};

struct Store {
    test::FakeS3 fake;
    SystemClock clock;
    Credentials credentials;

    explicit Store(test::FakeS3Settings settings = {})
        : fake(std::move(settings)),
          credentials({.file = {},
                       .environment = Keys{fake.settings().access, fake.settings().secret, fake.settings().token},
                       .metadata = {}}) {}

    Location location(const std::string& prefix = "/some/prefix", const std::string& addressing = "auto",
                      const std::string& region = {}) const {
        return Location::parse({.url = "s3://" + fake.settings().bucket + prefix,
                                .endpoint = addressing == "host" ? fake.named_endpoint() : fake.endpoint(),
                                .region = region.empty() ? fake.settings().region : region,
                                .addressing = addressing})
            .value();
    }
    Client client(Tries tries = quick) { return client(location(), tries); }
    Client client(Location at, Tries tries = quick, Encryption encryption = {}) {
        return Client({.location = std::move(at), .encryption = std::move(encryption), .transport = {}, .tries = tries},
                      credentials, clock);
    }
};

}  // namespace gyre::s3
