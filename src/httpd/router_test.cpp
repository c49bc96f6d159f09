#include "httpd/router.h"

#include <gtest/gtest.h>

#include <stdexcept>

#include "base/utf8.h"
#include "httpd/range.h"

namespace gyre::httpd {
namespace {

Handler nothing() {
    return [](Request&) { return Response{}; };
}

Router some_routes() {
    Router router;
    for (const std::string pattern :
         {"/", "/pipeline", "/pipeline/:id", "/pipeline/mine", "/project/{slug}", "/project/{slug}/job/:n",
          "/project/git/:name", "/project/git/:name/job/:n", "/project/:vcs/:org/:repo",
          "/project/:vcs/:org/:repo/job/:n", "/artifacts/:job/*path"}) {
        router.add({.method = "GET", .pattern = pattern, .handler = nothing()});
    }
    router.add({.method = "POST", .pattern = "/pipeline", .handler = nothing()});
    return router;
}

// "pattern name=value name=value", or why there is none.
std::string matched(const Router& router, const std::string& method, const std::string& target) {
    const auto parsed = parse_target(target);
    if (!parsed) return "refused: " + parsed.error().message;
    const auto match = router.match(method, parsed->segments);
    if (std::holds_alternative<Router::NoPath>(match)) return "no path";
    if (const auto* no = std::get_if<Router::NoMethod>(&match)) return "allow " + no->allow;
    const auto& found = std::get<Router::Found>(match);
    std::string text = found.route->pattern;
    for (const auto& [name, value] : found.params) text.append(" ").append(name).append("=").append(value);
    return text;
}

TEST(Router, finds_the_most_literal_pattern) {
    const auto router = some_routes();
    const std::vector<std::pair<std::string, std::string>> table{
        {"/", "/"},
        {"/pipeline", "/pipeline"},
        {"/pipeline/", "/pipeline"},
        {"/pipeline/mine", "/pipeline/mine"},
        {"/pipeline/7", "/pipeline/:id id=7"},
        {"/project/gh%2Facme%2Fshop", "/project/{slug} slug=gh/acme/shop"},
        {"/project/gh%2Facme%2Fshop/job/5", "/project/{slug}/job/:n slug=gh/acme/shop n=5"},
        {"/project/11111111-2222-4333-8444-555555555555/job/5",
         "/project/{slug}/job/:n slug=11111111-2222-4333-8444-555555555555 n=5"},
        {"/project/git/demo", "/project/git/:name name=demo"},
        {"/project/git/demo/job/5", "/project/git/:name/job/:n name=demo n=5"},
        {"/project/git/demo/shop", "/project/:vcs/:org/:repo vcs=git org=demo repo=shop"},
        {"/project/gh/acme/shop/job/5", "/project/:vcs/:org/:repo/job/:n vcs=gh org=acme repo=shop n=5"},
        {"/artifacts/j/a/b%20c/d.txt", "/artifacts/:job/*path job=j path=a/b c/d.txt"},
        {"/artifacts/j", "no path"},
        {"/pipeline/a%2Fb", "no path"},
        {"/pipeline//", "no path"},
        {"/pipelines", "no path"},
        {"/pipeline/7/more", "no path"},
    };
    for (const auto& [target, expected] : table) EXPECT_EQ(matched(router, "GET", target), expected) << target;
}

TEST(Router, says_which_methods_a_path_has) {
    const auto router = some_routes();
    EXPECT_EQ(matched(router, "DELETE", "/pipeline"), "allow GET, POST");
    EXPECT_EQ(matched(router, "POST", "/pipeline"), "/pipeline");
    EXPECT_EQ(matched(router, "HEAD", "/pipeline"), "/pipeline");
}

TEST(Router, gives_reads_of_unknown_paths_to_the_fallback) {
    auto router = some_routes();
    router.fallback({.method = "GET", .pattern = "fallback", .handler = nothing()});
    EXPECT_EQ(matched(router, "GET", "/anything/else"), "fallback");
    EXPECT_EQ(matched(router, "POST", "/anything/else"), "no path");
}

TEST(Router, refuses_a_route_twice) {
    auto router = some_routes();
    EXPECT_THROW(router.add({.method = "GET", .pattern = "/pipeline/:other", .handler = nothing()}), std::logic_error);
}

TEST(Target, decodes_the_query) {
    const auto target = parse_target("/x?a=1&b=two%20words&a=3+4&flag&=empty&&c=%26");
    ASSERT_TRUE(target);
    const Pairs expected{{"a", "1"}, {"b", "two words"}, {"a", "3 4"}, {"flag", ""}, {"", "empty"}, {"c", "&"}};
    EXPECT_EQ(target->query, expected);
    EXPECT_EQ(target->path, "/x");
}

TEST(Target, refuses_what_could_climb_or_confuse) {
    std::string many;
    for (int i = 0; i < 65; ++i) many += "/a";
    std::string fields = "/?";
    for (int i = 0; i < 201; ++i) fields += "a&";
    for (const std::string& target : {std::string("x"),
                                      std::string(""),
                                      std::string("*"),
                                      std::string("http://host/x"),
                                      std::string("/.."),
                                      std::string("/a/../b"),
                                      std::string("/a/%2e%2e/b"),
                                      std::string("/a/..%2f..%2fetc"),
                                      std::string("/a/..%5cb"),
                                      std::string("/a/x%2F..%2Fy"),
                                      std::string("/."),
                                      std::string("/%00"),
                                      std::string("/a%0d%0ab"),
                                      std::string("/a%7f"),
                                      std::string("/%"),
                                      std::string("/%4"),
                                      std::string("/%zz"),
                                      std::string("/?a=%g1"),
                                      std::string("/a\x01"),
                                      many,
                                      fields}) {
        EXPECT_FALSE(parse_target(target)) << target;
    }
    for (const std::string target : {"/...", "/..a", "/a..", "/a%2Fb", "/%c3%a9"}) {
        EXPECT_TRUE(parse_target(target)) << target;
    }
}

TEST(Target, encodes_what_a_path_cannot_hold) {
    EXPECT_EQ(percent_encode("a b/c?d#é"), "a%20b%2Fc%3Fd%23%C3%A9");
    EXPECT_EQ(percent_encode("a b/c", true), "a%20b/c");
}

TEST(Request, reads_numbers_of_the_query_within_their_bounds) {
    Request request{.query = {{"limit", "5"}, {"bad", "5x"}, {"big", "99999999999999999999"}, {"empty", ""}}};
    EXPECT_EQ(*request.query_number("limit", 30, 1, 100), 5);
    EXPECT_EQ(*request.query_number("absent", 30, 1, 100), 30);
    EXPECT_EQ(*request.query_number("empty", 30, 1, 100), 30);
    for (const char* name : {"bad", "big"}) EXPECT_FALSE(request.query_number(name, 30, 1, 100)) << name;
    EXPECT_FALSE(request.query_number("limit", 30, 6, 100));
}

std::string range(const std::string& header, std::int64_t size, const std::string& method = "GET") {
    const auto found = range_of(Request{.method = method, .headers = {{"range", header}}}, size);
    if (found.kind == RangeKind::whole) return "whole " + std::to_string(found.length);
    return content_range(found, size);
}

TEST(Range, is_the_part_of_the_body_that_was_asked_for) {
    EXPECT_EQ(range("bytes=0-", 78), "bytes 0-77/78");
    EXPECT_EQ(range("bytes=77-", 78), "bytes 77-77/78");
    EXPECT_EQ(range("bytes=10-19", 78), "bytes 10-19/78");
    EXPECT_EQ(range("Bytes=10-99999999999999999999", 78), "bytes 10-77/78");
    EXPECT_EQ(range("bytes=-5", 78), "bytes 73-77/78");
    EXPECT_EQ(range("bytes=-500", 78), "bytes 0-77/78");
}

TEST(Range, behind_the_end_cannot_be_satisfied) {
    EXPECT_EQ(range("bytes=78-", 78), "bytes */78");
    EXPECT_EQ(range("bytes=78-80", 78), "bytes */78");
    EXPECT_EQ(range("bytes=99999999999999999999-", 78), "bytes */78");
    EXPECT_EQ(range("bytes=-0", 78), "bytes */78");
    EXPECT_EQ(range("bytes=0-", 0), "bytes */0");
}

TEST(Range, of_another_form_is_ignored) {
    for (const char* other : {"", "bytes", "bytes=", "bytes=-", "bytes=x-", "bytes=2-1", "bytes=1-,3-", "bytes=0-1,5-6",
                              "items=1-", "bytes=1-2-3", "bytes=+1-", "bytes=--5", "bytes= 1-2"}) {
        EXPECT_EQ(range(other, 78), "whole 78") << other;
    }
    EXPECT_EQ(range("bytes=1-2", 78, "HEAD"), "whole 78");
    EXPECT_EQ(range("bytes=-5", 0), "whole 0");
    const Request guarded{.method = "GET", .headers = {{"range", "bytes=1-2"}, {"if-range", "\"x\""}}};
    EXPECT_EQ(range_of(guarded, 78).kind, RangeKind::whole);
}

TEST(MessageAnswer, is_utf8_whatever_it_quotes) {
    const auto answer = message_answer(400, "no orb \xff\xfe/x");
    EXPECT_EQ(answer.body, valid_utf8(answer.body));
    EXPECT_NE(answer.body.find("no orb"), std::string::npos);
}

}  // namespace
}  // namespace gyre::httpd
