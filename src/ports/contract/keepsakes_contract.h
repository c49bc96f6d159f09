#pragma once

// The promises of ports/keepsakes.h.

#include <set>

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

TYPED_TEST_P(KeepsakesContract, AForkSeesTheProjectsCachesAndItsOwnAndNobodySeesItsOwn) {
    const CacheScope fork(this->project_, "gh/mallory/repo");
    const CacheScope other(this->project_, "gh/trudy/repo");
    auto& keepsakes = this->keepsakes();
    const auto key_of = [&](const CacheScope& scope, const std::string& key) {
        const auto found = keepsakes.find_cache(scope, {key});
        EXPECT_TRUE(found.ok()) << found.error().message;
        return *found ? (*found)->key + "=" + (*found)->blob[0] : "none";
    };
    EXPECT_TRUE(this->save("deps-1", 1, 'a'));
    EXPECT_EQ("deps-1=a", key_of(fork, "deps-"));
    EXPECT_TRUE(*keepsakes.add_cache(fork, {"deps-1", std::string(64, 'e'), 1, at(1)}))
        << "its own place, the same key";
    EXPECT_TRUE(*keepsakes.add_cache(fork, {"deps-9", std::string(64, 'e'), 1, at(9)}));
    EXPECT_FALSE(*keepsakes.add_cache(fork, {"deps-9", std::string(64, 'f'), 1, at(10)}));
    EXPECT_EQ("deps-9=e", key_of(fork, "deps-"));
    EXPECT_EQ("deps-1=e", key_of(fork, "deps-1")) << "of equally old ones, its own";
    EXPECT_EQ("deps-1=a", key_of(this->project_, "deps-"));
    EXPECT_EQ("deps-1=a", key_of(other, "deps-"));
    EXPECT_TRUE(this->save("deps-9", 11, 'b')) << "a fork takes no key away";
    EXPECT_EQ("deps-9=b", key_of(fork, "deps-")) << "the newest";
}

TYPED_TEST_P(KeepsakesContract, CachesAreListedByTheirLastUseAndDroppedUnlessUsedSince) {
    auto& keepsakes = this->keepsakes();
    const CacheScope fork(this->project_, "gh/mallory/repo");
    this->save("a", 1);
    this->save("b", 2);
    EXPECT_TRUE(*keepsakes.add_cache(fork, {"c", std::string(64, 'c'), 5, at(3)}));
    const auto all = [&] {
        std::vector<KeptCache> caches;
        EXPECT_TRUE(keepsakes
                        .each_cache([&](const KeptCache& cache) -> Result<void> {
                            caches.push_back(cache);
                            return {};
                        })
                        .ok());
        return caches;
    };
    const auto keys = [&] {
        std::string text;
        for (const auto& cache : all()) text += cache.key;
        return text;
    };
    EXPECT_EQ("abc", keys());
    EXPECT_TRUE(keepsakes.note_use(fork, "a", at(7)).ok()) << "a fork may use what the project stored";
    EXPECT_TRUE(keepsakes.note_use(this->project_, "a", at(6)).ok());
    EXPECT_TRUE(keepsakes.note_use(this->project_, "c", at(9)).ok()) << "not the project's to use";
    EXPECT_EQ("bca", keys());
    const auto listed = all();
    EXPECT_EQ(at(7), listed[2].used_at);
    EXPECT_EQ(fork, listed[1].scope);
    EXPECT_EQ(5, listed[1].size);
    EXPECT_TRUE(keepsakes.note_use(this->project_, "b", at(8)).ok());
    EXPECT_FALSE(*keepsakes.drop_cache(listed[0])) << "used since it was listed";
    EXPECT_TRUE(*keepsakes.drop_cache(listed[1]));
    EXPECT_FALSE(*keepsakes.drop_cache(listed[1]));
    EXPECT_EQ("ab", keys());
    EXPECT_EQ("none", this->restore({"c"}));
    EXPECT_FALSE(*keepsakes.forget_cache(fork, "a", listed[2].blob)) << "the project's, not the fork's";
    EXPECT_FALSE(*keepsakes.forget_cache(this->project_, "a", std::string(64, 'f'))) << "it holds another blob";
    EXPECT_TRUE(*keepsakes.forget_cache(this->project_, "a", listed[2].blob));
    EXPECT_EQ("b", keys());
}

TYPED_TEST_P(KeepsakesContract, EveryBlobThatARecordNamesIsListed) {
    auto workflow =
        this->make_workflow(this->make_pipeline(*this->world_.stores.project_store().by_id(this->project_)), {"build"});
    this->place(workflow, 0, 0);
    EXPECT_EQ(this->store(workflow, {0}), Committed::stored);
    workflow = this->load(workflow.id);
    const AttemptRef attempt{workflow.jobs[0].id, 0, 1};
    this->save("deps", 1, 'a');
    EXPECT_TRUE(
        *this->keepsakes().add_cache(CacheScope(this->project_, "f"), {"deps", std::string(64, 'b'), 1, at(1)}));
    EXPECT_TRUE(
        this->keepsakes().add_layer(workflow.id, attempt, {attempt.job, "build", 0, 0, std::string(64, 'c'), 7}).ok());
    EXPECT_TRUE(this->world_.stores.run_records().add_artifact(attempt, {0, "x", std::string(64, 'd'), 1}).ok());
    std::set<char> blobs;
    EXPECT_TRUE(this->keepsakes()
                    .each_named_blob([&](const std::string& name, bool tree) -> Result<void> {
                        blobs.insert(name[0]);
                        EXPECT_EQ(name[0] != 'd', tree);
                        return {};
                    })
                    .ok());
    EXPECT_EQ((std::set<char>{'a', 'b', 'c', 'd'}), blobs);
}

TYPED_TEST_P(KeepsakesContract, ManifestsNameTheirTreesUntilTheseAreReleased) {
    auto workflow =
        this->make_workflow(this->make_pipeline(*this->world_.stores.project_store().by_id(this->project_)), {"build"});
    this->place(workflow, 0, 0);
    this->place(workflow, 0, 1);
    EXPECT_EQ(this->store(workflow, {0}), Committed::stored);
    const auto job = this->load(workflow.id).jobs[0].id;
    auto& records = this->world_.stores.run_records();
    const auto tell = [&](int task, std::int64_t second, const std::string& trees) {
        ToldManifest told{.body = "{}", .trees = {}, .told_at = at(second)};
        for (const char tree : trees) told.trees.push_back(std::string(64, tree));
        EXPECT_TRUE(records.save_manifest({job, task, 1}, told).ok());
    };
    const auto named = [&] {
        std::set<char> blobs;
        EXPECT_TRUE(this->keepsakes()
                        .each_named_blob([&](const std::string& name, bool tree) -> Result<void> {
                            blobs.insert(name[0]);
                            EXPECT_TRUE(tree);
                            return {};
                        })
                        .ok());
        return std::string(blobs.begin(), blobs.end());
    };
    tell(0, 10, "ax");
    tell(0, 10, "ab");
    tell(1, 20, "bc");
    EXPECT_EQ(named(), "abc");
    EXPECT_EQ(*this->keepsakes().release_trees(at(10)), 0);
    EXPECT_EQ(*this->keepsakes().release_trees(at(11)), 2);
    EXPECT_EQ(named(), "bc");
    EXPECT_EQ(*this->keepsakes().release_trees(at(21)), 2);
    EXPECT_EQ(*this->keepsakes().release_trees(at(21)), 0);
    EXPECT_EQ(named(), "");
    EXPECT_TRUE(records.manifest({job, 1, 1})->has_value()) << "the manifest itself stays";

    tell(1, 30, "ac");
    for (const char key : {'a', 'b', 'c'}) this->save(std::string(1, key), key, key);
    std::string held;
    EXPECT_TRUE(this->keepsakes()
                    .each_cache([&](const KeptCache& cache) -> Result<void> {
                        if (cache.held) held += cache.key;
                        return {};
                    })
                    .ok());
    EXPECT_EQ(held, "ac") << "dropping these frees nothing";
}

REGISTER_TYPED_TEST_SUITE_P(KeepsakesContract, AForkSeesTheProjectsCachesAndItsOwnAndNobodySeesItsOwn,
                            CachesAreListedByTheirLastUseAndDroppedUnlessUsedSince, EveryBlobThatARecordNamesIsListed,
                            AKeyIsWrittenOnce, TheSameBlobUnderTheSameKeyIsStoredStill, APrefixFindsTheNewestMatch,
                            AnExactKeyDoesNotBeatANewerLongerOne, OfEquallyOldMatchesTheLastSavedWins,
                            TheFirstKeyThatMatchesAnythingWins, ProjectsDoNotShareCaches,
                            PrefixesAreBytesAndNothingElse, LayersComeInTheOrderOfTheJobsThenTasksThenSequence,
                            LayersOfALostAttemptAreNotMixedWithTheNextOnes,
                            ManifestsNameTheirTreesUntilTheseAreReleased);

}  // namespace gyre::contract
