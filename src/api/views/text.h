#pragma once

// Small pieces that several views share.

#include <optional>
#include <string>

#include "base/clock.h"
#include "base/json.h"
#include "model/project.h"

namespace gyre::api {

json::value time_or_null(const std::optional<Timestamp>& at);
json::value text_or_null(const std::string& text);
std::optional<std::int64_t> millis_between(const std::optional<Timestamp>& from, const std::optional<Timestamp>& to);

// {"items": [...], "next_page_token": null}: the envelope of every list of v2.
json::value page_of(json::array items, const std::string& next_page_token = {});

// "gh/acme/shop" -> gh, acme, shop; "git/shop" -> git, git, shop.
struct SlugWords {
    std::string vcs;
    std::string organization;
    std::string repository;
};
SlugWords slug_words(const std::string& slug);
std::string long_vcs(const std::string& vcs);  // "github", "bitbucket", "git"

}  // namespace gyre::api
