#include "model/image_reference.h"

#include <gtest/gtest.h>

#include <utility>
#include <vector>

namespace gyre {
namespace {

TEST(ImageReference, has_a_name_a_version_and_perhaps_a_registry) {
    struct Case {
        const char* text;
        const char* name;
        const char* version;
        const char* registry;
        bool moves;
    };
    const std::string digest = "sha256:" + std::string(64, 'a');
    const std::string by_digest = "cimg/go@" + digest;
    const std::string by_both = "ghcr.io/a/b:1.0@" + digest;
    const std::vector<Case> cases{
        {"cimg/go:1.21", "cimg/go", "1.21", "docker.io", false},
        {"postgres", "postgres", "latest", "docker.io", true},
        {"postgres:latest", "postgres", "latest", "docker.io", true},
        {"docker.io/library/alpine", "docker.io/library/alpine", "latest", "docker.io", true},
        {"index.docker.io/acme/app:1", "index.docker.io/acme/app", "1", "docker.io", false},
        {"GHCR.io/a/b:Tag", "ghcr.io/a/b", "Tag", "ghcr.io", false},
        {"LocalHost:5000/a", "localhost:5000/a", "latest", "localhost:5000", true},
        {"Evil/a:1", "Evil/a", "1", "evil", false},
        {"acme/ghcr.io/b:1", "acme/ghcr.io/b", "1", "docker.io", false},
        {"alpine.linux", "alpine.linux", "latest", "docker.io", true},
        {"127.0.0.1:5000/ci/bb:1", "127.0.0.1:5000/ci/bb", "1", "127.0.0.1:5000", false},
        {"127.0.0.1:5000/bb", "127.0.0.1:5000/bb", "latest", "127.0.0.1:5000", true},
        {"localhost/bb:1", "localhost/bb", "1", "localhost", false},
        {"123.dkr.ecr.us-east-1.amazonaws.com/app:x", "123.dkr.ecr.us-east-1.amazonaws.com/app", "x",
         "123.dkr.ecr.us-east-1.amazonaws.com", false},
        {by_digest.c_str(), "cimg/go", digest.c_str(), "docker.io", false},
        {by_both.c_str(), "ghcr.io/a/b", digest.c_str(), "ghcr.io", false},
    };
    for (const auto& one : cases) {
        const auto image = parse_image_reference(one.text);
        ASSERT_TRUE(image) << one.text << ": " << image.error().message;
        EXPECT_EQ(image->name, one.name);
        EXPECT_EQ(image->version, one.version);
        EXPECT_EQ(image->registry, one.registry);
        EXPECT_EQ(image->moves(), one.moves);
    }
    EXPECT_EQ(parse_image_reference(by_both)->text(), "ghcr.io/a/b@" + digest);
    EXPECT_EQ(parse_image_reference("postgres")->text(), "postgres:latest");
}

TEST(ImageReference, that_is_none_is_the_authors_error) {
    for (const std::string& text : {std::string(),
                                    std::string(":1"),
                                    std::string("x:"),
                                    std::string("a b"),
                                    std::string("x?y=1"),
                                    std::string("x\ny"),
                                    std::string("x@"),
                                    std::string("x@sha256"),
                                    std::string("x@a:b@c"),
                                    std::string("%2e"),
                                    std::string("x:1:2"),
                                    std::string("x:1:2@a:b"),
                                    std::string("r.io/x:1/y"),
                                    std::string("r.io/x:1:2@a:b"),
                                    std::string("r.io/a/../x:1"),
                                    std::string("../x"),
                                    std::string("a//x"),
                                    std::string("/x"),
                                    std::string("x/"),
                                    std::string("-v/:/x"),
                                    std::string("a/.x"),
                                    std::string("a/x."),
                                    std::string("a..b"),
                                    std::string("./x"),
                                    std::string("x@a:b/c"),
                                    "a@x/../../y:" + std::string(32, '0'),
                                    "a@b@sha256:" + std::string(64, '0'),
                                    "a@:" + std::string(64, '0'),
                                    std::string(10'000, 'x')}) {
        const auto image = parse_image_reference(text);
        ASSERT_FALSE(image) << text;
        EXPECT_EQ(image.error().fault, Fault::invalid);
        EXPECT_LT(image.error().message.size(), 200u);
    }
}

TEST(Registry, is_named_as_in_the_names_of_its_images) {
    const std::vector<std::pair<const char*, const char*>> cases{
        {"ghcr.io", "ghcr.io"},
        {"GHCR.io", "ghcr.io"},
        {"docker.io", "docker.io"},
        {"index.docker.io", "docker.io"},
        {"Index.Docker.IO", "docker.io"},
        {"localhost", "localhost"},
        {"registry:5000", "registry:5000"},
        {"127.0.0.1:1", "127.0.0.1:1"},
        {"a-b.example.org:65535", "a-b.example.org:65535"},
    };
    for (const auto& [text, wanted] : cases) {
        const auto registry = parse_registry(text);
        ASSERT_TRUE(registry) << text << ": " << registry.error().message;
        EXPECT_EQ(*registry, wanted) << text;
        const auto image = parse_image_reference(*registry + "/a:1");
        EXPECT_EQ(image->registry, wanted) << text;
    }
}

TEST(Registry, that_no_image_can_lie_in_is_refused) {
    const std::string long_host = std::string(250, 'a') + ".org";
    for (const std::string& text : {std::string(),
                                    std::string("ghcr"),
                                    std::string("acme"),
                                    std::string("ghcr.io:"),
                                    std::string("ghcr.io:0"),
                                    std::string("ghcr.io:65536"),
                                    std::string("ghcr.io:080"),
                                    std::string("ghcr.io:99999999999999999999"),
                                    std::string("ghcr.io:-1"),
                                    std::string("a b.org"),
                                    std::string(".org"),
                                    std::string("a..b"),
                                    std::string("a.b."),
                                    std::string("-a.b"),
                                    std::string("a-.b"),
                                    std::string("[::1]:5000"),
                                    std::string("::1"),
                                    std::string("a_b.org"),
                                    std::string("bob@ghcr.io"),
                                    std::string("ghcr.io\n"),
                                    std::string("gh\0cr.io", 9),
                                    std::string("https://"),
                                    std::string("https://bob:pw@ghcr.io"),
                                    std::string("\xc3\xa4.de"),
                                    std::string("*.io")}) {
        const auto registry = parse_registry(text);
        ASSERT_FALSE(registry) << text;
        EXPECT_EQ(registry.error().fault, Fault::invalid) << text;
        EXPECT_NE(registry.error().message.find("ghcr.io, localhost:5000, or docker.io"), std::string::npos) << text;
    }
    for (const std::string& text : {std::string(260, 'a'), "https://" + long_host + std::string(10'000, '/')})
        EXPECT_EQ(parse_registry(text).error().fault, Fault::too_large);
}

TEST(Registry, by_an_address_is_refused_with_what_to_write) {
    const std::vector<std::pair<const char*, const char*>> cases{
        {"https://ghcr.io", "write ghcr.io"},
        {"http://Registry.example.org:5000/", "write registry.example.org:5000"},
        {"https://index.docker.io/v1/", "write docker.io"},
        {"ghcr.io/acme", "write ghcr.io"},
    };
    for (const auto& [text, advice] : cases) {
        const auto registry = parse_registry(text);
        ASSERT_FALSE(registry) << text;
        EXPECT_EQ(registry.error().fault, Fault::invalid);
        EXPECT_NE(registry.error().message.find(advice), std::string::npos) << registry.error().message;
    }
}

}  // namespace
}  // namespace gyre
