#pragma once

// What S3 refuses, in words that tell the administrator what to do. Pure.

#include <optional>
#include <string>
#include <string_view>

#include "adapters/s3/location.h"
#include "adapters/s3/transport.h"
#include "base/clock.h"
#include "base/result.h"

namespace gyre::s3 {

// An answer that is no success.
struct Refusal {
    int status = 0;
    std::string code;     // "NoSuchKey"; empty when the answer told none
    std::string message;  // the server's own words, bounded and printable
    std::string region;   // where the bucket is, when the server told
    std::string date;     // the answer's header Date
};

Refusal refusal_in(const HttpAnswer& answer);
// "Fri, 24 May 2013 00:00:00 GMT", as headers have it.
std::optional<Timestamp> http_date(std::string_view text);

// Another try may go better, without anything being changed.
bool is_passing(const Refusal& refusal);
// The keys are unknown or have expired: others may be there by now.
bool is_about_keys(const Refusal& refusal);

// `action`: the permission that the request needs ("s3:PutObject").
Error explain(const Refusal& refusal, const Location& location, const std::string& action, Timestamp now);

}  // namespace gyre::s3
