#include "agent/executors/docker_image.h"

#include <gtest/gtest.h>

#include "support/fake_engine.h"

namespace gyre::agent {
namespace {

using namespace test;

TEST(Credentials, name_variables) {
    const Environment variables{{"USER", "old"}, {"USER", "bob"}, {"P_1", "s3$cret"}, {"EMPTY", ""}};
    const std::vector<std::pair<const char*, const char*>> cases{
        {"$USER", "bob"},     {"${USER}", "bob"}, {"x-$USER-y", "x-bob-y"}, {"$P_1", "s3$cret"},
        {"plain", "plain"},   {"a$", "a$"},       {"a$$", "a$$"},           {"$1", "$1"},
        {"${USER", "${USER"}, {"", ""},           {"$EMPTY", ""},           {"${USER}$P_1", "bobs3$cret"},
    };
    for (const auto& [text, wanted] : cases) EXPECT_EQ(expand_variables(text, variables).value_or("?"), wanted) << text;
    const auto missing = expand_variables("$DOCKER_PASS", variables);
    ASSERT_FALSE(missing);
    EXPECT_NE(missing.error().message.find("$DOCKER_PASS"), std::string::npos);
}

TEST(Credentials, are_the_containers_own_or_else_its_organizations_for_that_registry_as_they_are) {
    const std::vector<wire::RegistryLogin> logins{{"ghcr.io", "robot$USER", "p$PASS${"}, {"docker.io", "hub", "x"}};
    const auto login = [&](const std::string& image, std::optional<RegistryAuth> auth = {}) {
        const ContainerSpec container{.image = image, .auth = std::move(auth)};
        return login_for(container, parse_image_reference(image).value(), {{"USER", "bob"}}, logins).value();
    };
    EXPECT_EQ(login("ghcr.io/acme/app:1").source, LoginSource::organization);
    EXPECT_EQ(login("ghcr.io/acme/app:1").username, "robot$USER");
    EXPECT_EQ(login("GHCR.io/acme/app:1").password, "p$PASS${");
    for (const char* of_hub : {"alpine", "acme/app:1", "docker.io/library/alpine", "index.docker.io/acme/app"})
        EXPECT_EQ(login(of_hub).username, "hub") << of_hub;
    const auto own = login("ghcr.io/acme/app:1", RegistryAuth{"$USER", "y"});
    EXPECT_EQ(own.source, LoginSource::config);
    EXPECT_EQ(own.username + own.password, "boby");
    for (const char* of_another : {"ghcr.io:5000/acme/app", "ghcr.io.example.org/a", "xghcr.io/a", "quay.io/ghcr.io/a",
                                   "Evil/a", "docker.io.example.org/a", "docker.io:5000/a"})
        EXPECT_EQ(login(of_another).source, LoginSource::nobody) << of_another;
}

TEST(Credentials, travel_as_base64_for_urls) {
    // Question marks and `>` give the two characters in which the alphabets differ.
    const std::string header = registry_auth("docker.io", "a", "?\?\?>>>");
    EXPECT_EQ(header.find_first_of("+/"), std::string::npos);
    EXPECT_EQ(header.size() % 4, 0u);
    EXPECT_NE(registry_auth("a.b:5000", "a", "b"), registry_auth("docker.io", "a", "b"));
}

class Images : public testing::Test {
protected:
    Result<ImageFacts> ensure(const std::string& image, std::optional<RegistryAuth> auth = {},
                              const std::vector<wire::RegistryLogin>& logins = {}) {
        EngineSettings settings;
        settings.socket = engine.socket();
        auto client = EngineClient::connect(settings);
        if (!client) return client.error();
        ContainerSpec container;
        container.image = image;
        container.auth = std::move(auth);
        const auto say = [&](std::string_view line) {
            said.append(line);
            said.push_back('\n');
        };
        return ensure_image(*client, images, container, {{"PASS", "s3cret"}}, say, logins);
    }
    void there_is_no_image() { engine.on("GET /images/", answer(404, R"({"message":"No such image"})")); }

    FakeEngine engine;
    EngineImages images{""};
    std::string said;
};

TEST_F(Images, that_are_here_are_not_pulled) {
    EXPECT_TRUE(ensure("cimg/go:1.21"));
    EXPECT_TRUE(engine.calls_of("POST /images/create").empty());
    EXPECT_NE(said.find("on this machine"), std::string::npos);
}

TEST_F(Images, with_a_moving_tag_are_pulled_each_time) {
    engine.on("POST /images/create", answer(200, "{}"));
    EXPECT_TRUE(ensure("cimg/go"));
    ASSERT_EQ(engine.calls_of("POST /images/create").size(), 1u);
    EXPECT_EQ(engine.calls_of("POST /images/create")[0].target, "/images/create?fromImage=cimg%2Fgo&tag=latest");
}

TEST_F(Images, that_are_here_serve_when_the_registry_is_away) {
    engine.on("POST /images/create", answer(500, R"({"message":"dial tcp: connection refused"})"));
    EXPECT_TRUE(ensure("cimg/go:latest"));
    EXPECT_NE(said.find("out of date"), std::string::npos) << said;
}

TEST_F(Images, that_may_not_be_pulled_do_not_serve) {
    engine.on("POST /images/create", answer(500, R"({"message":"unauthorized"})"));
    EXPECT_FALSE(ensure("cimg/go:latest"));
}

TEST_F(Images, that_cannot_be_had_are_our_fault_or_the_authors) {
    there_is_no_image();
    struct Case {
        int status;
        const char* message;
        Fault fault;
    };
    const std::vector<Case> cases{
        {404, "manifest for x:1 not found: manifest unknown: manifest unknown", Fault::invalid},
        {500, "Head \\\"http://r/v2/\\\": no basic auth credentials", Fault::invalid},
        {500, "unauthorized: authentication required", Fault::invalid},
        {404, "pull access denied for x, repository does not exist or may require 'docker login'", Fault::invalid},
        {400, "invalid reference format: repository name must be lowercase", Fault::invalid},
        {500, "toomanyrequests: You have reached your pull rate limit. denied: x", Fault::unavailable},
        {500, "Get \\\"https://r/v2/\\\": dial tcp 10.0.0.1:443: connect: connection refused", Fault::unavailable},
        {500, "lookup r: no such host", Fault::unavailable},
        {500, "write /var/lib/docker/tmp/x: no space left on device", Fault::unavailable},
        {200, "reading manifest nope in r/bb: manifest unknown: manifest unknown", Fault::invalid},
        {200, "reading manifest 1 in r/bb: unauthorized: authentication required", Fault::invalid},
        {200, "pinging container registry r: dial tcp: connection refused", Fault::unavailable},
    };
    for (const auto& one : cases) {
        const char* key = one.status == 200 ? "error" : "message";
        engine.on("POST /images/create", answer(one.status, std::string("{\"") + key + "\":\"" + one.message + "\"}"));
        const auto image = ensure("ci/bb:1");
        ASSERT_FALSE(image) << one.message;
        EXPECT_EQ(image.error().fault, one.fault) << image.error().message;
        EXPECT_NE(image.error().message.find("ci/bb:1"), std::string::npos);
    }
}

TEST_F(Images, are_pulled_with_the_jobs_credentials_and_nobody_hears_them) {
    there_is_no_image();
    engine.on("POST /images/create", answer(500, R"({"message":"unauthorized"})"));
    const auto image = ensure("127.0.0.1:5000/bb:1", RegistryAuth{"bob", "$PASS"});
    ASSERT_FALSE(image);
    EXPECT_NE(image.error().message.find("auth"), std::string::npos);
    EXPECT_EQ(image.error().message.find("s3cret"), std::string::npos);
    EXPECT_EQ(said.find("s3cret"), std::string::npos);
    const auto request = engine.calls_of("POST /images/create").at(0);
    EXPECT_NE(request.head.find(registry_auth("127.0.0.1:5000", "bob", "s3cret")), std::string::npos);

    const auto unset = ensure("127.0.0.1:5000/bb:1", RegistryAuth{"bob", "$NOT_SET"});
    ASSERT_FALSE(unset);
    EXPECT_EQ(unset.error().fault, Fault::invalid);
    EXPECT_NE(unset.error().message.find("$NOT_SET"), std::string::npos);
}

TEST_F(Images, are_pulled_with_what_the_organization_has_and_say_whose_it_was_when_it_opens_nothing) {
    there_is_no_image();
    engine.on("POST /images/create", answer(500, R"({"message":"unauthorized"})"));
    const std::vector<wire::RegistryLogin> logins{{"127.0.0.1:5000", "robot", "p$PASS"}};
    const auto refused = ensure("127.0.0.1:5000/bb:1", {}, logins);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().fault, Fault::invalid);
    EXPECT_NE(refused.error().message.find("gyre registries list"), std::string::npos) << refused.error().message;
    EXPECT_EQ(refused.error().message.find("p$PASS"), std::string::npos);
    EXPECT_EQ(said.find("p$PASS"), std::string::npos);
    const auto request = engine.calls_of("POST /images/create").at(0);
    EXPECT_NE(request.head.find(registry_auth("127.0.0.1:5000", "robot", "p$PASS")), std::string::npos);

    const auto elsewhere = ensure("127.0.0.1:5001/bb:1", {}, logins);
    ASSERT_FALSE(elsewhere);
    EXPECT_NE(elsewhere.error().message.find("gyre registries add"), std::string::npos) << elsewhere.error().message;
    EXPECT_EQ(engine.calls_of("POST /images/create").at(1).head.find("X-Registry-Auth"), std::string::npos);
}

}  // namespace
}  // namespace gyre::agent
