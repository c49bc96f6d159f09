// A disk on which every sync takes 200 ms: slow, and nothing worse. No attempt is lost for it.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <vector>

#include "base/clock.h"
#include "drill.h"
#include "support/disk_trouble.h"

namespace gyre::test {
namespace {

constexpr std::uint32_t sync_ms = 200;

class SlowDisk : public Drill {
protected:
    SlowDisk() : disk_("gyre", user) { environment = disk_.environment(); }

    void server_started() override { disk_.watch(server().data()); }

    void round(const Choice& choice) override {
        disk_.strike({.sync_delay_ms = sync_ms});
        const Pipeline pipeline = trigger();
        go_to(pipeline, choice.moment);
        go_on(pipeline);
        disk_.heal();
        for (const auto& job : {"talk", "crowd", "hear"}) note_wait(pipeline.job(job));
        expect_undisturbed(pipeline);
        expect_one_attempt_each(pipeline);
    }

    // From queued to claimed, as the server stamps them.
    void note_wait(const json::value& job) {
        const auto facts =
            server().get("/api/v2/project/git%2Fapp/job/" + std::to_string(number_at(job, "job_number")));
        const auto queued = from_iso(text_at(facts, "queued_at"));
        const auto started = from_iso(text_at(facts, "started_at"));
        ASSERT_TRUE(queued.ok() && started.ok()) << json::serialize(facts);
        waits_.push_back((*started - *queued).count());
    }
    void print_waits() {
        std::sort(waits_.begin(), waits_.end());
        if (waits_.empty()) return;
        std::printf("from queued to claimed: median %lld ms, p99 %lld ms of %zu jobs\n",
                    static_cast<long long>(waits_[waits_.size() / 2]),
                    static_cast<long long>(waits_[waits_.size() * 99 / 100]), waits_.size());
    }

private:
    DiskTrouble disk_;
    std::vector<std::int64_t> waits_;
};

TEST_F(SlowDisk, costs_time_and_no_attempt) {
    run_rounds(1);
    print_waits();  // three times what a sync takes is the aim
}

}  // namespace
}  // namespace gyre::test
