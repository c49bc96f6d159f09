// The web page as a person uses it: sign in, start a pipeline, watch its output arrive, see green.

#include <gtest/gtest.h>

#include "support/browser.h"
#include "support/gate.h"
#include "support/story.h"

namespace gyre::test {
namespace {

TEST_F(Story, the_web_page_starts_a_pipeline_and_shows_its_output_live) {
    if (const auto missing = browser_needs(); !missing.empty()) GTEST_SKIP() << missing;
    start();
    Gate gate;
    config(
        "version: 2\njobs:\n  build:\n    docker: [{image: debian:12}]\n    resource_class: small\n    steps:\n"
        "      - run:\n          name: Talk\n          command: |\n            echo before-the-\"gate\"\n            " +
        gate.command() + "\n            echo behind-the-\"gate\"\n");
    repository().push("greet the world");
    gate.wait();
    gate.open();
    newest().wait();

    Browser browser(directory());
    browser.open(server().url() + "/");
    browser.fill("#token", "not-the-token");
    browser.press("Sign in");
    browser.see("not known here");
    browser.fill("#token", server().token());
    browser.press("Sign in");
    browser.see("greet the world");
    browser.open(server().url() + "/projects");
    browser.press("Trigger a pipeline of git/app");
    browser.fill("input[aria-label=Branch]", "main");
    browser.press("Trigger");
    gate.wait();
    const auto number = number_at(newest().job("build"), "job_number");
    browser.press("build #" + std::to_string(number));
    browser.press("Resources");
    browser.see("so far");
    browser.press("Steps");
    browser.see("before-the-gate");
    EXPECT_EQ(browser.text().find("behind-the-gate"), std::string::npos) << browser.text();
    browser.evaluate("window.sameDocument = true");
    gate.open();
    browser.see("behind-the-gate");
    browser.see("Success");
    EXPECT_EQ(browser.evaluate("window.sameDocument"), json::value(true)) << "the page was loaded anew";
    browser.screenshot(directory() + "/green.png");
    EXPECT_EQ(newest().wait().status(), "success");
}

}  // namespace
}  // namespace gyre::test
