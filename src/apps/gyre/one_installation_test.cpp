#include "apps/gyre/one_installation.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <future>
#include <utility>

#include "adapters/sqlite/stores.h"
#include "apps/gyre/objects_in_use.h"
#include "base/digest.h"
#include "base/fd.h"
#include "ports/contract/temp_folder.h"
#include "support/fake_s3.h"

namespace gyre::apps {
namespace {

using test::Trouble;
using testing::HasSubstr;

// A database and a place of objects, of which others may be made.
class OneInstallation : public testing::Test {
protected:
    std::string path(const std::string& name) const { return (folder_.path() / name).string(); }
    std::unique_ptr<sql::Stores> database(const std::string& name) {
        std::filesystem::create_directories(path(name));
        return sqlite::open_sqlite(path(name) + "/gyre.db").value();
    }
    std::unique_ptr<Objects> objects(const std::string& home) const {
        return Objects::open(settings_, folder_.path(), path(home)).value();
    }
    // As a server of this database starts on these objects.
    Result<void> start(sql::Stores& records, const std::string& home) const {
        return settle_installation(records, *objects(home), path(home));
    }
    Result<void> sweep(sql::Stores& records, const std::string& home) const {
        return check_installation(records.installation().find().value(), *objects(home));
    }
    static std::string id_of(sql::Stores& records) { return records.installation().find().value().value().id; }
    std::string mark(const std::string& home) const {
        std::ifstream file(path(home) + "/installation");
        std::string id;
        std::getline(file, id);
        return id;
    }
    void fill(const std::string& home) const {
        const std::string text = "an object";
        ASSERT_TRUE(objects(home)->blobs().append(sha256_hex(text), 0, std::ssize(text), text).ok());
    }
    Result<Adopted> adopt(const std::string& data, const std::string& home) {
        auto settings = settings_;
        settings.data_dir = path(data);
        settings.objects_dir = path(home);
        return adopt_objects(settings, DataDirectory::open(path(data)).value());
    }
    static void expect_refused(const Result<void>& start, const std::vector<std::string>& words) {
        ASSERT_FALSE(start.ok());
        EXPECT_EQ(start.error().fault, Fault::conflict);
        for (const auto& word : words) EXPECT_THAT(start.error().message, HasSubstr(word));
        EXPECT_THAT(start.error().message, HasSubstr("gyre database adopt-objects"));
    }

    contract::TempFolder folder_;
    ServerSettings settings_;
};

TEST_F(OneInstallation, is_made_at_the_first_start_and_stays) {
    const auto records = database("a");
    ASSERT_TRUE(start(*records, "objects").ok());
    const auto id = id_of(*records);
    EXPECT_EQ(mark("objects"), id);
    fill("objects");
    ASSERT_TRUE(start(*records, "objects").ok());
    EXPECT_TRUE(sweep(*records, "objects").ok());
    EXPECT_EQ(id_of(*records), id);
}

TEST_F(OneInstallation, is_not_that_of_another_database_on_the_same_objects) {
    const auto ours = database("a");
    const auto theirs = database("b");
    const auto fresh = database("c");
    ASSERT_TRUE(start(*ours, "objects").ok());
    ASSERT_TRUE(start(*theirs, "others").ok());
    expect_refused(start(*theirs, "objects"), {id_of(*ours), id_of(*theirs), path("objects")});
    expect_refused(sweep(*theirs, "objects"), {id_of(*ours)});
    expect_refused(start(*fresh, "objects"), {"the database is new", id_of(*ours)});
    EXPECT_EQ(*fresh->installation().find(), std::nullopt) << "a start that was refused makes none";
    EXPECT_EQ(mark("objects"), id_of(*ours));
}

TEST_F(OneInstallation, is_not_found_in_another_place_of_objects) {
    const auto records = database("a");
    ASSERT_TRUE(start(*records, "objects").ok());
    expect_refused(start(*records, "elsewhere"), {id_of(*records), path("elsewhere")});
    expect_refused(sweep(*records, "elsewhere"), {path("elsewhere")});
    std::filesystem::create_directories(path("moved"));
    std::filesystem::copy(path("objects"), path("moved"), std::filesystem::copy_options::recursive);
    EXPECT_TRUE(start(*records, "moved").ok());
}

TEST_F(OneInstallation, of_an_older_version_gets_its_id_at_the_next_start) {
    const auto records = database("a");
    fill("objects");
    expect_refused(start(*records, "objects"), {"the database is new", path("objects")});
    ASSERT_TRUE(records->project_store().add({.id = {"p"}, .slug = "git/shop"}).ok());
    ASSERT_TRUE(start(*records, "objects").ok());
    EXPECT_EQ(mark("objects"), id_of(*records));
}

TEST_F(OneInstallation, is_known_however_a_first_start_was_killed) {
    const auto records = database("a");
    ASSERT_TRUE(records->installation().begin("2d1ff6fb-9a3d-4f5e-8b0f-0a1b2c3d4e5f").ok());
    ASSERT_TRUE(start(*records, "objects").ok()) << "before the mark";
    EXPECT_EQ(mark("objects"), id_of(*records));
    const auto other = database("b");
    ASSERT_TRUE(other->installation().begin(id_of(*records)).ok());
    ASSERT_TRUE(start(*other, "objects").ok()) << "before the note that it was put";
    EXPECT_TRUE((*other->installation().find())->has_objects);
}

TEST_F(OneInstallation, whose_mark_is_damaged_is_nobodys_until_it_is_adopted) {
    const auto records = database("a");
    ASSERT_TRUE(start(*records, "objects").ok());
    std::ofstream(path("objects") + "/installation") << "?";
    EXPECT_EQ(start(*records, "objects").error().fault, Fault::corrupt);
    EXPECT_FALSE(sweep(*records, "objects").ok());
    ASSERT_TRUE(adopt("a", "objects").ok());
    EXPECT_TRUE(start(*records, "objects").ok());
}

TEST_F(OneInstallation, adopts_objects_when_somebody_says_so) {
    const auto ours = database("a");
    const auto theirs = database("b");
    ASSERT_TRUE(start(*ours, "objects").ok());
    ASSERT_TRUE(start(*theirs, "others").ok());
    ASSERT_TRUE(theirs->project_store().add({.id = {"p"}, .slug = "git/shop"}).ok());
    const auto adopted = adopt("b", "objects");
    ASSERT_TRUE(adopted.ok()) << adopted.error().message;
    EXPECT_EQ(adopted->before, id_of(*ours));
    EXPECT_EQ(adopted->installation, id_of(*theirs));
    EXPECT_TRUE(start(*theirs, "objects").ok());
    expect_refused(start(*ours, "objects"), {id_of(*theirs)});
}

// Objects whose owner is asked, and then something happens before it is put.
class Meanwhile final : public Objects {
public:
    Meanwhile(std::unique_ptr<Objects> those, std::function<void()> happens)
        : those_(std::move(those)), happens_(std::move(happens)) {}
    BlobStore& blobs() override { return those_->blobs(); }
    std::string folder() const override { return those_->folder(); }
    Result<void> settle() override { return those_->settle(); }
    Result<std::string> owner() override {
        auto owner = those_->owner();
        if (const auto happens = std::exchange(happens_, nullptr)) happens();
        return owner;
    }
    Result<std::string> put_owner(const std::string& id) override { return those_->put_owner(id); }
    Result<void> replace_owner(const std::string& id) override { return those_->replace_owner(id); }
    std::optional<std::int64_t> free_bytes() override { return those_->free_bytes(); }
    Result<std::int64_t> end_abandoned_uploads(const std::function<Result<void>()>& go_on) override {
        return those_->end_abandoned_uploads(go_on);
    }
    Result<bool> holds_any() override { return unavailable("a shelf that may not be opened"); }
    std::string name() const override { return those_->name(); }
    Result<std::string> try_out() override { return those_->try_out(); }

private:
    std::unique_ptr<Objects> those_;
    std::function<void()> happens_;
};

TEST_F(OneInstallation, of_two_servers_that_begin_at_once_has_its_objects_in_one_place) {
    const auto records = database("a");
    ASSERT_TRUE(records->project_store().add({.id = {"p"}, .slug = "git/shop"}).ok());
    Meanwhile ours(objects("ours"), [&] { ASSERT_TRUE(start(*records, "theirs").ok()); });
    const auto refused = settle_installation(*records, ours, path("ours"));
    expect_refused(refused, {id_of(*records), path("ours")});
    EXPECT_EQ(mark("ours"), "") << "the next start is refused as well";
    EXPECT_EQ(mark("theirs"), id_of(*records));
    Meanwhile same(objects("theirs"), [&] { ASSERT_TRUE(start(*records, "theirs").ok()); });
    EXPECT_TRUE(settle_installation(*records, same, path("theirs")).ok());
}

TEST_F(OneInstallation, of_two_servers_that_begin_at_once_on_one_place_is_one) {
    const auto records = database("a");
    ASSERT_TRUE(records->project_store().add({.id = {"p"}, .slug = "git/shop"}).ok());
    Meanwhile ours(objects("objects"), [&] { ASSERT_TRUE(start(*records, "objects").ok()); });
    EXPECT_TRUE(settle_installation(*records, ours, path("objects")).ok());
    EXPECT_EQ(mark("objects"), id_of(*records));
}

TEST_F(OneInstallation, does_not_take_objects_that_cannot_be_listed_for_none) {
    const auto records = database("a");
    Meanwhile objects_there(objects("objects"), nullptr);
    EXPECT_EQ(settle_installation(*records, objects_there, path("objects")).error().fault, Fault::unavailable);
    EXPECT_EQ(mark("objects"), "");
    EXPECT_EQ(*records->installation().find(), std::nullopt);
}

TEST_F(OneInstallation, sees_objects_or_an_error_and_never_none) {
    EXPECT_FALSE(*objects("empty")->holds_any());
    fill("objects");
    const auto filled = objects("objects");
    rlimit before{};
    ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
    const Fd lowest(::dup(STDIN_FILENO));
    int failures = 0;
    for (int room = 1; room <= 8; ++room) {
        const rlimit little{static_cast<rlim_t>(lowest.get() + room), before.rlim_max};
        ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &little), 0);
        const auto any = filled->holds_any();
        ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
        if (any) {
            EXPECT_TRUE(*any);
            break;
        }
        ++failures;
    }
    EXPECT_GE(failures, 2) << "the folder and its shelf were ones that could not be opened";
    EXPECT_TRUE(*filled->holds_any());
}

TEST_F(OneInstallation, gives_no_objects_to_a_database_that_names_none) {
    const auto records = database("a");
    ASSERT_TRUE(start(*records, "objects").ok());
    const auto lost = database("b");
    const auto refused = adopt("b", "objects");
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().fault, Fault::conflict);
    EXPECT_THAT(refused.error().message, HasSubstr("gyre restore"));
    EXPECT_FALSE((*lost->installation().find()).has_value());
    EXPECT_EQ(mark("objects"), id_of(*records));
    fill("unmarked");
    EXPECT_FALSE(adopt("b", "unmarked").ok());
    EXPECT_EQ(mark("unmarked"), "");
}

// Such is a database that went back to an older version and came again: its backups have that id, too.
TEST_F(OneInstallation, adopts_no_objects_that_a_running_server_of_another_data_directory_uses) {
    const auto ours = database("a");
    ASSERT_TRUE(ours->project_store().add({.id = {"p"}, .slug = "git/shop"}).ok());
    ASSERT_TRUE(start(*ours, "objects").ok());
    const auto theirs = database("b");
    ASSERT_TRUE(theirs->project_store().add({.id = {"p"}, .slug = "git/shop"}).ok());
    {
        const Fd server = use_objects(path("objects"));
        const Fd another = use_objects(path("objects"));
        const auto refused = adopt("b", "objects");
        ASSERT_FALSE(refused.ok());
        EXPECT_EQ(refused.error().fault, Fault::conflict);
        EXPECT_THAT(refused.error().message, HasSubstr("a running server uses the objects in " + path("objects")));
        EXPECT_EQ(mark("objects"), id_of(*ours));
    }
    EXPECT_TRUE(adopt("b", "objects").ok()) << "it was stopped";
    {
        const auto older = DataDirectory::open(path("objects"));
        EXPECT_EQ(adopt("b", "objects").error().fault, Fault::conflict) << "a server that keeps objects with its data";
    }
    EXPECT_TRUE(adopt("b", "b").ok()) << "its own data directory it holds itself";
}

TEST_F(OneInstallation, is_seen_to_use_objects_also_when_a_command_looks_at_them_just_then) {
    std::filesystem::create_directories(path("objects"));
    Fd command(::open(path("objects").c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    ASSERT_EQ(::flock(command.get(), LOCK_EX | LOCK_NB), 0);
    auto starting = std::async(std::launch::async, [&] { return use_objects(path("objects")); });
    EXPECT_EQ(starting.wait_for(std::chrono::milliseconds{50}), std::future_status::timeout) << "it did not wait";
    command = Fd();
    const Fd server = starting.get();
    EXPECT_EQ(check_objects_unused(path("objects"), path("b")).error().fault, Fault::conflict);
}

TEST_F(OneInstallation, without_an_id_takes_that_of_the_objects_it_adopts) {
    const auto records = database("a");
    ASSERT_TRUE(start(*records, "objects").ok());
    const auto again = database("b");
    ASSERT_TRUE(again->project_store().add({.id = {"p"}, .slug = "git/shop"}).ok());
    expect_refused(start(*again, "objects"), {"an older version wrote it last"});
    ASSERT_TRUE(adopt("b", "objects").ok());
    EXPECT_EQ(id_of(*again), id_of(*records));
    EXPECT_TRUE(start(*again, "objects").ok());
}

class OneInstallationInBucket : public OneInstallation {
protected:
    void SetUp() override {
        settings_.objects = "s3://" + fake_.settings().bucket + "/ours";
        settings_.objects_endpoint = fake_.endpoint();
        settings_.objects_region = fake_.settings().region;
        settings_.objects_credentials = path("keys");
        std::ofstream(settings_.objects_credentials) << "aws_access_key_id = " << fake_.settings().access
                                                     << "\naws_secret_access_key = " << fake_.settings().secret << "\n";
        std::filesystem::permissions(settings_.objects_credentials, std::filesystem::perms::owner_read);
    }
    test::FakeS3 fake_;
};

TEST_F(OneInstallationInBucket, marks_the_bucket_and_the_directory_of_outputs) {
    const auto ours = database("a");
    const auto theirs = database("b");
    ASSERT_TRUE(start(*ours, "outputs").ok());
    EXPECT_EQ(fake_.objects().at("ours/installation"), id_of(*ours) + "\n");
    EXPECT_EQ(mark("outputs"), id_of(*ours));
    EXPECT_TRUE(start(*ours, "outputs-of-another-server").ok());
    expect_refused(start(*theirs, "others"), {"s3://gyre-test/ours", id_of(*ours)});
    fake_.erase("ours/installation");
    expect_refused(start(*theirs, "outputs"), {path("outputs"), id_of(*ours)});
    expect_refused(start(*ours, "outputs"), {"s3://gyre-test/ours"});
}

TEST_F(OneInstallationInBucket, starts_while_the_bucket_is_away_and_removes_nothing) {
    const auto ours = database("a");
    ASSERT_TRUE(start(*ours, "outputs").ok());
    fake_.misbehave("GetObject", Trouble::denied, 2);
    EXPECT_TRUE(start(*ours, "outputs").ok());
    EXPECT_FALSE(sweep(*ours, "outputs").ok());
    EXPECT_TRUE(sweep(*ours, "outputs").ok());
}

TEST_F(OneInstallationInBucket, of_a_new_database_does_not_take_a_bucket_that_holds_objects) {
    const auto fresh = database("a");
    fake_.put("ours/objects/ab/" + std::string(62, 'c'), "an object");
    expect_refused(start(*fresh, "outputs"), {"the database is new", "s3://gyre-test/ours"});
    fake_.misbehave("ListObjectsV2", Trouble::denied);
    EXPECT_EQ(start(*fresh, "outputs").error().fault, Fault::denied);
    EXPECT_EQ(fake_.objects().count("ours/installation"), 0U);
    EXPECT_EQ(mark("outputs"), "");
}

TEST_F(OneInstallationInBucket, begins_while_the_bucket_is_away_and_is_settled_by_a_sweep) {
    const auto records = database("a");
    fake_.misbehave("GetObject", Trouble::denied, 2);
    EXPECT_EQ(start(*records, "outputs").error().fault, Fault::denied) << "a new one asks first";
    EXPECT_EQ(*records->installation().find(), std::nullopt);
    ASSERT_TRUE(records->project_store().add({.id = {"p"}, .slug = "git/shop"}).ok());
    ASSERT_TRUE(start(*records, "outputs").ok());
    const auto id = id_of(*records);
    EXPECT_EQ(fake_.objects().count("ours/installation"), 0U);
    ASSERT_TRUE(check_before_sweep(*records, *objects("outputs"), path("outputs")).ok());
    EXPECT_EQ(fake_.objects().at("ours/installation"), id + "\n");
    EXPECT_EQ(*records->installation().find(), (sql::KnownInstallation{id, true, ""}));
}

TEST_F(OneInstallationInBucket, whose_mark_another_writes_and_does_not_end_is_not_noted) {
    const auto records = database("a");
    ASSERT_TRUE(records->project_store().add({.id = {"p"}, .slug = "git/shop"}).ok());
    fake_.misbehave("PutObject", Trouble::another_writes);
    ASSERT_TRUE(start(*records, "outputs").ok());
    EXPECT_FALSE((*records->installation().find())->has_objects);
    ASSERT_TRUE(start(*records, "outputs").ok());
    EXPECT_TRUE((*records->installation().find())->has_objects);
}

}  // namespace
}  // namespace gyre::apps
