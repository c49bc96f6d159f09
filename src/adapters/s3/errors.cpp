#include "adapters/s3/errors.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <ctime>
#include <optional>

#include "adapters/s3/xml.h"

namespace gyre::s3 {
namespace {

std::string shown(std::string text, std::size_t most) {
    text.resize(std::min(text.size(), most));
    for (char& c : text) {
        if (c < ' ' || c > '~') c = ' ';
    }
    return text;
}

template <std::size_t count>
bool is_one_of(const std::string& code, const std::array<const char*, count>& codes) {
    return std::any_of(codes.begin(), codes.end(), [&](const char* one) { return code == one; });
}

constexpr std::array passing_codes{"InternalError", "ServiceUnavailable", "SlowDown", "RequestTimeout", "Throttling",
                                   "ThrottlingException", "OperationAborted", "RequestLimitExceeded", "TooManyRequests",
                                   "RequestThrottled", "BandwidthLimitExceeded",
                                   // VersityGW, while somebody else removes an object of that name.
                                   "ExistingObjectIsDirectory"};
constexpr std::array upload_codes{"NoSuchUpload", "InvalidPart", "InvalidPartOrder"};
constexpr std::array key_codes{"ExpiredToken", "InvalidAccessKeyId", "InvalidToken", "TokenRefreshRequired",
                               "XAdminUserNotFound"};  // VersityGW

std::string clock_advice(const Refusal& refusal, Timestamp now) {
    std::string text = "this machine's clock is wrong";
    if (const auto there = http_date(refusal.date)) {
        const auto off = std::chrono::duration_cast<std::chrono::seconds>(now - *there).count();
        text += " by " + std::to_string(std::llabs(off)) + " s (it is " + (off > 0 ? "ahead" : "behind") + ")";
    }
    return text + ": set it by NTP";
}

std::string region_advice(const Refusal& refusal, const Location& location) {
    const std::string there = refusal.region.empty() ? "in another region" : "in the region " + refusal.region;
    return "the bucket " + location.bucket() + " is " + there + ", not in " + location.region() +
           ": change the setting objects_region" + (refusal.region.empty() ? ", or objects_endpoint" : "");
}

std::string denied_advice(const Location& location, const std::string& action) {
    const bool bucket = action.starts_with("s3:List");
    return "access is denied: the keys need the permission " + action + " on arn:aws:s3:::" + location.bucket() +
           (bucket ? "" : "/" + location.prefix() + "*") +
           (action == "s3:GetObject"
                ? ", and s3:ListBucket on the bucket, without which what is not there is denied, too"
                : "") +
           "; where the bucket is encrypted with a key of KMS, its use as well";
}

std::string told(const Refusal& refusal) {
    std::string text = "the answer was " + std::to_string(refusal.status);
    if (!refusal.code.empty()) text += " " + refusal.code;
    if (!refusal.message.empty()) text += ": " + refusal.message;
    return text;
}

Error about_keys(const Refusal& refusal) {
    if (refusal.code == "ExpiredToken" || refusal.code == "TokenRefreshRequired")
        return denied("the keys have expired: put new ones into the file that objects_credentials names");
    if (refusal.code == "InvalidToken") return denied("the session token does not belong to the keys");
    return denied("the access key is not known there: look at the setting objects_credentials, or at the environment");
}

}  // namespace

std::optional<Timestamp> http_date(std::string_view text) {
    const std::string copy(text.substr(0, 64));
    std::tm parts{};
    if (::strptime(copy.c_str(), "%a, %d %b %Y %H:%M:%S", &parts) == nullptr) return std::nullopt;
    return Timestamp{std::chrono::seconds{::timegm(&parts)}};
}

Refusal refusal_in(const HttpAnswer& answer) {
    Refusal refusal{.status = answer.status,
                    .code = {},
                    .message = {},
                    .region = shown(std::string(answer.header("x-amz-bucket-region")), 64),
                    .date = shown(std::string(answer.header("date")), 64)};
    const auto parsed = parse_xml(answer.body);
    if (!parsed) return refusal;
    const Element* error = parsed->name == "Error" ? &*parsed : parsed->child("Error");
    if (!error) return refusal;
    refusal.code = shown(error->text_of("Code"), 64);
    refusal.message = shown(error->text_of("Message"), 300);
    if (refusal.region.empty()) refusal.region = shown(error->text_of("Region"), 64);
    return refusal;
}

bool is_passing(const Refusal& refusal) {
    const bool status = refusal.status == 429 || refusal.status == 408 ||
                        (refusal.status >= 500 && refusal.status != 501 && refusal.status != 505);
    return status || is_one_of(refusal.code, passing_codes);
}

bool is_about_keys(const Refusal& refusal) { return is_one_of(refusal.code, key_codes); }

Error explain(const Refusal& refusal, const Location& location, const std::string& action, Timestamp now) {
    const auto& code = refusal.code;
    if (is_passing(refusal)) return unavailable("it is overloaded or out of order; " + told(refusal));
    if (code == "RequestTimeTooSkewed") return unavailable(clock_advice(refusal, now));
    if (code == "NoSuchBucket")
        return invalid("there is no bucket " + location.bucket() + " at " + location.host() +
                       ": make it, or correct the setting objects");
    if (refusal.status == 301 || refusal.status == 307 || code == "PermanentRedirect" ||
        code == "AuthorizationHeaderMalformed" || code == "IllegalLocationConstraintException")
        return invalid(region_advice(refusal, location));
    if (is_about_keys(refusal)) return about_keys(refusal);
    if (code == "SignatureDoesNotMatch")
        return denied("the secret key does not belong to the access key, or a proxy changes what is sent");
    if (is_one_of(code, upload_codes)) return conflict("it knows the upload, or a part of it, no more (" + code + ")");
    // S3 answers every GET with words: without them it was somebody in between, who knows nothing of objects.
    if (refusal.status == 404 && code.empty() && action == "s3:GetObject")
        return unavailable("the answer was 404 without a word of S3's: a proxy, or no S3 at objects_endpoint");
    if (code == "NoSuchKey" || (refusal.status == 404 && code.empty())) return not_found("there is no such object");
    if (refusal.status == 403 || refusal.status == 401) {
        return denied(denied_advice(location, action) + (code.empty() ? "" : "; " + told(refusal)));
    }
    if (code == "QuotaExceeded" || refusal.status == 507) return unavailable("the store is full; " + told(refusal));
    if (code == "EntityTooLarge") return too_large("the object is too large for it; " + told(refusal));
    return invalid("it refuses the request of " + action + "; " + told(refusal));
}

}  // namespace gyre::s3
