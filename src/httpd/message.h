#pragma once

// What a handler sees of HTTP: a request that is parsed, decoded and bounded, and the answer to it. Values; no I/O.

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json.h"
#include "base/result.h"

namespace gyre::httpd {

using Pairs = std::vector<std::pair<std::string, std::string>>;

struct Request {
    std::string method;                 // upper case; a HEAD request reaches the GET handler as "HEAD"
    std::string path;                   // as sent, without the query (which may hold a token and is kept out of logs)
    std::vector<std::string> segments;  // of the path, percent-decoded; never "." or "..", never with NUL
    Pairs params;                       // values of the route's placeholders
    Pairs query;                        // decoded, in order; a key may come several times
    Pairs headers;                      // names in lower case
    std::string peer;                   // address of the other end; of the unix socket "unix:PROCESS"
    bool local = false;                 // came through the unix socket
    std::string body;                   // of plain routes: the whole, within the route's limit
    std::string caller;                 // whom the route's gatekeeper let in; empty where there is none

    std::string_view header(std::string_view lower_case_name) const;      // empty when absent
    const std::string& param(std::string_view name) const;                // of the route; empty when it has no such
    std::optional<std::string> query_value(std::string_view name) const;  // the first of that name
    std::vector<std::string> query_values(std::string_view name) const;
    // A whole number of the query within [least, most]; absent: `fallback`; anything else: `invalid` with its name.
    Result<std::int64_t> query_number(std::string_view name, std::int64_t fallback, std::int64_t least,
                                      std::int64_t most) const;
};

struct Response {
    int status = 200;
    Pairs headers;  // without content-length, date and connection, which are ours; later entries of a name win
    std::string body;
    std::string_view lasting;  // instead of `body`: bytes that outlive the server (embedded files)
    bool close = false;        // end the connection after this answer

    Response& with(std::string name, std::string value) &;
    Response&& with(std::string name, std::string value) &&;
    std::string_view bytes() const { return lasting.empty() ? std::string_view(body) : lasting; }
};

Response json_answer(const json::value& value, int status = 200);
Response text_answer(std::string text, int status = 200);
// {"message": "..."}: the form of every error, and of answers that say no more than that.
Response message_answer(int status, std::string_view message);
Response error_answer(const Error& error);

int status_of(Fault fault);
std::string_view reason_phrase(int status);

// The path and query of a request line. `invalid`: not origin-form, bad percent-encoding, a segment "." or ".." (also
// behind an encoded slash), NUL or another control character, more than 64 segments or 200 query fields.
struct Target {
    std::string path;
    std::vector<std::string> segments;
    Pairs query;
};
Result<Target> parse_target(std::string_view target);

// Fields of application/x-www-form-urlencoded text: `+` is a space, %XX a byte.
Result<Pairs> parse_form(std::string_view text);
std::string percent_encode(std::string_view text, bool keep_slashes = false);

}  // namespace gyre::httpd
