// Output in amounts that nobody reads: memory stays bounded, what was cut is said, the tail is kept. GYRE_FLOOD_BYTES
// and GYRE_LINE_BYTES choose other amounts: drills take 5 GB, and a line of 500 MB.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>

#include "support/eventually.h"
#include "support/gate.h"
#include "support/leftovers.h"
#include "support/story.h"

namespace gyre::test {
namespace {

constexpr std::int64_t megabyte = 1 << 20;

std::int64_t amount(const char* name, std::int64_t otherwise) {
    const char* text = std::getenv(name);
    return text ? std::atoll(text) : otherwise;
}

// Holds `kept` to what a step printed: so many bytes, of which the note in the middle counts those that are missing.
void expect_cut_is_counted(const std::string& kept, std::int64_t printed) {
    const std::string begins = "\n... ";
    const auto note = kept.find(begins);
    const auto end = kept.find(" ...\n", note);
    ASSERT_NE(note, std::string::npos);
    ASSERT_NE(end, std::string::npos);
    const auto missing = std::atoll(kept.c_str() + note + begins.size());
    const auto note_size = static_cast<std::int64_t>(end - note) + 5;
    EXPECT_EQ(std::ssize(kept) - note_size + missing, printed) << kept.substr(note, end - note);
    EXPECT_TRUE(kept.substr(note, end - note).find("bytes of output were left out here") != std::string::npos);
}

std::string one_step(const std::string& command) {
    return "version: 2\njobs:\n  build:\n    docker: [{image: debian:12}]\n    resource_class: small\n"
           "    steps:\n      - run:\n          name: Talk\n          command: |\n            " +
           command + "\n";
}

// The largest that the server and the agents with a job became while `pipeline` ran.
struct Peaks {
    std::int64_t server = 0;
    std::int64_t agent = 0;
};

class BigOutput : public Story {
protected:
    std::int64_t largest_agent() {
        std::int64_t largest = 0;
        for (const auto& process : descendants(server().process())) {
            if (process.program == "gyre-agent") largest = std::max(largest, memory_of(process.id));
        }
        return largest;
    }
    Peaks watch(const Pipeline& pipeline) {
        Peaks peaks;
        eventually("the job ends", [&] {
            peaks.server = std::max(peaks.server, memory_of(server().process()));
            peaks.agent = std::max(peaks.agent, largest_agent());
            const std::string status = pipeline.status();
            return status == "success" || status == "failed";
        });
        return peaks;
    }
    // Runs `command` behind a gate, so that memory before and during it can be compared.
    Peaks growth_during(const std::string& command) {
        Gate gate;
        config(one_step(gate.command() + "; " + command));
        const Pipeline pipeline = push("talk");
        gate.wait();
        const Peaks before{memory_of(server().process()), largest_agent()};
        gate.open();
        const Peaks peaks = watch(pipeline);
        return {peaks.server - before.server, peaks.agent - before.agent};
    }
};

TEST_F(BigOutput, of_many_lines_is_cut_visibly_and_keeps_its_tail) {
    start({.flags = {"--step-output-bytes", "1048576"}});
    const auto flood = amount("GYRE_FLOOD_BYTES", 300'000'000);
    const Peaks growth = growth_during("echo first; head -c " + std::to_string(flood) +
                                       " <(yes 0123456789012345678901234567890123456789); echo last");
    expect_job("build").succeeded();
    const std::string kept = newest().output("build", "Talk");
    EXPECT_LT(kept.size(), 4U * megabyte);
    expect_cut_is_counted(kept, flood + 11);
    EXPECT_EQ(kept.substr(0, 6), "first\n");
    EXPECT_TRUE(kept.ends_with("last\n")) << kept.substr(kept.size() - std::min<std::size_t>(kept.size(), 300));
    EXPECT_LE(growth.server, 64 * megabyte);
    EXPECT_LE(growth.agent, 32 * megabyte);
    EXPECT_TRUE(json::serialize(newest().build("build")).find("\"truncated\":true") != std::string::npos);
}

TEST_F(BigOutput, in_one_endless_line_is_bounded_too) {
    start({.flags = {"--step-output-bytes", "65536"}});
    const auto line = amount("GYRE_LINE_BYTES", 100'000'000);
    const Peaks growth = growth_during("head -c " + std::to_string(line) + " /dev/zero | tr '\\0' x; echo; echo last");
    expect_job("build").succeeded();
    const std::string kept = newest().output("build", "Talk");
    EXPECT_LT(kept.size(), std::size_t{megabyte});
    expect_cut_is_counted(kept, line + 6);
    EXPECT_TRUE(kept.ends_with("last\n")) << kept.substr(kept.size() - std::min<std::size_t>(kept.size(), 300));
    EXPECT_LE(growth.server, 64 * megabyte);
    EXPECT_LE(growth.agent, 32 * megabyte);
}

TEST_F(BigOutput, of_every_byte_there_is_arrives_as_it_was_printed) {
    start({.flags = {"--seal-every-seconds", "1"}});
    config(one_step("for i in {0..255}; do printf \"\\\\$(printf %03o $i)\"; done"));
    push("bytes").wait();
    std::string every;
    for (int byte = 0; byte < 256; ++byte) every += static_cast<char>(byte);
    EXPECT_EQ(newest().output("build", "Talk"), every);
    eventually("it is sealed", [&] { return files_named(server().data() + "/output", ".log").empty(); });
    EXPECT_EQ(newest().output("build", "Talk"), every);
}

TEST_F(BigOutput, of_any_bytes_arrives_and_harms_nothing) {
    start();
    config(
        one_step("printf '\\033[31mred\\033[0m \\377\\376 \\000 \\357\\277\\275 <script>\\n'; head -c 100000 "
                 "/dev/urandom; echo; echo last"));
    push("noise").wait();
    expect_job("build").succeeded().printed("last\n");
    const std::string kept = newest().output("build", "Talk");
    EXPECT_NE(kept.find("\033[31mred\033[0m"), std::string::npos);
}

}  // namespace
}  // namespace gyre::test
