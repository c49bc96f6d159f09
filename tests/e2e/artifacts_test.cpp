// Artifacts with names that attack: nothing outside of the job is stored, and nothing is served that a browser would
// run.

#include <gtest/gtest.h>

#include "support/story.h"

namespace gyre::test {
namespace {

// `secret` is a file that the server can read and a job cannot.
std::string hostile(const std::string& secret) {
    return R"yml(version: 2
jobs:
  build:
    docker: [{image: debian:12}]
    resource_class: small
    steps:
      - run: |
          mkdir -p out/sub
          echo '<script>alert(1)</script>' > 'out/page.html'
          echo '<svg onload="alert(1)"/>' > 'out/<b onclick=x>.svg'
          echo plain > 'out/sub/two words & %2e%2e.txt'
          echo umlaut > 'out/ümlaut.txt'
          ln -s )yml" +
           secret + R"yml( out/link.txt
          ln -s ../../.. out/up
          mkfifo out/pipe
      - store_artifacts: {path: out, destination: files}
      - store_artifacts: {path: /nowhere/at/all}
)yml";
}

json::array artifacts_of(const Server& server, std::int64_t number) {
    const auto items = at(server.get("/api/v2/project/git%2Fapp/" + std::to_string(number) + "/artifacts"), "items");
    return items.is_array() ? items.get_array() : json::array{};
}

TEST_F(Story, hostile_artifacts_are_stored_safely_and_served_as_downloads) {
    start();
    config(hostile(directory() + "/server.log"));
    const Pipeline pipeline = push("attack");
    pipeline.wait();
    expect_job("build").succeeded();
    const auto artifacts = artifacts_of(server(), number_at(pipeline.job("build"), "job_number"));
    std::vector<std::string> paths;
    for (const auto& artifact : artifacts) {
        const std::string path = text_at(artifact, "path");
        paths.push_back(path);
        const std::string url = text_at(artifact, "url");
        const auto answer = server().call({.target = url.substr(url.find('/', url.find("://") + 3))});
        ASSERT_EQ(answer.status, 200) << url << answer.body;
        EXPECT_EQ(answer.header("X-Content-Type-Options"), "nosniff") << path;
        EXPECT_TRUE(answer.header("Content-Disposition").starts_with("attachment") ||
                    answer.header("Content-Security-Policy").find("sandbox") != std::string_view::npos)
            << path;
        EXPECT_EQ(answer.body.find("administrator"), std::string::npos) << path << " is the server's own log";
    }
    EXPECT_THAT(paths, testing::IsSupersetOf({"files/page.html", "files/<b onclick=x>.svg",
                                              "files/sub/two words & %2e%2e.txt", "files/ümlaut.txt"}));
    for (const auto& path : paths) EXPECT_EQ(path.find(".."), std::string::npos) << path;
}

TEST_F(Story, paths_that_climb_out_of_the_artifacts_are_refused) {
    start();
    config(hostile(directory() + "/server.log"));
    const Pipeline pipeline = push("attack");
    pipeline.wait();
    const auto artifacts = artifacts_of(server(), number_at(pipeline.job("build"), "job_number"));
    ASSERT_FALSE(artifacts.empty());
    const std::string url = text_at(artifacts.front(), "url");
    std::string folder = url.substr(url.find('/', url.find("://") + 3));
    folder.resize(folder.rfind("files/"));
    for (const char* path : {"../../../../../../etc/passwd", "%2e%2e/%2e%2e/%2e%2e/etc/passwd",
                             "..%2f..%2fetc%2fpasswd", "files/%00", "files/../../x", "%252e%252e/x", "/etc/passwd"}) {
        const auto answer = server().call({.target = folder + path});
        EXPECT_GE(answer.status, 400) << path;
        EXPECT_LT(answer.status, 500) << path;
        EXPECT_EQ(answer.body.find("root:"), std::string::npos) << path;
    }
}

}  // namespace
}  // namespace gyre::test
