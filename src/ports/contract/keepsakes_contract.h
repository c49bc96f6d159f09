#pragma once

// The promises of ports/keepsakes.h.

#include "ports/contract/examples.h"
#include "ports/keepsakes.h"

namespace gyre::contract {

template <typename World>
class KeepsakesContract : public StoresContract<World> {
protected:
    void SetUp() override { project_ = this->make_project().id; }
    Keepsakes& keepsakes() { return this->world_.stores.keepsakes(); }
    bool save(const std::string& key, std::int64_t second, char blob = 'a') {
        return *keepsakes().add_cache(project_, {key, std::string(64, blob), 10, at(second)});
    }
    // The key found, or "none".
    std::string restore(const std::vector<std::string>& keys) {
        const auto found = keepsakes().find_cache(project_, keys);
        EXPECT_TRUE(found.ok()) << found.error().message;
        return *found ? (*found)->key : "none";
    }

    ProjectId project_;
};
TYPED_TEST_SUITE_P(KeepsakesContract);

TYPED_TEST_P(KeepsakesContract, AKeyIsWrittenOnce) {
    EXPECT_TRUE(this->save("deps-1", 1, 'a'));
    EXPECT_FALSE(this->save("deps-1", 2, 'b'));
    const auto found = *this->keepsakes().find_cache(this->project_, {"deps-1"});
    ASSERT_TRUE(found);
    EXPECT_EQ(found->blob, std::string(64, 'a'));
    EXPECT_EQ(found->size, 10);
    EXPECT_EQ(found->created_at, at(1));
}

// A longer key that came between shadows this one in find_cache().
TYPED_TEST_P(KeepsakesContract, TheSameBlobUnderTheSameKeyIsStoredStill) {
    EXPECT_TRUE(this->save("deps", 1, 'a'));
    EXPECT_TRUE(this->save("deps-linux", 2, 'b'));
    EXPECT_TRUE(this->save("deps", 3, 'a'));
    EXPECT_FALSE(this->save("deps", 4, 'b'));
    EXPECT_FALSE(this->save("deps-linux", 5, 'a'));
    EXPECT_EQ((*this->keepsakes().find_cache(this->project_, {"deps"}))->created_at, at(2)) << "nothing was written";
}

TYPED_TEST_P(KeepsakesContract, APrefixFindsTheNewestMatch) {
    this->save("deps-x", 1);
    this->save("deps-y", 3);
    this->save("deps-z", 2);
    this->save("other", 9);
    EXPECT_EQ(this->restore({"deps-"}), "deps-y");
    EXPECT_EQ(this->restore({"deps-x"}), "deps-x");
    EXPECT_EQ(this->restore({"dep"}), "deps-y");
    EXPECT_EQ(this->restore({"deps-xx"}), "none");
    EXPECT_EQ(this->restore({"eps-"}), "none");
}

TYPED_TEST_P(KeepsakesContract, AnExactKeyDoesNotBeatANewerLongerOne) {
    this->save("deps", 1);
    this->save("deps-longer", 2);
    EXPECT_EQ(this->restore({"deps"}), "deps-longer");
}

TYPED_TEST_P(KeepsakesContract, OfEquallyOldMatchesTheLastSavedWins) {
    this->save("deps-b", 1);
    this->save("deps-a", 1);
    EXPECT_EQ(this->restore({"deps-"}), "deps-a");
}

TYPED_TEST_P(KeepsakesContract, TheFirstKeyThatMatchesAnythingWins) {
    this->save("old-1", 1);
    this->save("new-1", 2);
    EXPECT_EQ(this->restore({"missing", "old-", "new-"}), "old-1");
    EXPECT_EQ(this->restore({}), "none");
}

TYPED_TEST_P(KeepsakesContract, ProjectsDoNotShareCaches) {
    const auto other = this->make_project("git/other").id;
    this->save("deps-1", 1);
    EXPECT_FALSE(this->keepsakes().find_cache(other, {"deps-"})->has_value());
    EXPECT_TRUE(*this->keepsakes().add_cache(other, {"deps-1", std::string(64, 'b'), 1, at(1)}));
}

TYPED_TEST_P(KeepsakesContract, PrefixesAreBytesAndNothingElse) {
    struct Case {
        std::string saved;
        std::string asked;
        bool found;
    };
    const std::vector<Case> cases = {
        {"percent%_x", "percent%", true}, {"underXscore", "under_", false},
        {"Upper", "upper", false},        {"star*", "st*", false},
        {"quote'--", "quote'", true},     {"ünïcode-1", "ünï", true},
        {"\xff\xff-1", "\xff\xff", true}, {"\xff\xff", "\xff\xff\xff", false},
        {"base64+/=", "base64+/", true},  {std::string("nul\0x", 5), std::string("nul\0", 4), true},
    };
    for (const auto& [saved, asked, found] : cases) {
        this->save(saved, 1);
        EXPECT_EQ(this->restore({asked}), found ? saved : "none") << asked;
    }
}

TYPED_TEST_P(KeepsakesContract, LayersComeInTheOrderOfTheJobsThenTasksThenSequence) {
    auto workflow = this->make_workflow(this->make_pipeline(*this->world_.stores.project_store().by_id(this->project_)),
                                        {"build", "lint"});
    this->place(workflow, 0, 0);
    this->place(workflow, 0, 1);
    this->place(workflow, 1, 0);
    EXPECT_EQ(this->store(workflow, {0, 1}), Committed::stored);
    workflow = this->load(workflow.id);
    const auto& build = workflow.jobs[0].id;
    const auto& lint = workflow.jobs[1].id;
    const auto add = [&](const JobId& job, int task, int sequence, char blob) {
        const WorkspaceLayer layer{job, "name", task, sequence, std::string(64, blob), 7};
        EXPECT_TRUE(this->keepsakes().add_layer(workflow.id, {job, task, 1}, layer).ok());
    };
    add(build, 1, 0, 'c');
    add(build, 0, 1, 'b');
    add(build, 0, 0, 'a');
    add(lint, 0, 0, 'd');
    add(lint, 0, 0, 'd');
    const auto blobs = [&](const WorkflowId& workspace, const std::vector<JobId>& jobs) {
        std::string text;
        const auto layers = this->keepsakes().layers(workspace, jobs);
        for (const auto& layer : *layers) text += layer.blob[0];
        return text;
    };
    EXPECT_EQ(blobs(workflow.id, {lint, build}), "dabc");
    EXPECT_EQ(blobs(workflow.id, {build}), "abc");
    EXPECT_EQ(blobs(workflow.id, {}), "");
    EXPECT_EQ(blobs({"another workspace"}, {build}), "");
    EXPECT_EQ(this->keepsakes().layers(workflow.id, {lint})->front().size, 7);
}

TYPED_TEST_P(KeepsakesContract, LayersOfALostAttemptAreNotMixedWithTheNextOnes) {
    auto workflow =
        this->make_workflow(this->make_pipeline(*this->world_.stores.project_store().by_id(this->project_)), {"build"});
    this->place(workflow, 0, 0);
    EXPECT_EQ(this->store(workflow, {0}), Committed::stored);
    workflow = this->load(workflow.id);
    const JobId job = workflow.jobs[0].id;
    const auto add = [&](int attempt, int sequence, char blob) {
        const WorkspaceLayer layer{job, "build", 0, sequence, std::string(64, blob), 7};
        EXPECT_TRUE(this->keepsakes().add_layer(workflow.id, {job, 0, attempt}, layer).ok());
    };
    const auto blobs = [&] {
        std::string text;
        const auto layers = this->keepsakes().layers(workflow.id, {job});
        for (const auto& layer : *layers) text += layer.blob[0];
        return text;
    };
    add(1, 0, 'a');
    add(1, 1, 'b');
    EXPECT_EQ(blobs(), "ab");
    this->finish_attempt(workflow, 0, 0, InfrastructureFailed{"gone", true});
    this->place(workflow, 0, 0);
    EXPECT_EQ(this->store(workflow, {0}), Committed::stored);
    workflow = this->load(workflow.id);
    EXPECT_EQ(blobs(), "");
    add(2, 0, 'c');
    add(1, 0, 'd');  // a late word of the lost one
    EXPECT_EQ(blobs(), "c");
    add(2, 0, 'e');
    EXPECT_EQ(blobs(), "e");
}

REGISTER_TYPED_TEST_SUITE_P(KeepsakesContract, AKeyIsWrittenOnce, TheSameBlobUnderTheSameKeyIsStoredStill,
                            APrefixFindsTheNewestMatch, AnExactKeyDoesNotBeatANewerLongerOne,
                            OfEquallyOldMatchesTheLastSavedWins, TheFirstKeyThatMatchesAnythingWins,
                            ProjectsDoNotShareCaches, PrefixesAreBytesAndNothingElse,
                            LayersComeInTheOrderOfTheJobsThenTasksThenSequence,
                            LayersOfALostAttemptAreNotMixedWithTheNextOnes);

}  // namespace gyre::contract
