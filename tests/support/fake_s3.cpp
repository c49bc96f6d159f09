#include "support/fake_s3.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <charconv>
#include <condition_variable>
#include <ctime>
#include <list>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <thread>

#include "base/clock.h"
#include "base/digest.h"
#include "base/fd.h"
#include "base/random.h"

namespace gyre::test {
namespace {

using Map = std::map<std::string, std::string>;

struct Heard {
    std::string method, path, query, body;  // as they came
    Map headers;                            // names in lower case
    Map fields;                             // of the query, decoded
    std::string key;

    std::string header(const std::string& name) const {
        const auto found = headers.find(name);
        return found == headers.end() ? "" : found->second;
    }
    bool has(const std::string& field) const { return fields.contains(field); }
    std::string field(const std::string& name) const {
        const auto found = fields.find(name);
        return found == fields.end() ? "" : found->second;
    }
};

struct Said {
    int status = 200;
    std::string body;
    std::vector<std::string> headers = {};
    std::size_t cut = std::string::npos;  // so many bytes of the body, and the connection ends
    bool silent = false;
};

std::string decoded(const std::string& text) {
    std::string plain;
    for (std::size_t i = 0; i < text.size(); ++i) {
        unsigned byte = 0;
        if (text[i] == '%' && i + 2 < text.size()) {
            std::from_chars(text.data() + i + 1, text.data() + i + 3, byte, 16);
            plain += static_cast<char>(byte);
            i += 2;
        } else {
            plain += text[i];
        }
    }
    return plain;
}

std::vector<std::string> split(const std::string& text, char by) {
    std::vector<std::string> parts;
    for (std::size_t at = 0; at <= text.size();) {
        const auto end = std::min(text.find(by, at), text.size());
        parts.push_back(text.substr(at, end - at));
        at = end + 1;
    }
    return parts;
}

std::string between(const std::string& text, const std::string& before, const std::string& after) {
    const auto begin = text.find(before);
    if (begin == std::string::npos) return "";
    const auto from = begin + before.size();
    return text.substr(from, text.find(after, from) - from);
}

std::string date_text(std::time_t at) {
    std::tm parts{};
    ::gmtime_r(&at, &parts);
    char text[64];
    return {text, std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &parts)};
}

std::string iso_text(std::time_t at) { return to_iso(Timestamp(std::chrono::seconds{at})); }

Said error(int status, const std::string& code, const std::string& more = "") {
    return {status, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>" + code + "</Code><Message>it is " +
                        code + "</Message>" + more + "<RequestId>1</RequestId></Error>"};
}

// The canonical request of Signature Version 4, made from the bytes that came.
std::string canonical(const Heard& heard, const std::string& signed_headers) {
    auto query = split(heard.query, '&');
    for (auto& field : query) {
        if (!field.empty() && field.find('=') == std::string::npos) field += '=';
    }
    std::sort(query.begin(), query.end());
    std::string text = heard.method + "\n" + heard.path + "\n";
    for (std::size_t i = 0; i < query.size(); ++i) text += (i > 0 ? "&" : "") + query[i];
    text += "\n";
    for (const auto& name : split(signed_headers, ';')) text += name + ":" + heard.header(name) + "\n";
    return text + "\n" + signed_headers + "\n" + heard.header("x-amz-content-sha256");
}

}  // namespace

struct FakeS3::State {
    struct Upload {
        std::string key;
        std::map<int, std::pair<std::string, std::string>> parts;  // tag and bytes
        Map headers;
        std::time_t began = std::time(nullptr);
    };
    struct Rule {
        std::string call;
        Trouble trouble;
        int times;
        int before = 0;  // so many calls of that name are answered well
    };

    FakeS3Settings settings;
    Fd listener;
    std::uint16_t port = 0;
    std::atomic<bool> stopping = false;
    std::atomic<bool> stands_still = false;
    std::atomic<int> held = 0;
    std::thread accepting;
    std::mutex mutex;  // guards all below
    std::list<std::thread> talking;
    std::vector<std::string> calls;
    std::vector<std::string> refusals;
    std::vector<Rule> rules;
    Map objects;
    std::map<std::string, Map> headers;
    std::map<std::string, std::time_t> written;
    std::map<std::string, Upload> uploads;

    void accept_all();
    void talk(Fd socket);
    std::optional<Heard> hear(int socket, std::string& early) const;
    void say(int socket, const Said& said, bool head) const;
    Said answer(Heard& heard);
    std::optional<Said> refuse(const Heard& heard);
    std::optional<Trouble> trouble_of(const std::string& call);
    void store(const std::string& key, const std::string& bytes);
    std::time_t written_at(const std::string& key) const;
    static std::string operation_of(const Heard& heard);
    Said act(const Heard& heard, const std::string& operation);
    Said get(const Heard& heard) const;
    Said put_part(const Heard& heard);
    Said complete(const Heard& heard);
    Said list(const Heard& heard) const;
    Said list_uploads(const Heard& heard) const;
};

void FakeS3::State::store(const std::string& key, const std::string& bytes) {
    objects[key] = bytes;
    written[key] = std::time(nullptr);
}

std::time_t FakeS3::State::written_at(const std::string& key) const {
    const auto found = written.find(key);
    return found == written.end() ? std::time(nullptr) : found->second;
}

std::string FakeS3::State::operation_of(const Heard& heard) {
    const bool part = heard.has("uploadId");
    if (heard.key.empty()) return heard.has("uploads") ? "ListMultipartUploads" : "ListObjectsV2";
    if (heard.method == "PUT") return part ? "UploadPart" : "PutObject";
    if (heard.method == "POST") return part ? "CompleteMultipartUpload" : "CreateMultipartUpload";
    if (heard.method == "DELETE") return part ? "AbortMultipartUpload" : "DeleteObject";
    return heard.method == "HEAD" ? "HeadObject" : "GetObject";
}

std::optional<Said> FakeS3::State::refuse(const Heard& heard) {
    const std::string given = heard.header("authorization");
    const auto scope = split(between(given, "Credential=", ","), '/');
    const std::string names = between(given, "SignedHeaders=", ",");
    if (!given.starts_with("AWS4-HMAC-SHA256 ") || scope.size() != 5) return error(403, "AccessDenied");
    if (scope[0] != settings.access) return error(403, "InvalidAccessKeyId");
    if (heard.header("x-amz-security-token") != settings.token) return error(400, "InvalidToken");
    if (scope[2] != settings.region)
        return error(400, "AuthorizationHeaderMalformed", "<Region>" + settings.region + "</Region>");
    const std::string at = heard.header("x-amz-date");
    std::tm parts{};
    if (::strptime(at.c_str(), "%Y%m%dT%H%M%SZ", &parts) == nullptr || at.substr(0, 8) != scope[1])
        return error(403, "AccessDenied");
    if (std::abs(std::difftime(::timegm(&parts), std::time(nullptr))) > 900) return error(403, "RequestTimeTooSkewed");
    for (const auto& [name, value] : heard.headers) {  // everything of Amazon's must be signed, and the host
        const bool must = name.starts_with("x-amz-") || name == "host";
        if (must && (";" + names + ";").find(";" + name + ";") == std::string::npos)
            return error(403, "AccessDenied", "<HeadersNotSigned>" + name + "</HeadersNotSigned>");
    }
    std::string key = hmac_sha256("AWS4" + settings.secret, scope[1]);
    for (const auto& part : {scope[2], scope[3], scope[4]}) key = hmac_sha256(key, part);
    const std::string text = "AWS4-HMAC-SHA256\n" + at + "\n" + scope[1] + "/" + scope[2] + "/" + scope[3] + "/" +
                             scope[4] + "\n" + sha256_hex(canonical(heard, names));
    if (to_hex(hmac_sha256(key, text)) != between(given, "Signature=", ",")) return error(403, "SignatureDoesNotMatch");
    if (sha256_hex(heard.body) != heard.header("x-amz-content-sha256")) return error(400, "XAmzContentSHA256Mismatch");
    return std::nullopt;
}

std::optional<Trouble> FakeS3::State::trouble_of(const std::string& call) {
    for (auto rule = rules.begin(); rule != rules.end(); ++rule) {
        if (!call.starts_with(rule->call)) continue;
        if (rule->before > 0) {
            --rule->before;
            continue;
        }
        const Trouble trouble = rule->trouble;
        if (--rule->times == 0) rules.erase(rule);
        return trouble;
    }
    return std::nullopt;
}

Said FakeS3::State::answer(Heard& heard) {
    std::string place = decoded(heard.path).substr(1);
    const bool by_name = heard.header("host").starts_with(settings.bucket + ".");
    const std::string bucket = by_name ? settings.bucket : place.substr(0, place.find('/'));
    if (!by_name) place = place.find('/') == std::string::npos ? "" : place.substr(place.find('/') + 1);
    heard.key = place;
    const std::lock_guard lock(mutex);
    const std::string operation = operation_of(heard);
    const std::string call = operation + " " + heard.key;
    calls.push_back(call);
    const auto trouble = trouble_of(call);
    if (trouble) {
        switch (*trouble) {
            case Trouble::internal_error:
                return error(500, "InternalError");
            case Trouble::slow_down:
                return error(503, "SlowDown");
            case Trouble::too_many:
                return {429, "", {"Retry-After: 0"}};
            case Trouble::cut_before:
                return {.silent = true};
            case Trouble::error_in_ok:
                return error(200, "InternalError");
            case Trouble::nothing_in_ok:
                return {200, ""};
            case Trouble::another_writes:
                return error(409, "ConditionalRequestConflict");
            case Trouble::lost_upload:
                return error(404, "NoSuchUpload");
            case Trouble::moved:
                return {301, error(301, "PermanentRedirect").body, {"x-amz-bucket-region: us-west-2"}};
            case Trouble::denied:
                return error(403, "AccessDenied");
            case Trouble::expired:
                return error(400, "ExpiredToken");
            case Trouble::skewed:
                return error(403, "RequestTimeTooSkewed");
            case Trouble::not_xml:
                return {500, "<html><body>Something <b>else</body>"};
            default:
                break;
        }
    }
    if (auto refused = refuse(heard)) {
        refusals.push_back(between(refused->body, "<Code>", "<"));
        return *refused;
    }
    if (bucket != settings.bucket) return error(404, "NoSuchBucket");
    Said said = act(heard, operation);
    if (trouble == Trouble::cut_after) said.silent = true;
    if (trouble == Trouble::cut_within) said.cut = said.body.size() / 2;
    if (trouble == Trouble::wrong_tag) said.headers = {"ETag: \"of-something-else\""};
    if (trouble == Trouble::other_bytes && !said.body.empty()) said.body.back() = static_cast<char>(~said.body.back());
    return said;
}

Said FakeS3::State::act(const Heard& heard, const std::string& operation) {
    Map amazons;
    for (const auto& [name, value] : heard.headers) {
        if (name.starts_with("x-amz-")) amazons[name] = value;
    }
    if (operation == "PutObject") {
        const bool must_be_new = heard.header("if-none-match") == "*";
        if (must_be_new && !settings.knows_conditions) return error(501, "NotImplemented");
        if (must_be_new && objects.contains(heard.key)) return error(412, "PreconditionFailed");
        store(heard.key, heard.body);
        headers[heard.key] = amazons;
        return {200, "", {"ETag: \"" + sha256_hex(heard.body).substr(0, 32) + "\""}};
    }
    if (operation == "GetObject" || operation == "HeadObject") return get(heard);
    if (operation == "DeleteObject") {
        objects.erase(heard.key);
        return {204, ""};
    }
    if (operation == "CreateMultipartUpload") {
        const std::string id = random_token(8) + "+/=";  // as some servers make them
        uploads[id] = {.key = heard.key, .parts = {}, .headers = amazons};
        return {200, "<InitiateMultipartUploadResult><Bucket>b</Bucket><UploadId>" + id +
                         "</UploadId></InitiateMultipartUploadResult>"};
    }
    if (operation == "UploadPart") return put_part(heard);
    if (operation == "CompleteMultipartUpload") return complete(heard);
    if (operation == "AbortMultipartUpload") {
        if (uploads.erase(heard.field("uploadId")) == 0) return error(404, "NoSuchUpload");
        return {204, ""};
    }
    return operation == "ListMultipartUploads" ? list_uploads(heard) : list(heard);
}

Said FakeS3::State::get(const Heard& heard) const {
    const auto found = objects.find(heard.key);
    if (found == objects.end()) return error(404, "NoSuchKey");
    const std::string& bytes = found->second;
    const std::string range = heard.header("range");
    if (range.empty()) return {200, bytes, {"Last-Modified: " + date_text(written_at(heard.key))}};
    const auto ends = split(range.substr(range.find('=') + 1), '-');
    const auto first = std::stoull(ends.at(0));
    if (first >= bytes.size()) {
        Said said = error(416, "InvalidRange");
        said.headers.push_back("Content-Range: bytes */" + std::to_string(bytes.size()));
        return said;
    }
    const auto last = std::min<unsigned long long>(std::stoull(ends.at(1)), bytes.size() - 1);
    return {206,
            bytes.substr(first, last - first + 1),
            {"Content-Range: bytes " + std::to_string(first) + "-" + std::to_string(last) + "/" +
             std::to_string(bytes.size())}};
}

Said FakeS3::State::put_part(const Heard& heard) {
    const auto found = uploads.find(heard.field("uploadId"));
    if (found == uploads.end() || found->second.key != heard.key) return error(404, "NoSuchUpload");
    const int number = std::stoi("0" + heard.field("partNumber"));
    if (number < 1 || number > 10'000) return error(400, "InvalidArgument");
    const std::string tag = "\"" + sha256_hex(heard.body).substr(0, 32) + "\"";
    found->second.parts[number] = {tag, heard.body};
    return {200, "", {"ETag: " + tag}};
}

Said FakeS3::State::complete(const Heard& heard) {
    const auto found = uploads.find(heard.field("uploadId"));
    if (found == uploads.end() || found->second.key != heard.key) return error(404, "NoSuchUpload");
    std::string bytes;
    std::string rest = heard.body;
    int last = 0;
    for (auto at = rest.find("<Part>"); at != std::string::npos; at = rest.find("<Part>")) {
        rest = rest.substr(at + 6);
        const int number = std::stoi("0" + between(rest, "<PartNumber>", "<"));
        std::string tag = between(rest, "<ETag>", "<");
        for (auto quote = tag.find("&quot;"); quote != std::string::npos; quote = tag.find("&quot;"))
            tag.replace(quote, 6, "\"");
        const auto part = found->second.parts.find(number);
        if (number <= last) return error(400, "InvalidPartOrder");
        if (part == found->second.parts.end() || part->second.first != tag) return error(400, "InvalidPart");
        const bool ends = rest.find("<Part>") == std::string::npos;
        if (!ends && part->second.second.size() < settings.least_part) return error(400, "EntityTooSmall");
        bytes += part->second.second;
        last = number;
    }
    if (last == 0) return error(400, "MalformedXML");
    store(heard.key, bytes);
    headers[heard.key] = found->second.headers;
    uploads.erase(found);
    // It begins to answer before it is done, as S3 does.
    return {200, "\n\n<CompleteMultipartUploadResult><ETag>\"x-2\"</ETag></CompleteMultipartUploadResult>"};
}

Said FakeS3::State::list(const Heard& heard) const {
    const auto most = static_cast<std::size_t>(std::stoi("0" + heard.field("max-keys")));
    std::string body = "<ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">";
    std::size_t told = 0;
    std::string next;
    for (auto at = objects.lower_bound(heard.field("continuation-token")); at != objects.end(); ++at) {
        if (!at->first.starts_with(heard.field("prefix"))) continue;
        if (told++ == most) {
            next = at->first;
            break;
        }
        body += "<Contents><Key>" + at->first + "</Key><LastModified>" + iso_text(written_at(at->first)) +
                "</LastModified><Size>" + std::to_string(at->second.size()) + "</Size></Contents>";
    }
    body += std::string("<IsTruncated>") + (next.empty() ? "false" : "true") + "</IsTruncated>";
    if (!next.empty()) body += "<NextContinuationToken>" + next + "</NextContinuationToken>";
    return {200, body + "</ListBucketResult>"};
}

Said FakeS3::State::list_uploads(const Heard& heard) const {
    const auto most = static_cast<std::size_t>(std::stoi("0" + heard.field("max-uploads")));
    std::multimap<std::string, std::string> by_key;
    for (const auto& [id, upload] : uploads) by_key.emplace(upload.key, id);
    std::string body = "<ListMultipartUploadsResult>";
    std::size_t told = 0;
    for (auto at = by_key.upper_bound(heard.field("key-marker")); at != by_key.end(); ++at) {
        const auto& [key, id] = *at;
        if (!key.starts_with(heard.field("prefix"))) continue;
        body += "<Upload><Key>" + key + "</Key><UploadId>" + id + "</UploadId><Initiated>" +
                iso_text(uploads.at(id).began) + "</Initiated></Upload>";
        if (++told < most) continue;
        body += "<IsTruncated>true</IsTruncated><NextKeyMarker>" + key + "</NextKeyMarker>";
        break;
    }
    return {200, body + "</ListMultipartUploadsResult>"};
}

std::optional<Heard> FakeS3::State::hear(int socket, std::string& early) const {
    const auto more = [&] {
        char bytes[65536];
        pollfd waiting{socket, POLLIN, 0};
        while (!stopping && ::poll(&waiting, 1, 20) == 0) {
        }
        const auto got = stopping ? 0 : ::recv(socket, bytes, sizeof bytes, 0);
        if (got > 0) early.append(bytes, static_cast<std::size_t>(got));
        return got > 0;
    };
    std::size_t end = 0;
    while ((end = early.find("\r\n\r\n")) == std::string::npos) {
        if (!more()) return std::nullopt;
    }
    Heard heard;
    const auto lines = split(early.substr(0, end), '\n');
    const auto words = split(lines.at(0), ' ');
    heard.method = words.at(0);
    heard.path = words.at(1).substr(0, words.at(1).find('?'));
    if (heard.path.size() < words.at(1).size()) heard.query = words.at(1).substr(heard.path.size() + 1);
    for (std::size_t i = 1; i < lines.size(); ++i) {
        std::string name = lines[i].substr(0, lines[i].find(':'));
        std::transform(name.begin(), name.end(), name.begin(), ::tolower);
        std::string value = lines[i].substr(std::min(lines[i].size(), name.size() + 1));
        while (!value.empty() && (value.back() == '\r' || value.back() == ' ')) value.pop_back();
        value.erase(0, value.find_first_not_of(' '));
        heard.headers[name] = value;
    }
    for (const auto& pair : split(heard.query, '&')) {
        const auto name = pair.substr(0, pair.find('='));
        heard.fields[decoded(name)] = decoded(pair.substr(std::min(pair.size(), name.size() + 1)));
    }
    early.erase(0, end + 4);
    const auto length = std::stoull("0" + heard.header("content-length"));
    while (early.size() < length) {
        if (!more()) return std::nullopt;
    }
    heard.body = early.substr(0, length);
    early.erase(0, length);
    return heard;
}

void FakeS3::State::say(int socket, const Said& said, bool head) const {
    std::string text = "HTTP/1.1 " + std::to_string(said.status) + " X\r\nDate: " + date_text(std::time(nullptr)) +
                       "\r\nContent-Length: " + std::to_string(said.body.size()) + "\r\n";
    for (const auto& line : said.headers) text += line + "\r\n";
    text += "\r\n";
    if (!head) text += said.body.substr(0, said.cut);
    for (std::size_t sent = 0; sent < text.size();) {
        const auto now = ::send(socket, text.data() + sent, text.size() - sent, MSG_NOSIGNAL);
        if (now <= 0) return;
        sent += static_cast<std::size_t>(now);
    }
}

void FakeS3::State::talk(Fd socket) {
    std::string early;
    while (auto heard = hear(socket.get(), early)) {
        ++held;
        while (stands_still && !stopping) std::this_thread::sleep_for(std::chrono::milliseconds{5});
        --held;
        const Said said = answer(*heard);
        if (said.silent) return;
        say(socket.get(), said, heard->method == "HEAD");
        if (said.cut != std::string::npos) return;
    }
}

void FakeS3::State::accept_all() {
    while (!stopping) {
        pollfd waiting{listener.get(), POLLIN, 0};
        if (::poll(&waiting, 1, 20) <= 0) continue;
        Fd socket(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
        if (!socket) continue;
        const std::lock_guard lock(mutex);
        talking.emplace_back([this, taken = std::move(socket)]() mutable { talk(std::move(taken)); });
    }
}

FakeS3::FakeS3(FakeS3Settings settings) : state_(std::make_unique<State>()) {
    state_->settings = std::move(settings);
    state_->listener = Fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    if (::bind(state_->listener.get(), generic, size) != 0 || ::listen(state_->listener.get(), 64) != 0 ||
        ::getsockname(state_->listener.get(), generic, &size) != 0)
        throw std::runtime_error("the fake S3 cannot listen");
    state_->port = ntohs(address.sin_port);
    state_->accepting = std::thread([this] { state_->accept_all(); });
}

FakeS3::~FakeS3() {
    state_->stopping = true;
    state_->accepting.join();
    for (auto& thread : state_->talking) thread.join();
}

std::string FakeS3::endpoint() const { return "http://127.0.0.1:" + std::to_string(state_->port); }
std::string FakeS3::named_endpoint() const { return "http://localhost:" + std::to_string(state_->port); }
const FakeS3Settings& FakeS3::settings() const { return state_->settings; }

void FakeS3::misbehave(const std::string& call, Trouble trouble, int times) {
    const std::lock_guard lock(state_->mutex);
    state_->rules.push_back({.call = call, .trouble = trouble, .times = times});
}
void FakeS3::misbehave_after(const std::string& call, int calls, Trouble trouble) {
    const std::lock_guard lock(state_->mutex);
    state_->rules.push_back({.call = call, .trouble = trouble, .times = 1'000'000, .before = calls});
}
void FakeS3::behave() {
    const std::lock_guard lock(state_->mutex);
    state_->rules.clear();
}
void FakeS3::stand_still() { state_->stands_still = true; }
void FakeS3::go_on() { state_->stands_still = false; }
int FakeS3::held() const { return state_->held; }

std::vector<std::string> FakeS3::calls() const {
    const std::lock_guard lock(state_->mutex);
    return state_->calls;
}
int FakeS3::count(const std::string& call) const {
    const auto all = calls();
    return static_cast<int>(
        std::count_if(all.begin(), all.end(), [&](const auto& one) { return one.starts_with(call); }));
}
std::map<std::string, std::string> FakeS3::objects() const {
    const std::lock_guard lock(state_->mutex);
    return state_->objects;
}
std::map<std::string, std::string> FakeS3::headers_of(const std::string& key) const {
    const std::lock_guard lock(state_->mutex);
    const auto found = state_->headers.find(key);
    return found == state_->headers.end() ? Map{} : found->second;
}
void FakeS3::put(const std::string& key, const std::string& bytes) {
    const std::lock_guard lock(state_->mutex);
    state_->store(key, bytes);
}
void FakeS3::age(std::chrono::seconds by) {
    const std::lock_guard lock(state_->mutex);
    for (auto& [key, at] : state_->written) at -= by.count();
    for (auto& [id, upload] : state_->uploads) upload.began -= by.count();
}
void FakeS3::erase(const std::string& key) {
    const std::lock_guard lock(state_->mutex);
    state_->objects.erase(key);
}
void FakeS3::forget_uploads() {
    const std::lock_guard lock(state_->mutex);
    state_->uploads.clear();
}
std::size_t FakeS3::uploads() const {
    const std::lock_guard lock(state_->mutex);
    return state_->uploads.size();
}
void FakeS3::use_keys(const std::string& access, const std::string& secret) {
    const std::lock_guard lock(state_->mutex);
    state_->settings.access = access;
    state_->settings.secret = secret;
}
std::vector<std::string> FakeS3::refusals() const {
    const std::lock_guard lock(state_->mutex);
    return state_->refusals;
}

}  // namespace gyre::test
