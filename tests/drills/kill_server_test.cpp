// kill -9 of the server while jobs run, then start: the jobs finish green, no step runs twice, and what they printed is
// the same to the byte.

#include <gtest/gtest.h>

#include "drill.h"

namespace gyre::test {
namespace {

class KillServer : public Drill {
protected:
    void round(const Choice& choice) override {
        const Pipeline pipeline = trigger();
        go_to(pipeline, choice.moment);
        server().kill();
        if (choice.goes_on_meanwhile && is_at_a_gate(choice.moment)) {
            gate().open();
            if (choice.moment != Moment::third_part) pass();  // the next part is reached without any server
        }
        server().start();
        go_on(pipeline);
        EXPECT_EQ(pipeline.status(), "success");
        EXPECT_EQ(visits, (std::map<std::string, int>{{"part-1", 1}, {"part-2", 1}, {"part-3", 1}}));
        EXPECT_EQ(digests(pipeline), undisturbed());
    }
};

TEST_F(KillServer, jobs_finish_green_with_every_byte_of_their_output) {
    run_rounds();
    expect_nothing_left();
}

}  // namespace
}  // namespace gyre::test
