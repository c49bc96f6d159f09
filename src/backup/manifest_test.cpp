#include "backup/manifest.h"

#include <gtest/gtest.h>

#include "base/json.h"
#include "ports/contract/examples.h"

namespace gyre::backup {
namespace {

using contract::expect_fault;

Manifest example() {
    Manifest manifest;
    manifest.made_at = from_millis(1'700'000'000'123);
    manifest.gyre = "0.1.0";
    manifest.schema = 5;
    manifest.database = "sqlite";
    manifest.installation = "2d1ff6fb-9a3d-4f5e-8b0f-0a1b2c3d4e5f";
    const Lines lines{.lines = 2, .bytes = 20, .pieces = {std::string(64, 'a')}};
    manifest.tables = {{.name = "projects", .columns = {"id", "slug"}, .rows = lines}};
    manifest.blobs = manifest.outputs = lines;
    manifest.blob_bytes = 10;
    manifest.packs = {{std::string(64, 'b'), 100}};
    manifest.lacking = 2;
    manifest.lacking_blobs = {std::string(64, 'c')};
    return manifest;
}

Result<Snapshot> read(const Manifest& manifest) {
    const auto text = manifest_text(manifest);
    return read_manifest(snapshot_id(manifest.made_at, text), text);
}

TEST(Manifests, come_back_as_they_were_written) {
    const auto found = read(example());
    ASSERT_TRUE(found.ok()) << found.error().message;
    EXPECT_EQ(found->manifest, example());
    EXPECT_EQ(found->id.substr(0, 20), "20231114T221320123Z-");
    EXPECT_TRUE(is_snapshot_id(found->id)) << found->id;
}

TEST(Manifests, are_refused_with_any_byte_flipped) {
    const auto text = manifest_text(example());
    const auto id = snapshot_id(example().made_at, text);
    for (std::size_t at = 0; at < text.size(); ++at) {
        auto flipped = text;
        flipped[at] = static_cast<char>(flipped[at] ^ 4);
        EXPECT_FALSE(read_manifest(id, flipped).ok()) << at;
        EXPECT_FALSE(read_manifest(id, text.substr(0, at)).ok()) << at;
    }
}

TEST(Manifests, that_cannot_be_right_are_refused) {
    const auto refuse = [](const char* what, const std::function<void(Manifest&)>& change) {
        Manifest manifest = example();
        change(manifest);
        const auto found = read(manifest);
        ASSERT_FALSE(found.ok()) << what;
        EXPECT_EQ(found.error().fault, Fault::corrupt) << what;
    };
    refuse("a table that is a statement", [](Manifest& m) { m.tables[0].name = "projects; DROP TABLE projects"; });
    refuse("a table with a path", [](Manifest& m) { m.tables[0].name = "../projects"; });
    refuse("a column in quotes", [](Manifest& m) { m.tables[0].columns[0] = "\"id\""; });
    refuse("no columns", [](Manifest& m) { m.tables[0].columns.clear(); });
    refuse("a path for a piece", [](Manifest& m) { m.tables[0].rows.pieces[0] = "../../../../etc/passwd"; });
    refuse("lines without pieces", [](Manifest& m) { m.tables[0].rows.pieces.clear(); });
    refuse("negative counts", [](Manifest& m) { m.blobs.lines = -1; });
    refuse("more lines than bytes", [](Manifest& m) { m.outputs.lines = std::int64_t{1} << 62; });
    refuse("no schema", [](Manifest& m) { m.schema = 0; });
    refuse("negative bytes", [](Manifest& m) { m.output_bytes = -5; });
    refuse("a path for a pack", [](Manifest& m) { m.packs[0].name = "../../etc/passwd"; });
    refuse("a pack of negative size", [](Manifest& m) { m.packs[0].bytes = -1; });
    refuse("a path for what it lacks", [](Manifest& m) { m.lacking_blobs[0] = "../x"; });
    refuse("more names than it lacks", [](Manifest& m) { m.lacking = 0; });
    refuse("an installation for the terminal", [](Manifest& m) { m.installation = "\x1b[2J"; });
    refuse("an installation of any length", [](Manifest& m) { m.installation = std::string(65, 'a'); });
    refuse("too many tables", [](Manifest& m) { m.tables.resize(2000, m.tables[0]); });
}

TEST(Manifests, of_earlier_versions_tell_less) {
    Manifest less = example();
    less.packs.clear();
    less.installation.clear();
    less.lacking_blobs.clear();
    auto json = to_json(less);
    json.get_object().erase("packs");
    json.get_object().erase("installation");
    json.get_object().erase("lacking_blobs");
    const std::string text = json::serialize(json) + "\n";
    const auto found = read_manifest(snapshot_id(less.made_at, text), text);
    ASSERT_TRUE(found.ok()) << found.error().message;
    EXPECT_EQ(found->manifest, less);
}

TEST(Manifests, of_a_newer_version_say_so) {
    Manifest manifest = example();
    manifest.format = format + 1;
    const auto found = read(manifest);
    expect_fault(found, Fault::invalid);
    EXPECT_NE(found.error().message.find("newer"), std::string::npos);
}

TEST(Manifests, of_other_shapes_are_refused) {
    for (const char* text : {"", "{", "[]", "null", "{\"format\":\"1\"}", "{\"format\":1e99}", "{\"tables\":{}}",
                             "{\"schema\":99999999999999999999}", "{\"blobs\":{\"pieces\":[1,2]}}"}) {
        EXPECT_FALSE(read_manifest(snapshot_id({}, text), text).ok()) << text;
    }
    EXPECT_FALSE(read_manifest(snapshot_id({}, "x"), std::string(100'000, '[')).ok());
}

TEST(SnapshotIds, have_one_form) {
    for (const char* id : {"", "latest", "../20231114T221320123Z-aaaaaaaaaaaa", "20231114T221320123Z-AAAAAAAAAAAA",
                           "20231114T221320123Z-aaaaaaaaaaaa.json", "20231114T221320123Z/aaaaaaaaaaaa"}) {
        EXPECT_FALSE(is_snapshot_id(id)) << id;
    }
}

}  // namespace
}  // namespace gyre::backup
