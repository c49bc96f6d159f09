#pragma once

// Best-effort news for those who watch: what changed, not how. A subscriber that falls behind or reconnects re-reads.
// Thread-safe; publish never blocks on a subscriber.

#include <boost/describe.hpp>

#include <functional>
#include <memory>
#include <string>

#include "base/enum_names.h"

namespace gyre {

enum class NewsKind { pipeline, workflow, job, output };
constexpr EnumNames<NewsKind, 4> enum_names(NewsKind) {
    return {{{NewsKind::pipeline, "pipeline"},
             {NewsKind::workflow, "workflow"},
             {NewsKind::job, "job"},
             {NewsKind::output, "output"}}};
}

struct News {
    NewsKind kind = NewsKind::workflow;
    std::string project;      // id
    std::string pipeline;     // id; may be empty for output
    std::string workflow;     // id; may be empty
    std::string job;          // id; may be empty
    std::string attempt;      // id, for output
    int step = 0;             // for output
    std::int64_t length = 0;  // for output: bytes stored now
};
BOOST_DESCRIBE_STRUCT(News, (), (kind, project, pipeline, workflow, job, attempt, step, length))

class Live {
public:
    virtual ~Live() = default;
    virtual void publish(const News& news) = 0;
    // Calls `hear` (from the publisher's thread; must be quick and must not call back into Live) until the returned
    // object is destroyed.
    virtual std::shared_ptr<void> subscribe(std::function<void(const News&)> hear) = 0;
};

}  // namespace gyre
