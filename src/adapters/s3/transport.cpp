#include "adapters/s3/transport.h"

#include <curl/curl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <mutex>

#include "base/guarded.h"

namespace gyre::s3 {
namespace {

constexpr std::size_t idle_handles = 16;
constexpr std::size_t most_header_bytes = 64 << 10;

struct HandleCloser {
    void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
using Handle = std::unique_ptr<CURL, HandleCloser>;

struct ListCloser {
    void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using List = std::unique_ptr<curl_slist, ListCloser>;

// One request on its way.
struct Call {
    const HttpRequest* request = nullptr;
    HttpAnswer answer;
    std::size_t header_bytes = 0;
    std::int64_t sent = 0;
    bool too_large = false;
    int read_failed = 0;

    std::int64_t body_length() const {
        if (const auto* part = std::get_if<FilePart>(&request->body)) return part->length;
        return std::ssize(std::get<std::string_view>(request->body));
    }
};

std::size_t take_body(char* bytes, std::size_t, std::size_t count, void* data) {
    auto& call = *static_cast<Call*>(data);
    call.too_large = count > call.request->answer_limit - std::min(call.request->answer_limit, call.answer.body.size());
    if (call.too_large) return 0;
    call.answer.body.append(bytes, count);
    return count;
}

std::size_t take_header(char* bytes, std::size_t, std::size_t count, void* data) {
    auto& call = *static_cast<Call*>(data);
    call.header_bytes += count;
    call.too_large = call.header_bytes > most_header_bytes;
    if (call.too_large) return 0;
    std::string_view line(bytes, count);
    if (line.starts_with("HTTP/")) call.answer.headers.clear();  // those before were of "100 Continue" or a proxy
    const auto colon = line.find(':');
    if (colon == std::string_view::npos) return count;
    std::string name(line.substr(0, colon));
    std::transform(name.begin(), name.end(), name.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    line.remove_prefix(colon + 1);
    while (!line.empty() && (line.front() == ' ' || line.front() == '\t')) line.remove_prefix(1);
    while (!line.empty() && static_cast<unsigned char>(line.back()) <= ' ') line.remove_suffix(1);
    call.answer.headers.emplace_back(std::move(name), line);
    return count;
}

std::size_t give_body(char* bytes, std::size_t, std::size_t room, void* data) {
    auto& call = *static_cast<Call*>(data);
    const auto most = std::min(static_cast<std::int64_t>(room), call.body_length() - call.sent);
    if (most <= 0) return 0;
    if (const auto* part = std::get_if<FilePart>(&call.request->body)) {
        ssize_t got = 0;
        do {
            got = ::pread(part->file, bytes, static_cast<std::size_t>(most), part->offset + call.sent);
        } while (got < 0 && errno == EINTR);
        if (got <= 0) {
            call.read_failed = got < 0 ? errno : EIO;
            return CURL_READFUNC_ABORT;
        }
        call.sent += got;
        return static_cast<std::size_t>(got);
    }
    const auto text = std::get<std::string_view>(call.request->body);
    std::copy_n(text.data() + call.sent, most, bytes);
    call.sent += most;
    return static_cast<std::size_t>(most);
}

// A kept connection turned out to be closed: curl sends the body once more.
int rewind_body(void* data, curl_off_t offset, int origin) {
    if (origin != SEEK_SET) return CURL_SEEKFUNC_CANTSEEK;
    static_cast<Call*>(data)->sent = offset;
    return CURL_SEEKFUNC_OK;
}

template <typename Value>
void set(CURL* handle, CURLoption option, Value value) {
    curl_easy_setopt(handle, option, value);
}

void describe_method(CURL* handle, const HttpRequest& request, Call& call) {
    if (request.method == "HEAD") {
        set(handle, CURLOPT_NOBODY, 1L);
    } else if (request.method == "PUT") {
        set(handle, CURLOPT_UPLOAD, 1L);
        set(handle, CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(call.body_length()));
    } else if (request.method == "POST") {
        set(handle, CURLOPT_POST, 1L);
        set(handle, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(call.body_length()));
    } else if (request.method != "GET") {
        set(handle, CURLOPT_CUSTOMREQUEST, request.method.c_str());
    }
    set(handle, CURLOPT_READFUNCTION, give_body);
    set(handle, CURLOPT_READDATA, static_cast<void*>(&call));
    set(handle, CURLOPT_SEEKFUNCTION, rewind_body);
    set(handle, CURLOPT_SEEKDATA, static_cast<void*>(&call));
}

List header_list(const HttpRequest& request) {
    List list;
    const auto add = [&](const std::string& line) {
        if (curl_slist* longer = curl_slist_append(list.get(), line.c_str())) {
            (void)list.release();
            list.reset(longer);
        }
    };
    for (const auto& line : request.headers) add(line);
    // Waiting for "100 Continue" costs a second where a server does not know it; nothing but S3's own types is sent.
    add("Expect:");
    add("Content-Type:");
    return list;
}

bool hopeless(CURLcode code) {
    return code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_CACERT_BADFILE ||
           code == CURLE_SSL_CERTPROBLEM || code == CURLE_URL_MALFORMAT || code == CURLE_UNSUPPORTED_PROTOCOL;
}

Error failure(CURLcode code, const std::string& details, const Call& call) {
    if (call.too_large) return too_large("the answer is larger than it may be");
    if (call.read_failed != 0) return {Fault::invalid, "the file to send cannot be read"};
    std::string text = details.empty() ? curl_easy_strerror(code) : details;
    if (code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_CACERT_BADFILE)
        text += "; if the server's certificate is of your own authority, name its file in the setting objects_ca";
    return {hopeless(code) ? Fault::invalid : Fault::unavailable, std::move(text)};
}

}  // namespace

std::string_view HttpAnswer::header(std::string_view lower_case_name) const {
    for (const auto& [name, value] : headers) {
        if (name == lower_case_name) return value;
    }
    return {};
}

struct Transport::State {
    TransportSettings settings;
    Guarded<std::vector<Handle>> idle;

    Handle take() {
        auto held = idle.lock();
        if (held->empty()) return Handle(curl_easy_init());
        Handle handle = std::move(held->back());
        held->pop_back();
        return handle;
    }
    void give_back(Handle handle) {
        curl_easy_reset(handle.get());  // its connections stay
        auto held = idle.lock();
        if (held->size() < idle_handles) held->push_back(std::move(handle));
    }
    void describe(CURL* handle, const HttpRequest& request, Call& call, char* details) const;
};

void Transport::State::describe(CURL* handle, const HttpRequest& request, Call& call, char* details) const {
    set(handle, CURLOPT_URL, request.url.c_str());
    set(handle, CURLOPT_PATH_AS_IS, 1L);
    set(handle, CURLOPT_PROTOCOLS_STR, "http,https");
    set(handle, CURLOPT_FOLLOWLOCATION, 0L);
    set(handle, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    set(handle, CURLOPT_NOSIGNAL, 1L);
    set(handle, CURLOPT_ERRORBUFFER, details);
    set(handle, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(settings.connect_patience.count()));
    set(handle, CURLOPT_TIMEOUT_MS, static_cast<long>(std::max<std::int64_t>(1, request.patience.count())));
    set(handle, CURLOPT_LOW_SPEED_LIMIT, 1024L);
    set(handle, CURLOPT_LOW_SPEED_TIME, static_cast<long>(settings.silence.count()));
    set(handle, CURLOPT_UPLOAD_BUFFERSIZE, 256L << 10);
    set(handle, CURLOPT_BUFFERSIZE, 256L << 10);
    set(handle, CURLOPT_TCP_KEEPALIVE, 1L);
    if (!settings.ca_file.empty()) set(handle, CURLOPT_CAINFO, settings.ca_file.c_str());
    if (request.direct) set(handle, CURLOPT_NOPROXY, "*");
    set(handle, CURLOPT_WRITEFUNCTION, take_body);
    set(handle, CURLOPT_WRITEDATA, static_cast<void*>(&call));
    set(handle, CURLOPT_HEADERFUNCTION, take_header);
    set(handle, CURLOPT_HEADERDATA, static_cast<void*>(&call));
    set(handle, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    describe_method(handle, request, call);
}

Transport::Transport(TransportSettings settings) : state_(std::make_unique<State>()) {
    static std::once_flag once;
    std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
    state_->settings = std::move(settings);
}

Transport::~Transport() = default;

Result<HttpAnswer> Transport::send(const HttpRequest& request) {
    Handle handle = state_->take();
    if (!handle) return unavailable("no memory for a connection");
    Call call{.request = &request, .answer = {}};
    char details[CURL_ERROR_SIZE] = "";
    state_->describe(handle.get(), request, call, details);
    const List headers = header_list(request);
    set(handle.get(), CURLOPT_HTTPHEADER, headers.get());
    const CURLcode code = curl_easy_perform(handle.get());
    long status = 0;
    curl_easy_getinfo(handle.get(), CURLINFO_RESPONSE_CODE, &status);
    call.answer.status = static_cast<int>(status);
    state_->give_back(std::move(handle));
    if (code != CURLE_OK) return failure(code, details, call);
    return std::move(call.answer);
}

}  // namespace gyre::s3
