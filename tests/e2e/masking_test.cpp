// Secrets in every form in which a job may print or name them, by design or by accident: none is in the output while it
// comes, in what is stored of it, or in any file of the server.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "support/eventually.h"
#include "support/gate.h"
#include "support/story.h"

namespace gyre::test {
namespace {

using testing::HasSubstr;

constexpr const char* token = R"(hunter2 "blue"/sky&more'fun)";
constexpr const char* name = "hunter2-in-a-name";
constexpr const char* key = "-----BEGIN\nfirst-line-of-it\nsecond-line-of-it\n-----END";

// Pieces of each form, so that a form of which only a part is masked is found as well.
constexpr const char* pieces[] = {R"("blue"/sky&mo)",  // as it is, and traced
                                  "ZSIvc2t5Jm1v",      // base64, at each of three places
                                  "NreSZtb3JlJ2",          "bHVlIi9za3",
                                  "626c7565222f736b79",  // hexadecimal digits
                                  "%22blue%22%2Fsky",    // of an address
                                  R"(\"blue\"/sky)",     // in JSON, and quoted for a shell
                                  R"(\"blue\"/sky\&more)", "in-a-name",  "first-line-of", "second-line-of"};

constexpr const char* prints = R"sh(
          echo "plain <$TOKEN>"; echo "on standard error <$TOKEN>" >&2
          printf %s "two writes <${TOKEN:0:9}"; printf '%s>\n' "${TOKEN:9}"
          for i in $(seq 0 26); do printf %s "${TOKEN:$i:1}"; done; echo
          for before in "" a ab; do printf %s "$before$TOKEN" | base64 -w0; echo; done
          printf %s "$TOKEN" | od -An -v -tx1 | tr -d " \n"; echo
          for i in $(seq 0 26); do
            c=${TOKEN:$i:1}; case $c in [a-z0-9]) printf %s "$c";; *) printf %%%02X "'$c";; esac
          done; echo
          json=${TOKEN//\\/\\\\}; json=${json//\"/\\\"}; echo "{\"json\": \"$json\"}"
          printf 'quoted %q\n' "$TOKEN"
          (set -x; : "$TOKEN") 2>&1
          echo "$KEY"; echo "$KEY" | tail -n 2 | head -n 1
          mkdir out results; echo harmless > "out/$NAME.txt"
          echo "<testsuite name='$NAME'><testcase name='of $NAME' classname='$NAME'>" \
               "<failure message='saw $NAME'>$NAME</failure></testcase></testsuite>" > results/junit.xml
          echo "all is printed")sh";

class Masking : public Story {
protected:
    void set(const std::string& variable, const std::string& value) {
        const Finished done = server().gyre({"env", "set", "git/app", variable}, "", value);
        EXPECT_EQ(done.exit_code, 0) << done.err;
    }
    static void expect_nothing_in(const std::string& text, const std::string& where) {
        for (const char* piece : pieces) EXPECT_EQ(text.find(piece), std::string::npos) << piece << " in " << where;
    }
    std::string said_by_the_api(const std::string& kind) {
        const std::string number = std::to_string(number_at(newest().job("tell"), "job_number"));
        return json::serialize(server().get("/api/v2/project/git/app/" + number + "/" + kind));
    }
};

TEST_F(Masking, leaves_no_form_of_a_secret_in_output_names_or_files) {
    start();
    set("TOKEN", token);
    set("NAME", name);
    set("KEY", key);
    set("PIN", "abc");
    Gate gate;
    config("version: 2.1\njobs:\n  tell:\n    docker: [{image: debian:12}]\n    steps:\n      - run: |" +
           std::string(prints) + "\n          " + gate.command("tell") +
           "\n      - store_artifacts: {path: out}\n      - store_test_results: {path: results}\n"
           "workflows: {all: {jobs: [tell]}}\n");
    const Pipeline pipeline = push("tell");
    gate.wait();
    std::string live;
    eventually("the output has come to the server", [&] {
        live = pipeline.outputs("tell");
        return live.find("all is printed") != std::string::npos;
    });
    EXPECT_EQ(text_at(pipeline.job("tell"), "status"), "running");
    expect_nothing_in(live, "live output:\n" + live);
    gate.open();
    EXPECT_EQ(pipeline.wait().status(), "success");
    const std::string stored = pipeline.outputs("tell");
    expect_nothing_in(stored, "stored output");
    for (const char* shown : {"plain <****>", "on standard error <****>", "two writes <****>", R"({"json": "****"})",
                              "value of PIN is too short to be masked"})
        EXPECT_THAT(stored, HasSubstr(shown));
    EXPECT_THAT(said_by_the_api("artifacts"), HasSubstr("****.txt"));
    EXPECT_THAT(said_by_the_api("tests"), HasSubstr("saw ****"));
    for (const char* kind : {"artifacts", "tests"}) expect_nothing_in(said_by_the_api(kind), kind);
    expect_nothing_left();
    EXPECT_EQ(server().stop(), 0) << "so that the database is in its file";
    for (const auto& entry : std::filesystem::recursive_directory_iterator(server().directory())) {
        if (entry.is_regular_file()) expect_nothing_in(read_file(entry.path()), entry.path());
    }
}

// The config itself keeps it, where its author wrote it.
TEST_F(Masking, hides_what_a_config_says_in_a_steps_name_and_command) {
    start();
    set("NAME", name);
    config("version: 2.1\njobs:\n  tell:\n    docker: [{image: debian:12}]\n    steps:\n      - run: {name: \"say " +
           std::string(name) + "\", command: \"true " + name + "\"}\n      - run: {name: \"skip " + name +
           "\", command: \"true\", when: on_fail}\nworkflows: {all: {jobs: [tell]}}\n");
    const Pipeline pipeline = push("tell").wait();
    EXPECT_EQ(pipeline.status(), "success");
    const std::string number = std::to_string(number_at(pipeline.job("tell"), "job_number"));
    for (std::vector<std::string> words :
         {std::vector<std::string>{"logs"}, {"jobs", "manifest"}, {"logs", "--json"}, {"jobs", "manifest", "--json"}}) {
        words.insert(words.end(), {"git/app", number});
        const Finished shown = server().gyre(words);
        EXPECT_EQ(shown.out.find("in-a-name"), std::string::npos) << shown.out;
        EXPECT_THAT(shown.out, HasSubstr("say ****"));
        EXPECT_THAT(shown.out, HasSubstr("skip ****"));
    }
}

}  // namespace
}  // namespace gyre::test
