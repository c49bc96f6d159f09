#pragma once

// Waiting for something to be over by listening to the server's news, through restarts of the server.

#include <functional>
#include <string>
#include <string_view>

#include "apps/gyre/api_client.h"

namespace gyre::apps {

struct NewsListener {
    // Whether a line of news (one JSON object; empty: a sign of life) is a reason to look.
    std::function<bool(std::string_view line)> concerns;
    // Looks; true when there is nothing more to wait for.
    std::function<Result<bool>()> look;
};

// Looks once the server is listened to (from then on nothing is missed), whenever news concern us, and anew after each
// lost connection. Returns when a look says true. Errors: the first one of a look or of the server, except
// `unavailable`: a server that restarts is waited for; it may be away for two minutes.
Result<void> listen_until_over(ApiClient& client, const NewsListener& listener);

}  // namespace gyre::apps
