// What of an engine's images is ours, and what of it goes: with an engine that holds images as entries of a list.

#include "agent/executors/engine_images.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <utility>

#include "agent/executors/sandbox_tree.h"
#include "agent/live_lock.h"
#include "base/json.h"
#include "support/fake_engine.h"

namespace gyre::agent {
namespace {

namespace fs = std::filesystem;
using namespace test;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

constexpr std::int64_t megabyte = 1'000'000;

std::string id_of(char digit) { return "sha256:" + std::string(64, digit); }

class PulledImages : public testing::Test {
protected:
    struct Image {
        std::vector<std::string> tags;
        std::int64_t bytes = 100 * megabyte;
        int refusal = 0;  // the status with which its removal is refused
    };

    void SetUp() override {
        char place[] = "/tmp/gyre-engine-images-XXXXXX";
        directory = ::mkdtemp(place);
        engine.on("GET /info", [this](const Seen&) { return answer(200, json::serialize(info)); });
        engine.on("GET /images/json", [this](const Seen&) { return answer(list_status, listed()); });
        engine.on("GET /images/sha256:", [this](const Seen& request) {
            const auto found = images.find(request.target.substr(8, 71));
            if (found == images.end()) return answer(404, R"({"message":"No such image"})");
            return answer(200, json::serialize(described(*found)));
        });
        engine.on("DELETE /images/", [this](const Seen& request) { return removed(request); });
    }
    void TearDown() override { EXPECT_TRUE(remove_tree(directory)); }

    static json::object described(const std::pair<const std::string, Image>& image) {
        json::array tags(image.second.tags.begin(), image.second.tags.end());
        return {{"Id", image.first}, {"RepoTags", tags}, {"RepoDigests", nullptr}, {"Size", image.second.bytes}};
    }
    std::string listed() const {
        json::array list;
        for (const auto& image : images) list.push_back(described(image));
        return json::serialize(list);
    }
    Answer removed(const Seen& request) {
        EXPECT_EQ(request.target.find("force"), std::string::npos);
        const auto found = images.find(request.target.substr(8, 71));
        if (found == images.end()) return answer(404, R"({"message":"No such image"})");
        if (found->second.refusal != 0) return answer(found->second.refusal, R"({"message":"refused"})");
        images.erase(found);
        return answer(200, "[]");
    }

    EngineClient client() {
        EngineSettings settings;
        settings.socket = engine.socket();
        return EngineClient::connect(settings).value();
    }
    // As an agent does: looks, pulls, notes, and goes. A tag moves to the image that is pulled by it.
    void pull(char digit, const std::string& tag, std::int64_t bytes = 100 * megabyte) {
        EngineClient asked = client();
        EngineImages ours(directory);
        const auto before = ours.before_pull(asked);
        for (auto& [id, image] : images) std::erase(image.tags, tag);
        auto& image = images[id_of(digit)];
        image.tags.push_back(tag);
        image.bytes = bytes;
        ours.note_pulled(asked, before, {.id = id_of(digit), .names = image.tags});
    }
    void user_has(char digit, std::vector<std::string> tags) { images[id_of(digit)].tags = std::move(tags); }
    // `age` orders them: the larger, the longer unused.
    void last_used(char digit, int age) {
        for (const auto& entry : fs::recursive_directory_iterator(directory)) {
            std::ifstream note(entry.path().parent_path() / "image.json");
            const std::string text(std::istreambuf_iterator<char>(note), {});
            if (entry.path().filename() != "lock" || text.find(id_of(digit)) == std::string::npos) continue;
            const timespec when[2] = {{1'000'000 - age, 0}, {1'000'000 - age, 0}};
            ASSERT_EQ(::utimensat(AT_FDCWD, entry.path().c_str(), when, 0), 0);
        }
    }
    std::vector<std::string> keep_within(std::int64_t megabytes) {
        EngineClient asked = client();
        return EngineImages(directory).keep_within(asked, megabytes * megabyte);
    }
    std::vector<std::string> left() const {
        std::vector<std::string> digits;
        for (const auto& [id, image] : images) digits.push_back(id.substr(7, 1));
        return digits;
    }
    std::vector<std::string> notes() const {
        std::vector<std::string> found;
        for (const auto& entry : fs::recursive_directory_iterator(directory))
            if (entry.path().filename() == "image.json") found.push_back(entry.path());
        return found;
    }

    FakeEngine engine;
    json::object info{{"ID", "ABCD"}};
    std::map<std::string, Image> images;
    int list_status = 200;
    std::string directory;
};

TEST_F(PulledImages, go_when_they_are_more_than_the_budget_the_longest_unused_first) {
    pull('a', "ci/a:1");
    pull('b', "ci/b:1");
    pull('c', "ci/c:1");
    last_used('a', 1);
    last_used('b', 3);
    last_used('c', 2);
    EXPECT_THAT(keep_within(300), IsEmpty());
    EXPECT_THAT(keep_within(250), ElementsAre("ci/b:1"));
    EXPECT_THAT(left(), ElementsAre("a", "c"));
    EXPECT_THAT(keep_within(0), IsEmpty()) << "0: no bound";
    EXPECT_THAT(keep_within(1), ElementsAre("ci/c:1", "ci/a:1"));
    EXPECT_THAT(notes(), IsEmpty());
    EXPECT_THAT(keep_within(1), IsEmpty());
}

TEST_F(PulledImages, are_not_those_that_the_user_put_there) {
    user_has('1', {"ci/mine:1"});
    user_has('2', {"ci/moving:latest"});
    user_has('3', {});
    pull('1', "ci/theirs:1");       // the same image by another name
    pull('2', "ci/moving:latest");  // what the user has, pulled again
    pull('3', "ci/nameless:1");
    pull('4', "ci/moving:latest");  // the user's name has moved: neither of them is ours
    EXPECT_THAT(keep_within(1), IsEmpty());
    EXPECT_THAT(left(), SizeIs(4));
    EXPECT_THAT(notes(), IsEmpty());
}

TEST_F(PulledImages, are_the_users_once_the_user_names_them) {
    pull('a', "ci/a:1");
    pull('b', "ci/b:1");
    images[id_of('a')].tags.push_back("ci/a:kept");
    EXPECT_THAT(keep_within(100), IsEmpty()) << "the user's are not counted";
    EXPECT_THAT(keep_within(1), ElementsAre("ci/b:1"));
    pull('a', "ci/again:1");
    EXPECT_THAT(keep_within(1), IsEmpty());
    // A name that comes between the list and the removal.
    pull('c', "ci/c:1");
    engine.on("GET /images/json", [this](const Seen&) {
        const auto answered = answer(200, listed());
        images[id_of('c')].tags.emplace_back("mine:1");
        return answered;
    });
    EXPECT_THAT(keep_within(1), IsEmpty());
    EXPECT_THAT(left(), ElementsAre("a", "c"));
}

TEST_F(PulledImages, of_a_tag_that_moves_are_ours_with_and_without_it) {
    pull('a', "ci/moving:latest");
    pull('b', "ci/moving:latest");
    pull('b', "ci/moving:2");  // one image by two names of ours
    last_used('a', 2);
    last_used('b', 1);
    EXPECT_THAT(keep_within(1), ElementsAre("ci/moving:latest", "ci/moving:latest"));
    EXPECT_THAT(left(), IsEmpty());
}

TEST_F(PulledImages, stay_while_a_job_or_a_container_uses_them) {
    pull('a', "ci/a:1");
    pull('b', "ci/b:1");
    images[id_of('b')].refusal = 409;
    EngineClient asked = client();
    EngineImages job(directory);
    ASSERT_TRUE(*job.use(asked, id_of('a')));
    EXPECT_THAT(keep_within(1), IsEmpty());
    EXPECT_THAT(engine.calls_of("DELETE "), SizeIs(1)) << "of what is used nothing is asked";
    job.let_go();
    images[id_of('b')].refusal = 500;
    EXPECT_THAT(keep_within(1), ElementsAre("ci/a:1"));
    EXPECT_FALSE(*job.use(asked, id_of('a'))) << "whose note is gone: it is looked up like the user's";
    EXPECT_THAT(left(), ElementsAre("b"));
}

TEST_F(PulledImages, that_another_agent_has_removed_are_forgotten) {
    pull('a', "ci/a:1");
    images.clear();
    EXPECT_THAT(keep_within(300), IsEmpty());
    EXPECT_THAT(notes(), IsEmpty());
    // In between: the list still has it.
    pull('b', "ci/b:1");
    engine.on("GET /images/json", answer(200, listed()));
    images.clear();
    EXPECT_THAT(keep_within(1), ElementsAre("ci/b:1"));
    EXPECT_THAT(notes(), IsEmpty());
}

TEST_F(PulledImages, that_came_after_the_list_are_not_forgotten) {
    pull('a', "ci/a:1");
    const auto lock = fs::path(notes().front()).parent_path() / "lock";
    fs::last_write_time(lock, fs::file_time_type::clock::now() + std::chrono::hours(1));
    images.clear();
    EXPECT_THAT(keep_within(300), IsEmpty());
    EXPECT_THAT(notes(), SizeIs(1));
}

TEST_F(PulledImages, are_looked_through_by_one_agent_at_a_time) {
    pull('a', "ci/a:1");
    const fs::path of_engine = fs::path(notes().front()).parent_path().parent_path();
    auto other = try_lock(of_engine.string() + ".tidying", O_CREAT);
    ASSERT_TRUE(other);
    EXPECT_THAT(keep_within(1), IsEmpty());
    other.reset();
    EXPECT_THAT(keep_within(1), ElementsAre("ci/a:1"));
}

TEST_F(PulledImages, of_another_engine_at_the_same_socket_are_not_ours) {
    pull('a', "ci/a:1");
    info["ID"] = "EFGH";
    pull('a', "ci/again:1");
    EXPECT_THAT(keep_within(1), IsEmpty());
    EXPECT_THAT(left(), ElementsAre("a"));
}

TEST_F(PulledImages, are_the_users_where_it_is_not_known_what_was_there) {
    list_status = 500;
    pull('a', "ci/a:1");
    list_status = 200;
    EXPECT_THAT(notes(), IsEmpty());
    pull('b', "ci/b:1");
    list_status = 500;
    EXPECT_THAT(keep_within(1), IsEmpty());
    list_status = 200;
    EXPECT_THAT(keep_within(1), ElementsAre("ci/b:1"));
}

TEST_F(PulledImages, of_damaged_notes_stay) {
    for (const char* text : {"", "{", "{\"id\":7}", "[]", "{\"id\":\"\",\"store\":\"ABCD \"}"}) {
        pull('a', "ci/a:1");
        ASSERT_THAT(notes(), SizeIs(1));
        std::ofstream(notes().front()) << text;
        EXPECT_THAT(keep_within(1), IsEmpty()) << text;
        EXPECT_THAT(left(), ElementsAre("a"));
        EXPECT_THAT(notes(), IsEmpty()) << "and are not read again";
        images.clear();
    }
}

TEST_F(PulledImages, go_when_the_engines_disk_is_short_of_space) {
    const std::string small = directory + "-disk";
    fs::create_directory(small);
    if (::mount("gyre", small.c_str(), "tmpfs", 0, "size=1m") != 0) {
        fs::remove(small);
        GTEST_SKIP() << "needs root: it mounts a small disk";
    }
    info["DockerRootDir"] = small;
    pull('a', "ci/a:1");
    EXPECT_THAT(keep_within(0), IsEmpty());
    EXPECT_THAT(keep_within(1'000'000), ElementsAre("ci/a:1"));
    EXPECT_EQ(::umount2(small.c_str(), MNT_DETACH), 0);
    fs::remove(small);
}

TEST_F(PulledImages, stay_where_the_engines_disk_cannot_be_seen) {
    info["DockerRootDir"] = "/nonexistent/docker";
    pull('a', "ci/a:1");
    EXPECT_THAT(keep_within(1'000'000), IsEmpty());
}

TEST(LeastFree, is_a_twentieth_and_two_gigabytes_at_least) {
    EXPECT_EQ(least_free(0), 2'000'000'000);
    EXPECT_EQ(least_free(40'000'000'000), 2'000'000'000);
    EXPECT_EQ(least_free(1'000'000'000'000), 50'000'000'000);
}

TEST_F(PulledImages, are_not_noted_where_there_is_no_directory) {
    const auto kept = std::exchange(directory, "");
    pull('a', "ci/a:1");
    EXPECT_THAT(keep_within(1), IsEmpty());
    EXPECT_THAT(engine.calls_of("GET /images"), IsEmpty());
    directory = kept;
}

}  // namespace
}  // namespace gyre::agent
