#include "api/views/text.h"

namespace gyre::api {

json::value time_or_null(const std::optional<Timestamp>& at) {
    return at ? json::value(json::string(to_iso(*at))) : json::value(nullptr);
}

json::value text_or_null(const std::string& text) {
    return text.empty() ? json::value(nullptr) : json::value(json::string(text));
}

std::optional<std::int64_t> millis_between(const std::optional<Timestamp>& from, const std::optional<Timestamp>& to) {
    if (!from || !to) return std::nullopt;
    return std::max<std::int64_t>(0, (*to - *from).count());
}

json::value page_of(json::array items, const std::string& next_page_token) {
    return json::object{{"items", std::move(items)}, {"next_page_token", text_or_null(next_page_token)}};
}

SlugWords slug_words(const std::string& slug) {
    const auto first = slug.find('/');
    const auto last = slug.rfind('/');
    if (first == std::string::npos) return {"git", "git", slug};
    if (first == last) return {slug.substr(0, first), slug.substr(0, first), slug.substr(first + 1)};
    return {slug.substr(0, first), slug.substr(first + 1, last - first - 1), slug.substr(last + 1)};
}

std::string long_vcs(const std::string& vcs) {
    if (vcs == "gh") return "github";
    return vcs == "bb" ? "bitbucket" : vcs;
}

}  // namespace gyre::api
