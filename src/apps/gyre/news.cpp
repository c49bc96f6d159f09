#include "apps/gyre/news.h"

#include <chrono>
#include <thread>

namespace gyre::apps {
namespace {

constexpr const char* events_target = "/api/v2/gyre/events";
constexpr std::chrono::minutes longest_absence{2};  // of the server
constexpr std::chrono::milliseconds pause_between_calls{500};

// One connection's worth of news.
Result<void> listen(ApiClient& client, const NewsListener& listener, bool& over) {
    ApiClient ears = client.another();
    std::string unread;
    bool greeted = false;
    return ears.stream(events_target, [&](std::string_view bytes) -> Result<void> {
        unread += bytes;
        bool concerned = !std::exchange(greeted, true);
        std::size_t begin = 0;
        for (auto end = unread.find('\n'); end != std::string::npos; end = unread.find('\n', begin)) {
            // Each line is heard, even when there is a reason to look already.
            concerned = listener.concerns(std::string_view(unread).substr(begin, end - begin)) || concerned;
            begin = end + 1;
        }
        unread.erase(0, begin);
        if (!concerned) return {};
        GYRE_TRY_ASSIGN(over, listener.look());
        return over ? Result<void>(conflict("seen enough")) : Result<void>();
    });
}

}  // namespace

Result<void> listen_until_over(ApiClient& client, const NewsListener& listener) {
    using Clock = std::chrono::steady_clock;
    bool over = false;
    // A server that restarts loses nothing, and so do we.
    for (auto give_up = Clock::now() + longest_absence; Clock::now() < give_up;) {
        const auto began = Clock::now();
        const auto heard = listen(client, listener, over);
        if (over) return {};
        if (!heard && heard.error().fault != Fault::unavailable) return heard.error();
        const auto now = Clock::now();
        if (now - began > pause_between_calls) give_up = now + longest_absence;  // it was there
        std::this_thread::sleep_for(pause_between_calls);
    }
    return unavailable("the server has been away for too long; what was waited for may still go on");
}

}  // namespace gyre::apps
