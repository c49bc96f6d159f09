#pragma once

// The forms that settings of text must have. Errors are `invalid` and say what is wanted; whoever calls knows the
// setting's name and where its value came from. Pure.

#include <cstdint>
#include <string>

#include "base/result.h"

namespace gyre::apps {

struct ListenAddress {
    std::string host;  // an address: "127.0.0.1", "::1"
    std::uint16_t port = 0;

    std::string text() const;  // as part of a URL: "127.0.0.1:8080", "[::1]:8080"
};
// "ADDRESS:PORT"; an IPv6 address stands in brackets.
Result<ListenAddress> parse_listen(const std::string& text);

struct PortRange {
    int first = 0;  // 0: there is none
    int last = 0;
};
// "FIRST-LAST", or "off".
Result<PortRange> parse_port_range(const std::string& text);

// An IPv4 or IPv6 address without brackets. Empty is fine.
Result<void> check_address(const std::string& text);

// "http://host[:port][/path]" or https; answers it without a slash at its end. Empty is fine, and stays so.
Result<std::string> parse_base_url(const std::string& text);

// A name for people and labels: at most 100 letters, digits, '.', '-', '_'. Empty is fine.
Result<void> check_name(const std::string& text);

// A path without control characters; `absolute`: from the root. Empty is fine.
Result<void> check_path(const std::string& text, bool absolute);

// Of a container engine: empty, "none", or the absolute path of its unix socket.
Result<void> check_engine(const std::string& text);
// "auto", "elsewhere" or a number.
Result<void> check_gpus(const std::string& text);

}  // namespace gyre::apps
