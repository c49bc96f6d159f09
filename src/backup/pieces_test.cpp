#include "backup/pieces.h"

#include <gtest/gtest.h>

#include <functional>

#include "adapters/memory/stores.h"
#include "base/digest.h"
#include "ports/contract/examples.h"

namespace gyre::backup {
namespace {

using contract::expect_fault;

class Pieces : public testing::Test {
protected:
    Lines write(const std::vector<std::string>& lines) {
        LineWriter writer(store());
        for (const auto& line : lines) EXPECT_TRUE(writer.add(line).ok());
        return writer.finish().value();
    }
    // All lines, or the error.
    Result<std::vector<std::string>> read(const Lines& lines) {
        LineReader reader(store(), lines);
        std::vector<std::string> found;
        for (;;) {
            GYRE_TRY_ASSIGN(const auto line, reader.next());
            if (!line) return found;
            found.emplace_back(*line);
        }
    }
    static std::vector<std::string> many(int count) {
        std::vector<std::string> lines;
        for (int i = 0; i < count; ++i)
            lines.push_back("[" + std::to_string(i) + ",\"" + sha256_hex(std::to_string(i)) + "\"]");
        return lines;
    }
    BlobStore& store() { return stores_.blob_store(); }

    memory::MemoryStores stores_;
};

TEST_F(Pieces, come_back_as_they_were_written) {
    const std::vector<std::vector<std::string>> cases{
        {},          {""}, {"", "", "a"}, {"one", std::string(3 << 20, 'x'), "two"}, {std::string("\0\xff\xfe", 3)},
        many(30'000)};
    for (const auto& lines : cases) {
        const auto found = read(write(lines));
        ASSERT_TRUE(found.ok()) << found.error().message;
        EXPECT_EQ(*found, lines);
    }
}

TEST_F(Pieces, that_did_not_change_are_those_that_are_there) {
    auto lines = many(100'000);
    const auto before = write(lines);
    ASSERT_GT(before.pieces.size(), 5U);
    lines[100] = "[\"changed\"]";
    lines.emplace_back("[\"new\"]");
    const auto after = write(lines);
    std::vector<std::string> changed = after.pieces;
    std::erase_if(changed, [&](const auto& piece) {
        return std::find(before.pieces.begin(), before.pieces.end(), piece) != before.pieces.end();
    });
    EXPECT_LE(changed.size(), 3U) << "of " << after.pieces.size();
}

TEST_F(Pieces, that_are_not_what_was_written_are_told) {
    const auto good = write(many(1000));
    const std::string garbage = *put_blob(store(), "no zstd at all");
    const std::string bomb = *put_compressed(store(), std::string(100 << 20, 'x'));
    const auto with = [&](const std::function<void(Lines&)>& change) {
        Lines lines = good;
        change(lines);
        return read(lines);
    };
    expect_fault(with([](Lines& l) { l.pieces[0] = "../../etc/passwd"; }), Fault::corrupt);
    expect_fault(with([](Lines& l) { l.pieces[0] = std::string(64, 'a'); }), Fault::not_found);
    expect_fault(with([&](Lines& l) { l.pieces[0] = garbage; }), Fault::corrupt);
    expect_fault(with([&](Lines& l) { l.pieces[0] = bomb; }), Fault::corrupt);
    expect_fault(with([](Lines& l) { l.pieces.push_back(l.pieces[0]); }), Fault::corrupt);
    expect_fault(with([](Lines& l) { l.pieces.clear(); }), Fault::corrupt);
    expect_fault(with([](Lines& l) { l.lines += 1; }), Fault::corrupt);
    expect_fault(with([](Lines& l) { l.lines = std::numeric_limits<std::int64_t>::max(); }), Fault::corrupt);
    expect_fault(with([](Lines& l) { l.bytes += 1; }), Fault::corrupt);
    expect_fault(with([](Lines& l) { l.bytes = -1; }), Fault::corrupt);
    stores_.blob_store().spoil(good.pieces[0]);
    expect_fault(read(good), Fault::corrupt);
}

TEST_F(Pieces, cut_off_in_the_middle_are_told) {
    const std::string name = *put_compressed(store(), std::string(5000, 'x') + sha256_hex("y") + "\n");
    std::string bytes = *store().open(name).value()->read(1 << 20);
    const auto half = *put_blob(store(), bytes.substr(0, bytes.size() / 2));
    expect_fault(read({.lines = 1, .bytes = 5065, .pieces = {half}}), Fault::corrupt);
    expect_fault(get_compressed(store(), half, 1 << 20), Fault::corrupt);
    expect_fault(get_compressed(store(), name, 1000), Fault::corrupt);
}

TEST_F(Pieces, whose_upload_broke_off_are_stored_whole_the_next_time) {
    stores_.trouble().on("blob_store.append", 1, memory::Mishap::torn);
    expect_fault(put_compressed(store(), "some text"), Fault::unavailable);
    const auto name = put_compressed(store(), "some text");
    ASSERT_TRUE(name.ok()) << name.error().message;
    EXPECT_EQ(*get_compressed(store(), *name, 100), "some text");
}

}  // namespace
}  // namespace gyre::backup
