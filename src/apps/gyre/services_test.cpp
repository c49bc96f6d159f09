#include "apps/gyre/services.h"

#include <gtest/gtest.h>

namespace gyre::apps {
namespace {

class ServicesTest : public testing::Test {
protected:
    Service service(const std::string& name, std::vector<std::string> depends_on, bool starts = true) {
        return {name, std::move(depends_on),
                [this, name, starts]() -> Result<void> {
                    log += "+" + name;
                    return starts ? Result<void>() : unavailable("no disk");
                },
                [this, name] { log += "-" + name; }, []() -> Result<std::string> { return std::string("fine"); }};
    }
    std::string log;
};

TEST_F(ServicesTest, start_in_the_order_of_their_dependencies_and_stop_in_the_opposite_one) {
    Services services({service("web", {"store", "conductor"}), service("conductor", {"store"}), service("store", {})});
    ASSERT_TRUE(services.start().ok());
    services.stop();
    services.stop();
    EXPECT_EQ(log, "+store+conductor+web-web-conductor-store");
}

TEST_F(ServicesTest, are_named_in_the_order_of_their_starts) {
    EXPECT_EQ(Services({service("web", {"store"}), service("store", {})}).names(), "store, web");
}

TEST_F(ServicesTest, what_fails_to_start_stops_what_was_started) {
    Services services({service("store", {}), service("web", {"store"}, false)});
    EXPECT_EQ(services.start().error().message, "starting web: no disk");
    EXPECT_EQ(log, "+store+web-store");
}

TEST_F(ServicesTest, a_dependency_that_does_not_exist_is_a_bug) {
    EXPECT_THROW(Services({service("web", {"nothing"})}), std::logic_error);
}

TEST_F(ServicesTest, health_is_asked_of_each) {
    Service sick = service("sick", {});
    sick.health = []() -> Result<std::string> { return unavailable("the disk is full"); };
    Services services({service("well", {}), sick});
    EXPECT_EQ(services.health()[0].message, "not up");
    ASSERT_TRUE(services.start().ok());
    const auto health = services.health();
    ASSERT_EQ(health.size(), 2U);
    EXPECT_TRUE(health[0].healthy);
    EXPECT_EQ(health[0].message, "fine");
    EXPECT_FALSE(health[1].healthy);
    EXPECT_EQ(health[1].message, "the disk is full");
}

std::string names_of(const Result<std::vector<Service>>& services) {
    if (!services) return services.error().message;
    std::string names;
    for (const auto& service : *services) names += service.name + " ";
    return names;
}

TEST(ChosenServices, HaveNamesThatAreCheckedBeforeAnyIsMade) {
    EXPECT_TRUE(check_service_names("", "").ok());
    EXPECT_TRUE(check_service_names("database, frontend", "backup").ok());
    for (const auto& [only, except] :
         std::vector<std::pair<std::string, std::string>>{{"nosuch", ""}, {"", "nosuch"}, {"database,Frontend", ""}}) {
        const auto checked = check_service_names(only, except);
        ASSERT_FALSE(checked.ok()) << only << except;
        EXPECT_NE(checked.error().message.find("there is no service '"), std::string::npos);
    }
}

TEST(ChosenServices, AreThoseThatMayBeNamed) {
    std::vector<Service> all;
    for (const char* name : {"database", "fileserverd", "workflows-conductor", "output-processor", "frontend",
                             "scheduler", "dispatcher", "cron-service", "contexts-service", "backup"})
        all.push_back({.name = name});
    EXPECT_EQ(known_services(all).size(), all.size());
    auto more = all;
    more.push_back({.name = "newcomer"});
    EXPECT_THROW(known_services(more), std::logic_error);
    all.back().name = "renamed";
    EXPECT_THROW(known_services(all), std::logic_error);
}

TEST(ChosenServices, AreAllOrThoseThatAreNamedOrThoseThatAreNot) {
    const std::vector<Service> all{{"database", {}, {}, {}, {}},
                                   {"conductor", {"database"}, {}, {}, {}},
                                   {"dispatcher", {"conductor"}, {}, {}, {}},
                                   {"cron", {"conductor"}, {}, {}, {}}};
    EXPECT_EQ(names_of(chosen_services(all, "", "")), "database conductor dispatcher cron ");
    EXPECT_EQ(names_of(chosen_services(all, "database,conductor", "")), "database conductor ");
    EXPECT_EQ(names_of(chosen_services(all, "", " dispatcher , cron,")), "database conductor ");
    EXPECT_EQ(names_of(chosen_services(all, "database,conductor,cron", "cron")), "database conductor ");
    EXPECT_NE(names_of(chosen_services(all, "cron", " cron ")).find("no service is left to run"), std::string::npos);
    EXPECT_NE(names_of(chosen_services(all, "", "database,conductor,dispatcher,cron")).find("no service is left"),
              std::string::npos);
    EXPECT_NE(names_of(chosen_services(all, "database,cron", "")).find("cron needs conductor"), std::string::npos);
    EXPECT_NE(names_of(chosen_services(all, "", "database")).find("conductor needs database"), std::string::npos);
    EXPECT_NE(names_of(chosen_services(all, "", "cronn")).find("there is no service 'cronn'"), std::string::npos);
}

TEST(ChosenServices, AreKnownBeforeTheyAreMade) {
    EXPECT_TRUE(is_chosen("dispatcher", "", ""));
    EXPECT_TRUE(is_chosen("dispatcher", "database, dispatcher", "cron"));
    EXPECT_FALSE(is_chosen("dispatcher", "database", ""));
    EXPECT_FALSE(is_chosen("dispatcher", "", "cron,dispatcher"));
    EXPECT_FALSE(is_chosen("dispatcher", "dispatcher", "dispatcher"));
}

}  // namespace
}  // namespace gyre::apps
