#pragma once

// Prints the output of a job as the server knows it, piece by piece: each look prints what came since the one before,
// from the very byte where that ended, so that a lost connection repeats and loses nothing.
//
// Steps stand under headers, in order; a step that was skipped is named as such; of a task that was tried several times
// every attempt is shown, with how the one before it ended. With parallel tasks each line is marked with its task.
// Following, a background step's output comes when that step has ended. Not thread-safe.

#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>

#include "base/json.h"
#include "base/result.h"

namespace gyre::apps {

struct LogChoice {
    int task = -1;          // all
    int step = -1;          // all
    bool raw = false;       // bytes alone: no headers, no marks; parallel tasks one after another
    bool follow = false;    // there will be more looks
    std::int64_t line = 0;  // of each step, from this line on; 0: from the first
    std::int64_t tail = 0;  // of each step, as many lines before its end; 0: all
};

// Where it all comes from: the API, or a test.
struct LogSource {
    using Sink = std::function<Result<void>(std::string_view bytes)>;
    std::function<Result<json::value>()> tasks;  // the answer of .../job/<n>/tasks
    // What is stored of an output from the offset on. Bytes that were handed out before an error count.
    std::function<Result<void>(const std::string& attempt, int step, std::int64_t offset, const Sink& sink)> output;
    // Where the choice's line or tail begins in an output; not called for others.
    std::function<Result<std::int64_t>(const std::string& attempt, int step, const LogChoice& choice)> place;
};

class JobLog {
public:
    JobLog(LogSource source, LogChoice choice, std::function<void(std::string_view)> print)
        : source_(std::move(source)), choice_(choice), print_(std::move(print)) {}

    // Whether a line of the server's news is a reason to look.
    bool concerns(std::string_view news);
    // Prints what is new. True when nothing more will come.
    Result<bool> look();
    // Why the job waits, as of the last look; empty when it does not.
    const std::string& waiting() const { return waiting_; }
    // What was chosen and is not there, as of the last look: "task 7"; empty: it is.
    std::string missing() const;
    // Why it ended without running anything; empty: it ran, or has not ended.
    std::string never_ran() const { return task_seen_ && attempts_seen_.empty() ? reason_ : ""; }

private:
    struct Step {
        std::int64_t printed = 0;  // bytes
        bool placed = false;       // `printed` begins where the choice says
        std::string unfinished;    // of a marked line
        bool opened = false;
        bool closed = false;
    };
    struct Place {
        std::string attempt;
        bool attempt_over = false;
        std::string mark;  // before each line; empty: none
    };

    Result<bool> look_at_task(const json::value& task, const std::string& mark);
    Result<bool> look_at_attempt(const json::value& attempt, const std::string& mark);
    Result<bool> look_at_step(const json::value& record, const Place& place);
    Result<void> copy_output(int index, Step& step, const Place& place);
    void take(std::string_view bytes, Step& step, const Place& place);
    void close(Step& step, const Place& place);
    void print_header(const std::string& mark, const std::string& text);

    LogSource source_;
    LogChoice choice_;
    std::function<void(std::string_view)> print_;
    json::value answer_;
    std::string waiting_;
    std::string reason_;
    bool task_seen_ = false;             // a chosen one
    bool step_seen_ = false;             // likewise
    std::string job_;                    // its id, once an attempt told it
    bool stale_ = true;                  // the answer is older than the news
    std::set<std::string> grown_;        // outputs that news told of: "<attempt>/<step>"
    std::map<std::string, Step> steps_;  // likewise
    std::set<std::string> attempts_seen_;
    bool at_line_start_ = true;
};

}  // namespace gyre::apps
