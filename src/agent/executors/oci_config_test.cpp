// What runtimes are asked to run, and as whom.

#include "agent/executors/oci_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/executors/oci_pod.h"

namespace gyre::agent {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

const json::value& at(const json::value& from, std::initializer_list<std::string_view> path) {
    const json::value* found = &from;
    for (const auto key : path) found = &found->as_object().at(key);
    return *found;
}

std::vector<std::string> texts_at(const json::value& from, std::initializer_list<std::string_view> path) {
    std::vector<std::string> texts;
    for (const auto& one : at(from, path).as_array()) texts.emplace_back(one.as_string());
    return texts;
}

OciSurroundings around() {
    OciSurroundings made;
    made.cgroup = "/oci-gyre-a1/gyre-primary";
    made.resources = {2000, 512};
    made.most_files = 20'000;
    made.hosts_file = "/box/hosts";
    made.hostname_file = "/box/hostname";
    made.resolver_file = "/box/resolv.conf";
    made.control_directory = "/box/run";
    return made;
}

json::value primary(const ContainerSpec& container, const OciImageConfig& image = {}, const OciUser& user = {},
                    const OciSurroundings& surroundings = around()) {
    auto made = primary_config(container, image, user, surroundings);
    if (!made) throw std::runtime_error(made.error().message);
    return *made;
}

json::value service(const ContainerSpec& container, const OciImageConfig& image) {
    auto made = service_config(container, image, {}, around());
    if (!made) throw std::runtime_error(made.error().message);
    return *made;
}

TEST(OciConfig, gives_the_primary_the_jobs_gpus_and_no_other_device) {
    auto with_gpu = around();
    with_gpu.gpus.nodes = {{"/dev/inside", "/dev/outside", "rw"}};
    with_gpu.gpus.mounts = {{"/usr/lib/g.so", "/lib/g.so", {"ro", "nosuid"}}};
    with_gpu.gpus.hooks = {{"createContainer", "/usr/bin/hook", {"hook", "a"}, {"X=1"}, 5},
                           {"createContainer", "/usr/bin/other", {}, {}, {}}};
    with_gpu.gpu_devices = {{.type = 'c', .major = 195, .minor = 255, .mode = 0660, .uid = 0, .gid = 44}};
    const auto made = primary({.image = "a"}, {}, {}, with_gpu);
    EXPECT_EQ(json::serialize(at(made, {"linux", "devices"})),
              R"([{"path":"/dev/inside","type":"c","major":195,"minor":255,"fileMode":432,"uid":0,"gid":44}])");
    EXPECT_EQ(json::serialize(at(made, {"linux", "resources", "devices"})),
              R"([{"allow":false,"access":"rwm"},)"
              R"({"allow":true,"type":"c","major":195,"minor":255,"access":"rw"}])");
    EXPECT_EQ(
        json::serialize(at(made, {"mounts"}).as_array().back()),
        R"({"destination":"/lib/g.so","type":"bind","source":"/usr/lib/g.so","options":["ro","nosuid","rbind"]})");
    EXPECT_EQ(json::serialize(at(made, {"hooks"})),
              R"({"createContainer":[{"path":"/usr/bin/hook","args":["hook","a"],"env":["X=1"],"timeout":5},)"
              R"({"path":"/usr/bin/other","args":[],"env":[]}]})");
    EXPECT_EQ(json::serialize(at(service({.image = "a", .command = {"x"}}, {}), {"linux", "resources", "devices"})),
              R"([{"allow":false,"access":"rwm"}])");
}

TEST(OciConfig, of_the_primary_runs_the_supervisor_in_the_images_directory) {
    const auto made = primary({.image = "a"}, {.entrypoint = {"/x"}, .command = {"y"}, .working_directory = "/srv"});
    EXPECT_THAT(texts_at(made, {"process", "args"}),
                ElementsAre("/run/gyre/gyre-injob", "supervise", "--socket", "/run/gyre/ctl.sock", "--refuse-calls"));
    EXPECT_EQ(at(made, {"process", "cwd"}), "/srv");
    EXPECT_EQ(at(made, {"process", "terminal"}), false);
    EXPECT_EQ(at(made, {"root", "path"}), "rootfs");
}

TEST(OciConfig, of_one_with_an_entry_point_of_its_own_runs_that_as_docker_does) {
    const OciImageConfig image{.entrypoint = {"/entry"}, .command = {"image"}};
    EXPECT_THAT(texts_at(primary({.image = "a", .command = {"mine"}}, image), {"process", "args"}),
                ElementsAre("/entry", "mine"));
    EXPECT_THAT(texts_at(primary({.image = "a", .entrypoint = {"/own"}}, image), {"process", "args"}),
                ElementsAre("/own"));
    EXPECT_THAT(texts_at(service({.image = "a"}, image), {"process", "args"}), ElementsAre("/entry", "image"));
    const auto nothing = service_config({.image = "a"}, {}, {}, around());
    ASSERT_FALSE(nothing);
    EXPECT_EQ(nothing.error().fault, Fault::invalid);
    EXPECT_THAT(nothing.error().message, HasSubstr("`command`"));
}

TEST(OciConfig, has_each_variable_once_and_the_last_one_wins) {
    auto surroundings = around();
    surroundings.environment = {{"BOTH", "job"}, {"bad=name", "x"}, {"", "x"}, {"NUL", std::string("a\0b", 3)}};
    const auto made = primary({.image = "a", .environment = {{"BOTH", "container"}, {"CONTAINER", "1"}}},
                              {.environment = {"BOTH=image", "IMAGE=a=b", "=no", "none"}},
                              {.uid = 1000, .gid = 1000, .home = "/home/ci"}, surroundings);
    EXPECT_THAT(texts_at(made, {"process", "env"}),
                ElementsAre("BOTH=job", "CONTAINER=1", "HOME=/home/ci", "IMAGE=a=b",
                            "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"));
}

TEST(OciConfig, keeps_root_from_new_privileges_and_lets_others_have_sudo) {
    EXPECT_EQ(at(primary({.image = "a"}), {"process", "noNewPrivileges"}), true);
    const OciUser ci{.uid = 1000, .gid = 1000, .groups = {27}, .home = "/"};
    const auto made = primary({.image = "a", .user = "ci"}, {}, ci);
    EXPECT_EQ(at(made, {"process", "noNewPrivileges"}), false);
    EXPECT_EQ(at(made, {"process", "user"}), (json::value{{"uid", 1000}, {"gid", 1000}, {"additionalGids", {27}}}));
    EXPECT_EQ(at(primary({.image = "a", .user = "toor"}, {}, {}), {"process", "noNewPrivileges"}), true)
        << "by its number, not by its name";
}

TEST(OciConfig, gives_no_capability_that_leads_out) {
    const auto made = primary({.image = "a"});
    for (const char* set : {"bounding", "effective", "permitted"}) {
        const auto all = texts_at(made, {"process", "capabilities", set});
        EXPECT_THAT(all, Contains("CAP_CHOWN"));
        for (const char* one : {"CAP_SYS_ADMIN", "CAP_MKNOD", "CAP_NET_RAW", "CAP_SYS_PTRACE", "CAP_NET_ADMIN",
                                "CAP_SYS_MODULE", "CAP_DAC_READ_SEARCH"})
            EXPECT_THAT(all, Not(Contains(one)));
    }
    EXPECT_FALSE(at(made, {"process", "capabilities"}).as_object().contains("ambient"));
}

TEST(OciConfig, hides_what_the_machine_tells_of_other_jobs) {
    const auto made = primary({.image = "a"});
    for (const char* hidden : {"/proc/kcore", "/proc/keys", "/proc/interrupts", "/sys/devices/virtual/powercap"})
        EXPECT_THAT(texts_at(made, {"linux", "maskedPaths"}), Contains(hidden));
}

TEST(OciConfig, refuses_the_sandboxs_system_calls_to_every_container) {
    for (const auto& made : {primary({.image = "a"}), service({.image = "a"}, {.command = {"x"}})}) {
        EXPECT_EQ(at(made, {"linux", "seccomp", "defaultAction"}), "SCMP_ACT_ALLOW");
        const auto& rules = at(made, {"linux", "seccomp", "syscalls"}).as_array();
        const auto names = texts_at(rules.front(), {"names"});
        for (const char* one : {"mount", "setns", "unshare", "bpf", "keyctl", "open_by_handle_at"})
            EXPECT_THAT(names, Contains(one));
        EXPECT_THAT(texts_at(rules.at(1), {"names"}), Contains("clone3"));
        EXPECT_THAT(json::serialize(rules), HasSubstr(R"("names":["clone"])"));
    }
}

TEST(OciConfig, limits_each_container_by_its_class) {
    const auto made = primary({.image = "a"});
    EXPECT_EQ(at(made, {"linux", "cgroupsPath"}), "/oci-gyre-a1/gyre-primary");
    EXPECT_EQ(at(made, {"linux", "resources", "memory"}), (json::value{{"limit", 512 << 20}, {"swap", 512 << 20}}));
    EXPECT_EQ(at(made, {"linux", "resources", "cpu"}), (json::value{{"quota", 200'000}, {"period", 100'000}}));
    EXPECT_EQ(at(made, {"linux", "resources", "pids", "limit"}), 1024);
    EXPECT_EQ(at(made, {"linux", "resources", "devices"}),
              (json::value{{{"allow", false}, {"access", "rwm"}}}).as_array());
    EXPECT_EQ(at(made, {"process", "rlimits"}).as_array().front(),
              (json::value{{"type", "RLIMIT_NOFILE"}, {"soft", 20'000}, {"hard", 20'000}}))
        << "never above our own";
    auto unlimited = around();
    unlimited.resources = {};
    const auto free = primary({.image = "a"}, {}, {}, unlimited);
    EXPECT_FALSE(at(free, {"linux", "resources"}).as_object().contains("memory"));
    EXPECT_FALSE(at(free, {"linux", "resources"}).as_object().contains("cpu"));
}

TEST(OciConfig, shows_the_helper_to_the_primary_only_and_read_only) {
    const auto mount_at = [](const json::value& made, std::string_view place) -> const json::value* {
        for (const auto& one : at(made, {"mounts"}).as_array()) {
            if (one.as_object().at("destination").as_string() == place) return &one;
        }
        return nullptr;
    };
    const auto made = primary({.image = "a"});
    const auto* helper = mount_at(made, "/run/gyre");
    ASSERT_NE(helper, nullptr);
    EXPECT_EQ(at(*helper, {"source"}), "/box/run");
    EXPECT_THAT(texts_at(*helper, {"options"}), Contains("ro"));
    auto others = around();
    others.control_directory.clear();
    const json::value beside = *service_config({.image = "a"}, {.command = {"x"}}, {}, others);
    EXPECT_EQ(mount_at(beside, "/run/gyre"), nullptr);
    for (const char* file : {"/etc/hosts", "/etc/hostname", "/etc/resolv.conf"})
        EXPECT_NE(mount_at(beside, file), nullptr) << file;
}

TEST(OciConfig, of_a_service_joins_the_network_of_the_primary) {
    auto others = around();
    others.network = "/box/network-namespace";
    const json::value made = *service_config({.image = "a"}, {.command = {"x"}}, {}, others);
    EXPECT_THAT(json::serialize(at(made, {"linux", "namespaces"})),
                HasSubstr(R"({"type":"network","path":"/box/network-namespace"})"));
    EXPECT_THAT(json::serialize(at(primary({.image = "a"}), {"linux", "namespaces"})),
                HasSubstr(R"({"type":"network"})"));
}

TEST(OciConfig, names_of_containers_lead_to_localhost) {
    EXPECT_THAT(hosts_text({"db", "cache"}), HasSubstr("127.0.0.1\tdb\n127.0.0.1\tcache\n"));
}

TEST(ImageConfig, is_read_from_what_the_image_says) {
    const auto read = read_image_config(
        R"({"os":"linux","config":{"User":"ci:staff","Env":["A=1"],"Entrypoint":["/e"],"Cmd":["c"],"WorkingDir":"/w",
            "Labels":{"com.circleci.preserve-entrypoint":"true"}}})");
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(read->facts.user, "ci:staff");
    EXPECT_TRUE(read->facts.preserve_entrypoint);
    EXPECT_THAT(read->environment, ElementsAre("A=1"));
    EXPECT_THAT(read->entrypoint, ElementsAre("/e"));
    EXPECT_THAT(read->command, ElementsAre("c"));
    EXPECT_EQ(read->working_directory, "/w");
    EXPECT_TRUE(read_image_config("{}")) << "an image may say nothing";
    EXPECT_TRUE(read_image_config(R"({"config":{"Env":null,"User":7,"Labels":[]}})"));
}

TEST(ImageConfig, that_is_none_is_refused) {
    std::string words = "[";
    for (int i = 0; i < 5'000; ++i) words += "\"x\",";
    words += "\"x\"]";
    for (const std::string& text :
         {std::string(), std::string("[]"), std::string("{"), std::string(R"({"os":"windows"})"),
          std::string(R"({"config":{"Cmd":[1]}})"), std::string(R"({"config":{"Env":["a\u0000b=1"]}})"),
          std::string(R"({"config":{"Env":)") + words + "}}", std::string((4 << 20) + 1, ' '), std::string(100, '[')}) {
        const auto read = read_image_config(text);
        EXPECT_FALSE(read) << text.substr(0, 80);
    }
    EXPECT_THAT(read_image_config(R"({"os":"windows"})").error().message, HasSubstr("windows"));
}

constexpr const char* passwd =
    "root:x:0:0:root:/root:/bin/sh\n# a comment\nbroken:x:1\nci:x:1000:1001:CI:/home/ci:/bin/sh\n"
    "relative:x:1002:1002::home:/bin/sh\nlarge:x:99999999999:1::/:\nci:x:7:7::/other:\n";
constexpr const char* groups = "root:x:0:\nstaff:x:50:ci,other\nsudo:x:27:other,ci\nci:x:1001:ci\nbad:x:x:ci\n";

TEST(OciUser, is_found_by_name_and_number) {
    struct Row {
        const char* wanted;
        unsigned uid;
        unsigned gid;
        std::vector<gid_t> further;
        const char* home;
    };
    for (const auto& row : std::vector<Row>{{"", 0, 0, {}, "/root"},
                                            {"root", 0, 0, {}, "/root"},
                                            {"ci", 1000, 1001, {50, 27}, "/home/ci"},
                                            {"1000", 1000, 1001, {50, 27}, "/home/ci"},
                                            {"ci:staff", 1000, 50, {}, "/home/ci"},
                                            {"ci:77", 1000, 77, {}, "/home/ci"},
                                            {"4242", 4242, 0, {}, "/"},
                                            {"4242:5", 4242, 5, {}, "/"},
                                            {":staff", 0, 50, {}, "/root"},
                                            {"relative", 1002, 1002, {}, "/"}}) {
        const auto found = find_user(row.wanted, passwd, groups);
        ASSERT_TRUE(found) << row.wanted << ": " << found.error().message;
        EXPECT_EQ(found->uid, row.uid) << row.wanted;
        EXPECT_EQ(found->gid, row.gid) << row.wanted;
        EXPECT_EQ(found->groups, row.further) << row.wanted;
        EXPECT_EQ(found->home, row.home) << row.wanted;
    }
    EXPECT_EQ(find_user("", "", "")->uid, 0U) << "an image without accounts";
}

TEST(OciUser, that_the_image_does_not_know_is_refused_by_name) {
    for (const char* wanted : {"nobody", "large", "broken", "-1", "99999999999", "0x10", "ci:none", "ci:", "a b"}) {
        const auto found = find_user(wanted, passwd, groups);
        ASSERT_FALSE(found) << wanted;
        EXPECT_EQ(found.error().fault, Fault::invalid);
    }
}

TEST(OciPod, reads_exit_codes_and_the_ends_of_logs) {
    EXPECT_EQ(exit_code_in("0\n"), 0);
    EXPECT_EQ(exit_code_in("137\n"), 137);
    for (const char* text : {"", "1", "x\n", "1 \n", "-1\n", "256\n", "1\n2\n", "99999999999\n"})
        EXPECT_FALSE(exit_code_in(text)) << text;
    EXPECT_EQ(last_lines_of("", 3), "");
    EXPECT_EQ(last_lines_of("one\n", 3), "one");
    EXPECT_EQ(last_lines_of("one\ntwo\nthree\n\n", 2), "two\nthree");
    EXPECT_EQ(last_lines_of("\n\none\n", 1), "one");
}

}  // namespace
}  // namespace gyre::agent
