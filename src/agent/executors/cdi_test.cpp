#include "agent/executors/cdi.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

namespace gyre::agent {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// As NVIDIA's tool writes it: each card by its number and by its UUID, and one name for all of them.
constexpr const char* two_cards = R"(
cdiVersion: 0.5.0
kind: nvidia.com/gpu
devices:
- name: "0"
  containerEdits: {deviceNodes: [{path: /dev/nvidia0}, {path: /dev/dri/card1, hostPath: /dev/dri/card0, permissions: rw}]}
- name: "1"
  containerEdits: {deviceNodes: [{path: /dev/nvidia1, major: 195, minor: 1, fileMode: 438}]}
- name: GPU-6c0f
  containerEdits: {deviceNodes: [{path: /dev/nvidia0}, {path: /dev/dri/card1, hostPath: /dev/dri/card0, permissions: rw}]}
- name: all
  containerEdits: {deviceNodes: [{path: /dev/nvidia0}, {path: /dev/nvidia1}]}
containerEdits:
  env: [NVIDIA_VISIBLE_DEVICES=void, "EMPTY="]
  deviceNodes: [{path: /dev/nvidiactl}]
  hooks:
  - {hookName: createContainer, path: /usr/bin/nvidia-cdi-hook, args: [nvidia-cdi-hook, update-ldcache], timeout: 5}
  mounts:
  - {hostPath: /usr/lib/libcuda.so.1, containerPath: /usr/lib/libcuda.so.1, options: [ro, nosuid, nodev, bind]}
)";

std::vector<std::string> names(const std::vector<CdiDevice>& devices) {
    std::vector<std::string> names;
    for (const auto& device : devices) names.push_back(device.full_name());
    return names;
}

std::vector<std::string> nodes(const CdiEdits& edits) {
    std::vector<std::string> nodes;
    for (const auto& node : edits.nodes) nodes.push_back(node.host_path + " " + node.path + " " + node.permissions);
    return nodes;
}

class Descriptions : public testing::Test {
protected:
    Descriptions() {
        char place[] = "/tmp/gyre-cdi-XXXXXX";
        base_ = ::mkdtemp(place);
        for (const char* name : {"/etc", "/run"}) std::filesystem::create_directory(base_ + name);
    }
    ~Descriptions() override { std::filesystem::remove_all(base_); }

    void write(const std::string& file, const std::string& text) { std::ofstream(base_ + "/" + file) << text; }
    std::vector<CdiDevice> found() const { return find_gpus(base_ + "/etc:" + base_ + "/run:" + base_ + "/none"); }

    std::string base_;
};

TEST(Cdi, tells_what_a_container_needs) {
    const auto devices = read_cdi(two_cards);
    ASSERT_TRUE(devices) << devices.error().message;
    EXPECT_THAT(names(*devices),
                ElementsAre("nvidia.com/gpu=0", "nvidia.com/gpu=1", "nvidia.com/gpu=GPU-6c0f", "nvidia.com/gpu=all"));
    const auto edits = edits_of(std::span(*devices).first(1));
    EXPECT_THAT(nodes(edits), ElementsAre("/dev/nvidia0 /dev/nvidia0 rwm", "/dev/dri/card0 /dev/dri/card1 rw",
                                          "/dev/nvidiactl /dev/nvidiactl rwm"));
    EXPECT_EQ(edits.environment, (Environment{{"NVIDIA_VISIBLE_DEVICES", "void"}, {"EMPTY", ""}}));
    EXPECT_EQ(
        edits.mounts,
        (std::vector<CdiMount>{{"/usr/lib/libcuda.so.1", "/usr/lib/libcuda.so.1", {"ro", "nosuid", "nodev", "bind"}}}));
    EXPECT_EQ(edits.hooks,
              (std::vector<CdiHook>{
                  {"createContainer", "/usr/bin/nvidia-cdi-hook", {"nvidia-cdi-hook", "update-ldcache"}, {}, 5}}));
    // What several have in common is given once.
    const auto both = edits_of(std::span(*devices).first(2));
    EXPECT_EQ(both.nodes.size(), 4u);
    EXPECT_EQ(both.hooks.size(), 1u);
}

TEST(Cdi, is_json_as_well) {
    const auto devices = read_cdi(
        R"({"cdiVersion":"0.3.0","kind":"amd.com/gpu","devices":[{"name":"0","containerEdits":{"deviceNodes":[{"path":"\/dev\/kfd"}]}}]})");
    ASSERT_TRUE(devices) << devices.error().message;
    EXPECT_THAT(nodes(edits_of(*devices)), ElementsAre("/dev/kfd /dev/kfd rwm"));
}

TEST(Cdi, says_what_is_wrong_with_a_description) {
    const auto with = [](const std::string& edits) {
        return "{cdiVersion: 1.0.0, kind: a.b/gpu, devices: [{name: x, containerEdits: " + edits + "}]}";
    };
    std::string many;
    for (int i = 0; i < 1100; ++i) many += "{path: /dev/x" + std::to_string(i) + "},";
    std::string several;
    for (int i = 0; i < 200; ++i) several += "{name: x" + std::to_string(i) + "},";
    const std::vector<std::pair<std::string, std::string>> rows{
        {"", "no YAML"},
        {"[", "no YAML"},
        {"just text", "cdiVersion"},
        {"[1, 2]", "cdiVersion"},
        {"{cdiVersion: 1.0.0}", "its kind is ''"},
        {"{cdiVersion: 1.0.0, kind: gpu}", "its kind is 'gpu'"},
        {"{cdiVersion: 1.0.0, kind: 'a/../b', devices: []}", "its kind is"},
        {"{cdiVersion: 1.0.0, kind: a.b/gpu, devices: [{name: 'a/b'}]}", "a device is called 'a/b'"},
        {"{cdiVersion: 1.0.0, kind: a.b/gpu, devices: [{}]}", "a device is called ''"},
        {"{cdiVersion: 1.0.0, kind: a.b/gpu, devices: [x]}", "a device is called ''"},
        {with("{deviceNodes: [{path: dev/x}]}"), "needs a path"},
        {with("{deviceNodes: [{path: \"/dev/x\\0y\"}]}"), "needs a path"},
        {with("{deviceNodes: [{path: /dev/x, permissions: rwx}]}"), "permissions 'rwx'"},
        {with("{deviceNodes: [[]]}"), "needs a path"},
        {with("{deviceNodes: [" + many + "]}"), "more than 256"},
        {with("{mounts: [{hostPath: /a}]}"), "two paths"},
        {with("{hooks: [{hookName: now, path: /a}]}"), "no hook is called 'now'"},
        {with("{hooks: [{hookName: prestart, path: a}]}"), "a hook needs a path"},
        {with("{hooks: [{hookName: prestart, path: /a, timeout: soon}]}"), "timeout is 'soon'"},
        {with("{hooks: [{hookName: prestart, path: /a, timeout: 99999999999}]}"), "timeout is"},
        {with("{env: [X]}"), "no NAME=value"},
        {with("{env: ['=y']}"), "no NAME=value"},
        {std::string(2 << 20, ' '), "larger than 1 MB"},
        {"cdiVersion: 1.0.0\nkind: a.b/gpu\ndevices: " + std::string(400'000, '['), "nested too deeply"},
        {"#" + std::string(400'000, ']') + "\ncdiVersion: 1.0.0\ndevices: " + std::string(400'000, '['),
         "nested too deeply"},
        {with("{mounts: [&m {hostPath: /a, containerPath: /" + std::string(600'000, 'b') + "}, *m]}"),
         "texts have more than 1 MB"},
        {"{cdiVersion: 1.0.0, kind: a.b/gpu, containerEdits: {env: [A=" + std::string(100'000, 'x') + "]}, devices: [" +
             several + "]}",
         "too much for so many"},
    };
    for (const auto& [text, complaint] : rows) {
        const auto read = read_cdi(text);
        ASSERT_FALSE(read) << text.substr(0, 200);
        EXPECT_THAT(read.error().message, HasSubstr(complaint)) << text.substr(0, 200);
    }
}

TEST(Cdi, takes_what_it_does_not_know_for_nothing) {
    const auto devices = read_cdi(
        "{cdiVersion: 9.0.0, kind: a.b/gpu, new: {}, devices: [{name: x, containerEdits: {intelRdt: {a: b}, env: "
        "A}}]}");
    ASSERT_TRUE(devices) << devices.error().message;
    EXPECT_EQ(edits_of(*devices).environment, Environment{});
}

TEST_F(Descriptions, give_each_gpu_once_by_its_first_name) {
    write("etc/nvidia.yaml", two_cards);
    write("etc/other.json",
          R"({"cdiVersion":"0.3.0","kind":"acme.com/net","devices":[{"name":"0","containerEdits":{}}]})");
    EXPECT_THAT(names(found()), ElementsAre("nvidia.com/gpu=0", "nvidia.com/gpu=1"));
}

TEST_F(Descriptions, are_in_the_order_of_numbers) {
    std::string devices;
    for (const char* name : {"10", "x", "9", "2"})
        devices += "{name: '" + std::string(name) + "', containerEdits: {deviceNodes: [{path: /dev/" + name + "}]}},";
    write("etc/a.yaml", "{cdiVersion: 1.0.0, kind: a.b/gpu, devices: [" + devices + "]}");
    EXPECT_THAT(names(found()), ElementsAre("a.b/gpu=2", "a.b/gpu=9", "a.b/gpu=10", "a.b/gpu=x"));
}

TEST_F(Descriptions, of_a_later_directory_beat_those_of_an_earlier_one) {
    const auto naming = [](const std::string& node) {
        return "{cdiVersion: 1.0.0, kind: a.b/gpu, devices: [{name: x, containerEdits: {deviceNodes: [{path: " + node +
               "}]}}]}";
    };
    write("etc/a.yaml", naming("/dev/old"));
    write("run/a.yaml", naming("/dev/new"));
    EXPECT_THAT(nodes(edits_of(found())), ElementsAre("/dev/new /dev/new rwm"));
}

TEST_F(Descriptions, of_one_card_by_several_makers_count_once_and_names_for_several_not_at_all) {
    const auto device = [](const std::string& name, const std::vector<std::string>& nodes) {
        std::string paths;
        for (const auto& node : nodes) paths += "{path: /dev/" + node + "},";
        return "{name: '" + name + "', containerEdits: {deviceNodes: [" + paths + "]}},";
    };
    write("etc/a.yaml", "{cdiVersion: 1.0.0, kind: a.b/gpu, devices: [" + device("GPU-0", {"g0", "card0"}) +
                            device("GPU-1", {"g1", "card1"}) + device("both", {"g0", "g1", "card0", "card1"}) + "]}");
    write("run/a.yaml",
          "{cdiVersion: 1.0.0, kind: a.b/gpu, devices: [" + device("0", {"g0"}) + device("1", {"g1"}) + "]}");
    write("run/c.yaml", "{cdiVersion: 1.0.0, kind: c.d/gpu, devices: [" + device("x", {"card1"}) + "]}");
    EXPECT_THAT(found().size(), 2u);
    write("run/b.yaml",
          "{cdiVersion: 1.0.0, kind: e.f/gpu, containerEdits: {deviceNodes: [{path: /dev/e}]}, devices: "
          "[{name: '0'}, {name: GPU-e}]}");
    EXPECT_THAT(found().size(), 3u) << "two names without nodes of their own may be one card";
}

TEST_F(Descriptions, of_what_is_gone_hide_none_of_what_is_here) {
    write("etc/old.yaml",
          "{cdiVersion: 1.0.0, kind: a.b/gpu, devices: [{name: GPU-0, containerEdits: {deviceNodes: "
          "[{path: /dev/zero}, {path: /dev/gyre-is-not-here}]}}]}");
    write("run/new.yaml",
          "{cdiVersion: 1.0.0, kind: a.b/gpu, devices: [{name: '0', containerEdits: {deviceNodes: [{path: "
          "/dev/zero}]}}]}");
    auto here = find_gpus(base_ + "/etc:" + base_ + "/run");
    std::erase_if(here, [](const CdiDevice& gpu) { return !is_there(gpu); });
    ASSERT_EQ(here.size(), 1u);
    EXPECT_EQ(here[0].name, "0");
}

TEST_F(Descriptions, that_are_none_are_passed_over) {
    write("etc/broken.yaml", "{");
    write("etc/notes.txt", two_cards);
    ASSERT_EQ(::mkfifo((base_ + "/etc/pipe.yaml").c_str(), 0600), 0);
    std::filesystem::create_directory(base_ + "/etc/folder.yaml");
    EXPECT_THAT(found(), IsEmpty());
    write("run/good.yaml", two_cards);
    EXPECT_EQ(found().size(), 2u);
}

TEST(HostDevice, of_a_gpu_is_looked_for) {
    CdiDevice gpu{.kind = "a.b/gpu", .name = "x"};
    EXPECT_TRUE(is_there(gpu)) << "which needs none";
    gpu.own.nodes = {{"/dev/x", "/dev/zero", "rw"}};
    EXPECT_TRUE(is_there(gpu));
    gpu.own.nodes.push_back({"/dev/y", "/dev/gyre-is-not-here", "rw"});
    EXPECT_FALSE(is_there(gpu));
    gpu.own.nodes = {{"/dev/x", "/etc/passwd", "rw"}};
    EXPECT_FALSE(is_there(gpu));
}

TEST(HostDevice, is_what_the_node_says) {
    const auto zero = find_device("/dev/zero");
    ASSERT_TRUE(zero) << zero.error().message;
    EXPECT_EQ(zero->type, 'c');
    EXPECT_EQ(zero->major, 1);
    EXPECT_EQ(zero->minor, 5);
    for (const char* none : {"/dev", "/dev/gyre-is-not-here", "/proc/self/exe"})
        EXPECT_FALSE(find_device(none)) << none;
}

}  // namespace
}  // namespace gyre::agent
