#pragma once

// Delivers every call (HTTP/1.1) to a server two to five times: some copies at once and side by side, the others when
// later calls have gone by. The caller gets one of the answers to the first ones, whichever.

#include <condition_variable>
#include <functional>
#include <list>
#include <mutex>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "support/tap.h"

namespace gyre::test {

class Repeater {
public:
    // `server`: as for Tap. It only passes calls on until repeat() is called.
    Repeater(std::string server, unsigned seed);
    ~Repeater();  // copies that are still to come are not sent any more
    Repeater(const Repeater&) = delete;
    Repeater& operator=(const Repeater&) = delete;

    const std::string& address() const { return tap_.address(); }
    void repeat();
    // Sends all copies that were still to come, and waits for their answers, but for those of claims.
    void send_the_rest();
    int calls();
    int copies();  // sent beyond the first ones

private:
    struct Late {
        int after = 0;  // so many calls
        std::string request;
    };
    struct Worker {
        std::thread thread;
        bool ended = false;
    };

    void let_in();
    void serve(const Fd& caller);
    std::string ask(const std::string& request);  // the whole answer
    std::string answer_of(const std::string& request, int copies);
    void keep_for_later(const std::string& request, int copies);
    void send_what_is_due(bool all);
    void in_thread(std::function<void()> work);
    int draw(int from, int to);
    void note(const Fd& connection, bool is_open);

    Tap tap_;
    std::mutex mutex_;  // guards what follows
    bool repeats_ = false;
    std::condition_variable changed_;
    std::mt19937 random_;
    std::list<Late> late_;
    std::list<Worker> threads_;
    std::set<int> open_;  // connections
    int calls_ = 0;
    int copies_ = 0;
    int late_at_work_ = 0;
    bool ending_ = false;
    std::thread thread_;
};

}  // namespace gyre::test
