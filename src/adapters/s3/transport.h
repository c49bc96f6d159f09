#pragma once

// One HTTP request by libcurl: proxies as the environment names them (HTTPS_PROXY, NO_PROXY), TLS with the system's
// authorities or one's own, connections kept between calls. Never follows a redirect and never tries twice: that is for
// who knows what the request means. Thread-safe; calls block.

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"

namespace gyre::s3 {

struct FilePart {
    int file = -1;  // stays the caller's
    std::int64_t offset = 0;
    std::int64_t length = 0;
};

struct HttpRequest {
    std::string method = "GET";
    std::string url;
    std::vector<std::string> headers;               // "name: value"
    std::variant<std::string_view, FilePart> body;  // sent with PUT and POST; views must live until the answer
    std::size_t answer_limit = 1 << 20;             // bytes of the answer's body
    std::chrono::milliseconds patience{60'000};     // for the whole
    bool direct = false;                            // past every proxy
};

struct HttpAnswer {
    int status = 0;
    std::vector<std::pair<std::string, std::string>> headers;  // names in lower case
    std::string body;

    bool ok() const { return status >= 200 && status < 300; }
    std::string_view header(std::string_view lower_case_name) const;  // empty when absent
};

struct TransportSettings {
    std::string ca_file;  // PEM; empty: the system's authorities
    std::chrono::milliseconds connect_patience{5'000};
    std::chrono::seconds silence{20};  // with hardly a byte moving
};

class Transport {
public:
    explicit Transport(TransportSettings settings);
    ~Transport();

    // `unavailable`: nothing came back, or not all of it; another try may go better. `invalid`: none will (a
    // certificate, a file that cannot be read). `too_large`: the answer.
    Result<HttpAnswer> send(const HttpRequest& request);

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace gyre::s3
