#include "adapters/memory/live.h"
#include "adapters/memory/manual_clock.h"
#include "adapters/memory/stores.h"
#include "api/test_api.h"

namespace gyre::api {
namespace {

constexpr const char* orb_text = "version: 2.1\ncommands: {c: {steps: [checkout]}}\n";

class OrbRoutes : public ServedApi<memory::MemoryStores, memory::MemoryLive, memory::ManualClock> {
protected:
    httpd::RawAnswer publish(const std::string& name, const std::string& version,
                             const std::string& source = orb_text) {
        return send("POST", "/api/v2/gyre/orbs/" + name,
                    json::serialize(json::object{{"version", version}, {"source", source}}));
    }
    std::string message(const httpd::RawAnswer& answer) {
        return std::string(parse_json(answer.body)->at("message").as_string());
    }
};

TEST_F(OrbRoutes, publish_an_orb_and_show_it) {
    const auto published = publish("acme/tools", "1.0.0");
    EXPECT_EQ(published.status, 201) << published.body;
    EXPECT_EQ(parse_json(published.body)->at("outcome"), "published");
    EXPECT_EQ(publish("acme/tools", "1.1.0", std::string(orb_text) + "# \"\\\n").status, 201);
    EXPECT_EQ(publish("acme/tools", "dev:x").status, 201);
    EXPECT_EQ(publish("other/thing", "0.1.0").status, 201);

    const auto orb = json_of("/api/v2/gyre/orbs/acme/tools");
    EXPECT_EQ(orb.at("versions").as_array().size(), 3U);
    EXPECT_EQ(orb.at("versions").at(0).at("version"), "1.1.0");
    EXPECT_EQ(orb.at("versions").at(0).at("published_by"), "ann");
    EXPECT_TRUE(orb.at("versions").at(0).at("expires_at").is_null());
    EXPECT_TRUE(orb.at("versions").at(2).at("expires_at").is_string());

    const auto source = json_of("/api/v2/gyre/orbs/acme/tools/source?version=1.0");
    EXPECT_EQ(source.at("version"), "1.0.0");
    EXPECT_EQ(source.at("source"), orb_text);
    EXPECT_EQ(source.at("sha256"), json::value(sha256_hex(orb_text)));
    EXPECT_EQ(json_of("/api/v2/gyre/orbs/acme/tools/source").at("version"), "1.1.0");
    EXPECT_EQ(json_of("/api/v2/gyre/orbs/acme/tools/source?version=dev%3Ax").at("version"), "dev:x");
}

TEST_F(OrbRoutes, list_orbs_in_pages) {
    for (const char* name : {"a/one", "a/two", "b/one"}) EXPECT_EQ(publish(name, "1.0.0").status, 201);
    EXPECT_EQ(json_of("/api/v2/gyre/orbs").at("items").as_array().size(), 3U);
    const auto first = json_of("/api/v2/gyre/orbs?filter=one&limit=1");
    EXPECT_EQ(first.at("items").at(0).at("name"), "a/one");
    EXPECT_EQ(first.at("next_page_token"), "a/one");
    const auto second = json_of("/api/v2/gyre/orbs?filter=one&limit=1&page-token=a%2Fone");
    EXPECT_EQ(second.at("items").at(0).at("name"), "b/one");
    EXPECT_EQ(second.at("items").at(0).at("newest").at("version"), "1.0.0");
    EXPECT_TRUE(second.at("next_page_token").is_null());
}

TEST_F(OrbRoutes, keep_versions_as_they_are_and_let_dev_versions_go) {
    EXPECT_EQ(publish("acme/tools", "1.0.0").status, 201);
    EXPECT_EQ(publish("acme/tools", "1.0.0").status, 200);
    EXPECT_EQ(publish("acme/tools", "1.0.0", "version: 2.1\n").status, 409);
    EXPECT_EQ(publish("acme/tools", "dev:x").status, 201);
    EXPECT_EQ(parse_json(publish("acme/tools", "dev:x", "version: 2.1\n").body)->at("outcome"), "replaced");
    const std::string tools = "/api/v2/gyre/orbs/acme/tools";
    EXPECT_EQ(send("DELETE", tools + "?version=1.0.0").status, 403);
    EXPECT_EQ(send("DELETE", tools).status, 400);
    EXPECT_EQ(send("DELETE", tools + "?version=dev%3Ax").status, 200);
    EXPECT_EQ(send("DELETE", tools + "?version=dev%3Ax").status, 404);
    EXPECT_EQ(publish("acme/tools", "dev:x").status, 201);
    clock_.advance(dev_orb_life);
    EXPECT_EQ(json_of(tools).at("versions").as_array().size(), 1U);
    EXPECT_EQ(message(send("GET", tools + "/source?version=dev%3Ax")),
              "the server has no version 'dev:x' of acme/tools, which expired on 2024-02-12; it has 1.0.0");
}

TEST_F(OrbRoutes, refuse_what_is_no_orb) {
    const auto wrong = publish("acme/tools", "1.0.0", "wrong");
    EXPECT_EQ(wrong.status, 400);
    EXPECT_EQ(message(wrong), "acme/tools@1.0.0 is not valid:\nacme/tools@1.0.0:1:1: error: wrong");
    EXPECT_EQ(parse_json(wrong.body)->at("diagnostics").as_array().size(), 1U);
    EXPECT_EQ(publish("acme/tools", "1.0.0", std::string(longest_orb_source + 1, '#')).status, 413);
    EXPECT_EQ(publish("acme/tools", "1.0.0", std::string(longest_orb_source, '\n')).status, 201);
    for (const char* version : {"", "1", "volatile", "dev:", "dev:../x", "1.2.3-rc1"})
        EXPECT_EQ(publish("acme/tools", version).status, 400) << version;
    for (const char* name : {"acme/..", "..%2Fx/y", "a%20b/c", "acme/t%00", "acme/%2e%2e", "a@1/b"}) {
        const int status = publish(name, "2.0.0").status;
        EXPECT_TRUE(status == 400 || status == 404) << name << " " << status;
    }
    const std::string tools = "/api/v2/gyre/orbs/acme/tools";
    for (const char* body : {"[]", "{", "{\"version\":1,\"source\":2}", "\xff", "{}"})
        EXPECT_EQ(send("POST", tools, body).status, 400) << body;
    EXPECT_EQ(send("POST", tools, std::string((std::size_t{8} << 20) + 1, ' ')).status, 413);
    EXPECT_EQ(send("GET", "/api/v2/gyre/orbs/acme/none").status, 404);
    EXPECT_EQ(send("GET", tools + "/source?version=x").status, 400);
    EXPECT_EQ(send("GET", "/api/v2/gyre/orbs?limit=0").status, 400);
    EXPECT_EQ(send("GET", "/api/v2/gyre/orbs?filter=" + std::string(141, 'a')).status, 400);
}

}  // namespace
}  // namespace gyre::api
