#include "adapters/s3/client.h"

#include <algorithm>
#include <charconv>
#include <random>
#include <thread>

#include "adapters/s3/xml.h"
#include "base/digest.h"
#include "base/log.h"

namespace gyre::s3 {
namespace {

using std::chrono::milliseconds;

const std::string& hash_of_nothing() {
    static const std::string hash = sha256_hex("");
    return hash;
}

std::optional<std::int64_t> number_in(std::string_view text) {
    std::int64_t value = 0;
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (failed != std::errc{} || end != text.data() + text.size() || text.empty() || value < 0) return std::nullopt;
    return value;
}

// "bytes 0-9/443" with the place that was asked for.
std::optional<std::int64_t> size_in_range(std::string_view text, std::int64_t from, std::size_t length) {
    const auto slash = text.find('/');
    const std::string begin =
        "bytes " + std::to_string(from) + "-" + std::to_string(from + static_cast<std::int64_t>(length) - 1) + "/";
    if (slash == std::string_view::npos || !text.starts_with(begin)) return std::nullopt;
    return number_in(text.substr(slash + 1));
}

// Somewhere from nothing to a bound that doubles with each try: many who failed together do not come back together.
milliseconds pause_before(int next_try, const Tries& tries, std::string_view retry_after) {
    thread_local std::minstd_rand dice{std::random_device{}()};
    const auto doubled = tries.first_pause * (std::int64_t{1} << std::min(next_try - 1, 20));
    const auto bound = std::min<milliseconds>(tries.longest_pause, doubled);
    const milliseconds pause{std::uniform_int_distribution<std::int64_t>(0, bound.count())(dice)};
    const auto wished = number_in(retry_after);
    if (!wished || *wished > 3600) return pause;
    return std::max(pause, std::min<milliseconds>(tries.longest_pause, std::chrono::seconds{*wished}));
}

class Place {
public:
    Place(std::atomic<int>& taken, int most) : taken_(taken) { has_ = ++taken_ <= most || most == 0; }
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;
    ~Place() { --taken_; }
    bool has() const { return has_; }

private:
    std::atomic<int>& taken_;
    bool has_ = false;
};

std::optional<Timestamp> date_of(const HttpAnswer& answer) { return http_date(answer.header("date")); }

// What is not known is as if it were now: nothing is taken for old because of it.
std::chrono::seconds time_between(const std::optional<Timestamp>& then, const std::optional<Timestamp>& now) {
    if (!then || !now || *now < *then) return std::chrono::seconds{0};
    return std::chrono::duration_cast<std::chrono::seconds>(*now - *then);
}

std::chrono::seconds time_since(const std::string& iso, const HttpAnswer& answer) {
    const auto then = from_iso(iso);
    return time_between(then ? std::optional<Timestamp>(*then) : std::nullopt, date_of(answer));
}

bool is_tag(const std::string& text) {
    return !text.empty() && text.size() <= 200 &&
           std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c <= '~'; });
}

}  // namespace

struct Client::Call {
    std::string action;  // the permission that it needs
    std::string method;
    std::string path;
    Pairs query = {};
    Pairs headers = {};
    Body body = {std::string_view(), hash_of_nothing()};
    std::size_t answer_limit = 1 << 20;
    std::string wanted = {};     // the element that a good answer is; anything else in "200" is an error
    std::vector<int> fine = {};  // statuses besides 2xx that are an answer
};

namespace {

// What an answer says is wrong with the call; nothing: it is a good one.
std::optional<Refusal> refusal_of(const HttpAnswer& answer, const std::string& wanted, const std::vector<int>& fine) {
    if (!answer.ok() && std::find(fine.begin(), fine.end(), answer.status) == fine.end()) return refusal_in(answer);
    if (wanted.empty() || !answer.ok()) return std::nullopt;
    const auto parsed = parse_xml(answer.body);
    if (parsed && parsed->name == wanted) return std::nullopt;
    Refusal refusal = refusal_in(answer);
    // S3 begins such an answer before it knows how it ends: one that says nothing is to be asked for again.
    if (refusal.code.empty()) refusal.code = "InternalError";
    return refusal;
}

}  // namespace

Client::Client(ClientSettings settings, Credentials& credentials, const Clock& clock)
    : settings_(std::move(settings)),
      credentials_(&credentials),
      clock_(&clock),
      transport_(std::make_shared<Transport>(settings_.transport)),
      calls_(std::make_shared<std::atomic<int>>(0)) {}

Client Client::with(Tries tries) const {
    Client other = *this;
    other.settings_.tries = tries;
    other.settings_.calls_at_once = 0;
    return other;
}

std::string Client::name() const {
    return "the object store " + settings_.location.text() + " at " + settings_.location.host();
}

Result<HttpAnswer> Client::try_once(const Call& call, const Keys& keys, milliseconds patience) {
    const Timestamp now = clock_->now();
    Wanted wanted{.method = call.method,
                  .path = call.path,
                  .query = call.query,
                  .headers = call.headers,
                  .payload_hash = call.body.sha256};
    wanted.headers.emplace_back("host", settings_.location.host());
    wanted.headers.emplace_back("x-amz-content-sha256", call.body.sha256);
    wanted.headers.emplace_back("x-amz-date", amz_date(now));
    if (!keys.token.empty()) wanted.headers.emplace_back("x-amz-security-token", keys.token);
    HttpRequest request{.method = call.method,
                        .url = {},
                        .headers = {},
                        .body = call.body.bytes,
                        .answer_limit = call.answer_limit,
                        .patience = patience};
    const std::string query = query_text(call.query);
    request.url = settings_.location.origin() + uri_encode(call.path, true) + (query.empty() ? "" : "?" + query);
    for (const auto& [name, value] : wanted.headers) request.headers.push_back(name + ": " + value);
    request.headers.push_back("authorization: " +
                              authorization(wanted, {.region = settings_.location.region()}, keys, now));
    return transport_->send(request);
}

Result<HttpAnswer> Client::run(const Call& call) {
    const Place place(*calls_, settings_.calls_at_once);
    if (!place.has()) return unavailable(name() + ": too many calls wait for it");
    const auto deadline = std::chrono::steady_clock::now() + settings_.tries.whole;
    bool asked_for_keys = false;
    Error last = unavailable("nothing was tried");
    for (int made = 1;; ++made) {
        const auto left = std::chrono::duration_cast<milliseconds>(deadline - std::chrono::steady_clock::now());
        const auto keys = credentials_->keys(clock_->now());
        if (!keys) return keys.error();
        const auto answer = try_once(call, *keys, left);
        std::string retry_after;
        if (!answer) {
            last = answer.error().during(name());
            if (last.fault != Fault::unavailable) return last;
        } else {
            const auto refusal = refusal_of(*answer, call.wanted, call.fine);
            if (!refusal) return answer;
            last = explain(*refusal, settings_.location, call.action, clock_->now()).during(name());
            const bool again = is_about_keys(*refusal) && !std::exchange(asked_for_keys, true);
            if (again) credentials_->refuse(*keys);
            if (!again && !is_passing(*refusal)) return last;
            retry_after = answer->header("retry-after");
        }
        const auto pause = pause_before(made, settings_.tries, retry_after);
        if (made >= settings_.tries.most || std::chrono::steady_clock::now() + pause >= deadline) {
            if (made > 1) last.message += " (tried " + std::to_string(made) + " times)";
            return last;
        }
        log::debug("s3", "try {} of {} failed: {}", made, call.action, last.message);
        std::this_thread::sleep_for(pause);
    }
}

Result<HttpAnswer> Client::head(const std::string& key) {
    return run({.action = "s3:GetObject",
                .method = "HEAD",
                .path = settings_.location.object_path(key),
                .fine = {400, 401, 403, 404, 301, 307}});
}

Result<std::int64_t> Client::size(const std::string& key) {
    GYRE_TRY_ASSIGN(const auto facts, look(key));
    if (!facts) return not_found(name() + ": there is no object " + key);
    return facts->size;
}

Result<std::optional<Facts>> Client::look(const std::string& key) {
    GYRE_TRY_ASSIGN(const HttpAnswer answer, head(key));
    if (answer.status == 404) return std::optional<Facts>();
    if (!answer.ok()) {  // without a body it does not say why
        const auto range = read(key, 0, 1);
        if (!range && range.error().fault == Fault::not_found) return std::optional<Facts>();
        if (!range) return range.error();
        return std::optional(Facts{.size = range->size});
    }
    const auto length = number_in(answer.header("content-length"));
    if (!length) return unavailable(name() + ": the answer does not tell the object's size");
    return std::optional(Facts{*length, time_between(http_date(answer.header("last-modified")), date_of(answer))});
}

Result<Range> Client::read(const std::string& key, std::int64_t from, std::int64_t most) {
    const Call call{.action = "s3:GetObject",
                    .method = "GET",
                    .path = settings_.location.object_path(key),
                    .headers = {{"range", "bytes=" + std::to_string(from) + "-" + std::to_string(from + most - 1)}},
                    .answer_limit = static_cast<std::size_t>(most) + (64 << 10),
                    .fine = {416}};
    GYRE_TRY_ASSIGN(HttpAnswer answer, run(call));
    if (answer.status == 416) {
        GYRE_TRY_ASSIGN(const auto size, this->size(key));
        return Range{{}, size};
    }
    if (answer.status == 200 && from == 0 && std::ssize(answer.body) <= most)
        return Range{answer.body, std::ssize(answer.body)};
    const auto size = size_in_range(answer.header("content-range"), from, answer.body.size());
    if (answer.status != 206 || !size || std::ssize(answer.body) != std::min(most, *size - from))
        return unavailable(name() + ": it does not send the part of an object that was asked for");
    return Range{std::move(answer.body), *size};
}

namespace {

Pairs encryption_headers(const Encryption& encryption) {
    Pairs headers;
    if (!encryption.kind.empty()) headers.emplace_back("x-amz-server-side-encryption", encryption.kind);
    if (!encryption.key.empty()) headers.emplace_back("x-amz-server-side-encryption-aws-kms-key-id", encryption.key);
    return headers;
}

}  // namespace

Result<void> Client::write(const std::string& key, const Body& body) {
    GYRE_TRY(run({.action = "s3:PutObject",
                  .method = "PUT",
                  .path = settings_.location.object_path(key),
                  .headers = encryption_headers(settings_.encryption),
                  .body = body}));
    return {};
}

Result<Client::New> Client::write_new(const std::string& key, const Body& body) {
    Call call{.action = "s3:PutObject",
              .method = "PUT",
              .path = settings_.location.object_path(key),
              .headers = encryption_headers(settings_.encryption),
              .body = body,
              .fine = {409, 412, 501}};  // somebody else writes it, it is there, the condition is not known
    call.headers.emplace_back("if-none-match", "*");
    GYRE_TRY_ASSIGN(const HttpAnswer answer, run(call));
    if (answer.ok()) return New::written;
    return answer.status == 501 ? New::unsupported : New::there_already;
}

Result<void> Client::remove(const std::string& key) {
    GYRE_TRY(run({.action = "s3:DeleteObject", .method = "DELETE", .path = settings_.location.object_path(key)}));
    return {};
}

Result<Listed> Client::list(const std::string& under, const std::string& from, int most) {
    const std::string& prefix = settings_.location.prefix();
    Call call{.action = "s3:ListBucket",
              .method = "GET",
              .path = settings_.location.bucket_path(),
              .query = {{"list-type", "2"}, {"max-keys", std::to_string(most)}, {"prefix", prefix + under}},
              .answer_limit = std::size_t{16} << 20,
              .wanted = "ListBucketResult"};
    if (!from.empty()) call.query.emplace_back("continuation-token", from);
    GYRE_TRY_ASSIGN(const HttpAnswer answer, run(call));
    GYRE_TRY_ASSIGN(const Element result, parse_xml(answer.body));
    Listed listed;
    for (const auto& one : result.children) {
        const std::string key = one.name == "Contents" ? one.text_of("Key") : "";
        if (!key.starts_with(prefix) || key.empty()) continue;
        listed.objects.push_back({key.substr(prefix.size()), number_in(one.text_of("Size")).value_or(0),
                                  time_since(one.text_of("LastModified"), answer)});
    }
    if (result.text_of("IsTruncated") == "true") listed.next = result.text_of("NextContinuationToken");
    return listed;
}

Result<std::string> Client::begin_upload(const std::string& key) {
    GYRE_TRY_ASSIGN(const HttpAnswer answer, run({.action = "s3:PutObject",
                                                  .method = "POST",
                                                  .path = settings_.location.object_path(key),
                                                  .query = {{"uploads", ""}},
                                                  .headers = encryption_headers(settings_.encryption),
                                                  .wanted = "InitiateMultipartUploadResult"}));
    GYRE_TRY_ASSIGN(const Element result, parse_xml(answer.body));
    std::string id = result.text_of("UploadId");
    if (id.empty() || id.size() > 2000) return unavailable(name() + ": it gives an upload no identifier");
    return id;
}

Result<std::string> Client::write_part(const std::string& key, const std::string& upload, int number,
                                       const Body& body) {
    GYRE_TRY_ASSIGN(const HttpAnswer answer,
                    run({.action = "s3:PutObject",
                         .method = "PUT",
                         .path = settings_.location.object_path(key),
                         .query = {{"partNumber", std::to_string(number)}, {"uploadId", upload}},
                         .body = body}));
    std::string tag(answer.header("etag"));
    if (!is_tag(tag)) return unavailable(name() + ": it tells no ETag of a part that was sent");
    return tag;
}

Result<void> Client::end_upload(const std::string& key, const std::string& upload,
                                const std::vector<std::string>& tags) {
    std::string list = "<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">";
    for (std::size_t i = 0; i < tags.size(); ++i)
        list += "<Part><PartNumber>" + std::to_string(i + 1) + "</PartNumber><ETag>" + xml_escape(tags[i]) +
                "</ETag></Part>";
    list += "</CompleteMultipartUpload>";
    GYRE_TRY(run({.action = "s3:PutObject",
                  .method = "POST",
                  .path = settings_.location.object_path(key),
                  .query = {{"uploadId", upload}},
                  .body = {list, sha256_hex(list)},
                  .wanted = "CompleteMultipartUploadResult"}));
    return {};
}

Result<void> Client::forget_upload(const std::string& key, const std::string& upload) {
    GYRE_TRY(run({.action = "s3:AbortMultipartUpload",
                  .method = "DELETE",
                  .path = settings_.location.object_path(key),
                  .query = {{"uploadId", upload}},
                  .fine = {404}}));
    return {};
}

Result<UnfinishedUploads> Client::unfinished_uploads(const std::string& after, int most) {
    const std::string& prefix = settings_.location.prefix();
    Call call{.action = "s3:ListBucketMultipartUploads",
              .method = "GET",
              .path = settings_.location.bucket_path(),
              .query = {{"uploads", ""}, {"prefix", prefix}, {"max-uploads", std::to_string(most)}},
              .answer_limit = std::size_t{16} << 20,
              .wanted = "ListMultipartUploadsResult"};
    if (!after.empty()) call.query.emplace_back("key-marker", after);
    GYRE_TRY_ASSIGN(const HttpAnswer answer, run(call));
    GYRE_TRY_ASSIGN(const Element result, parse_xml(answer.body));
    UnfinishedUploads unfinished;
    for (const auto& one : result.children) {
        const std::string key = one.name == "Upload" ? one.text_of("Key") : "";
        if (key.empty() || !key.starts_with(prefix)) continue;
        unfinished.uploads.push_back(
            {key.substr(prefix.size()), one.text_of("UploadId"), time_since(one.text_of("Initiated"), answer)});
    }
    if (result.text_of("IsTruncated") == "true") unfinished.next_key = result.text_of("NextKeyMarker");
    return unfinished;
}

}  // namespace gyre::s3
