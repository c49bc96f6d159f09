#include "httpd/message.h"

#include <array>
#include <charconv>

#include "base/utf8.h"

namespace gyre::httpd {

std::string_view Request::header(std::string_view lower_case_name) const {
    for (const auto& [name, value] : headers) {
        if (name == lower_case_name) return value;
    }
    return {};
}

const std::string& Request::param(std::string_view name) const {
    static const std::string none;
    for (const auto& [candidate, value] : params) {
        if (candidate == name) return value;
    }
    return none;
}

std::optional<std::string> Request::query_value(std::string_view name) const {
    for (const auto& [candidate, value] : query) {
        if (candidate == name) return value;
    }
    return std::nullopt;
}

std::vector<std::string> Request::query_values(std::string_view name) const {
    std::vector<std::string> found;
    for (const auto& [candidate, value] : query) {
        if (candidate == name) found.push_back(value);
    }
    return found;
}

Result<std::int64_t> Request::query_number(std::string_view name, std::int64_t fallback, std::int64_t least,
                                           std::int64_t most) const {
    const auto text = query_value(name);
    if (!text || text->empty()) return fallback;
    std::int64_t number = 0;
    const auto [end, failed] = std::from_chars(text->data(), text->data() + text->size(), number);
    if (failed != std::errc{} || end != text->data() + text->size() || number < least || number > most) {
        return invalid("'" + std::string(name) + "' must be a whole number from " + std::to_string(least) + " to " +
                       std::to_string(most));
    }
    return number;
}

Response& Response::with(std::string name, std::string value) & {
    headers.emplace_back(std::move(name), std::move(value));
    return *this;
}

Response&& Response::with(std::string name, std::string value) && {
    headers.emplace_back(std::move(name), std::move(value));
    return std::move(*this);
}

Response json_answer(const json::value& value, int status) {
    Response response{.status = status, .body = json::serialize(value)};
    return std::move(response)
        .with("content-type", "application/json; charset=utf-8")
        .with("cache-control", "no-store");
}

Response text_answer(std::string text, int status) {
    Response response{.status = status, .body = std::move(text)};
    return std::move(response).with("content-type", "text/plain; charset=utf-8").with("cache-control", "no-store");
}

Response message_answer(int status, std::string_view message) {
    return json_answer(json::object{{"message", valid_utf8(message)}}, status);  // it may quote what was asked
}

Response error_answer(const Error& error) {
    auto response = message_answer(status_of(error.fault), error.message);
    if (error.fault == Fault::unavailable) response.with("retry-after", "1");
    return response;
}

int status_of(Fault fault) {
    switch (fault) {
        case Fault::invalid:
            return 400;
        case Fault::not_found:
            return 404;
        case Fault::conflict:
            return 409;
        case Fault::denied:
            return 403;
        case Fault::too_large:
            return 413;
        case Fault::unavailable:
            return 503;
        case Fault::corrupt:
            return 500;
    }
    return 500;
}

std::string_view reason_phrase(int status) {
    static constexpr std::array<std::pair<int, std::string_view>, 24> phrases{{
        {200, "OK"},
        {201, "Created"},
        {202, "Accepted"},
        {204, "No Content"},
        {206, "Partial Content"},
        {302, "Found"},
        {304, "Not Modified"},
        {400, "Bad Request"},
        {401, "Unauthorized"},
        {403, "Forbidden"},
        {404, "Not Found"},
        {405, "Method Not Allowed"},
        {408, "Request Timeout"},
        {409, "Conflict"},
        {410, "Gone"},
        {411, "Length Required"},
        {413, "Payload Too Large"},
        {415, "Unsupported Media Type"},
        {416, "Range Not Satisfiable"},
        {429, "Too Many Requests"},
        {431, "Request Header Fields Too Large"},
        {500, "Internal Server Error"},
        {501, "Not Implemented"},
        {503, "Service Unavailable"},
    }};
    for (const auto& [candidate, phrase] : phrases) {
        if (candidate == status) return phrase;
    }
    return "Status";
}

}  // namespace gyre::httpd
