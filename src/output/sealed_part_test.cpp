#include "output/sealed_part.h"

#include <gtest/gtest.h>
#include <zstd.h>

#include <algorithm>
#include <random>

#include "adapters/memory/stores.h"
#include "base/digest.h"
#include "output/sealed_reader.h"

namespace gyre::output {
namespace {

std::string part_of(const std::string& bytes, std::size_t piece = 100'000) {
    PartWriter writer;
    std::string part;
    for (std::size_t at = 0; at < bytes.size(); at += piece)
        EXPECT_TRUE(writer.add(std::string_view(bytes).substr(at, piece), part).ok());
    EXPECT_TRUE(writer.finish(part).ok());
    return part;
}

// Bytes of every kind, some thousand lines.
std::string noise(std::size_t size) {
    std::mt19937 random(7);
    std::string bytes(size, '\0');
    for (auto& byte : bytes) byte = static_cast<char>(random() % 7 == 0 ? random() : random() % 4 + '\t');
    return bytes;
}

std::string lines_of(std::size_t count) {
    std::string text;
    for (std::size_t line = 1; line <= count; ++line) text += "this is line " + std::to_string(line) + "\n";
    return text;
}

std::string index_of(const std::string& part) {
    const auto size = *PartIndex::size_from(part);
    return part.substr(part.size() - static_cast<std::size_t>(size));
}

// As `zstd -d` reads a file.
std::string decompressed_as_a_stream(const std::string& part) {
    const std::unique_ptr<ZSTD_DCtx, std::size_t (*)(ZSTD_DCtx*)> context(ZSTD_createDCtx(), ZSTD_freeDCtx);
    ZSTD_inBuffer in{part.data(), part.size(), 0};
    std::string all;
    std::string room(1 << 17, '\0');
    while (in.pos < in.size) {
        ZSTD_outBuffer out{room.data(), room.size(), 0};
        if (ZSTD_isError(ZSTD_decompressStream(context.get(), &out, &in))) return "not zstd";
        all.append(room, 0, out.pos);
    }
    return all;
}

TEST(SealedPart, IsAFileThatAnyZstdReads) {
    for (const std::size_t size : {std::size_t{1}, frame_bytes - 1, frame_bytes, frame_bytes + 1, 3 * frame_bytes + 7})
        EXPECT_EQ(decompressed_as_a_stream(part_of(noise(size))), noise(size)) << size;
}

TEST(SealedPart, IsTheSameHoweverTheBytesCame) {
    const auto bytes = noise(700'000);
    EXPECT_EQ(part_of(bytes, 1'000'000), part_of(bytes, 4093));
}

TEST(SealedPart, KnowsItsFramesAndLines) {
    const auto text = lines_of(50'000);
    const auto part = part_of(text);
    const auto index = PartIndex::parse(index_of(part), std::ssize(part)).value();
    EXPECT_EQ(index.bytes(), std::ssize(text));
    EXPECT_EQ(index.ends(), 50'000);
    EXPECT_EQ(index.frames(), (text.size() + frame_bytes - 1) / frame_bytes);
    for (const std::int64_t ends : {0, 1, 11'000, 49'999, 50'000, 1'000'000}) {
        const auto mark = index.mark(ends);
        EXPECT_LE(mark.ends, ends);
        EXPECT_EQ(std::count(text.begin(), text.begin() + mark.offset, '\n'), mark.ends);
        const auto next = index.frame_of(mark.offset) + 1;
        EXPECT_TRUE(next == index.frames() || index.frame(next).ends > ends) << "a later frame would have done";
    }
    EXPECT_EQ(index.mark(-1).offset, 0);
}

TEST(SealedPart, FindsALineThatIsLongerThanFrames) {
    const auto text = "short\n" + std::string(3 * frame_bytes, 'x') + "\nlast\n";
    const auto part = part_of(text);
    const auto index = PartIndex::parse(index_of(part), std::ssize(part)).value();
    EXPECT_EQ(index.mark(0).offset, 0);
    EXPECT_EQ(index.frame_of(index.mark(1).offset), 3U) << "the last frame before which one line ends";
}

TEST(SealedPart, RefusesAnIndexOfWhichAnyByteIsWrong) {
    const auto part = part_of(lines_of(30'000));
    const auto index = index_of(part);
    EXPECT_TRUE(PartIndex::parse(index, std::ssize(part)).ok());
    for (std::size_t at = 0; at < index.size(); ++at) {
        auto wrong = index;
        wrong[at] = static_cast<char>(wrong[at] ^ 0x10);
        const auto parsed = PartIndex::parse(wrong, std::ssize(part));
        ASSERT_FALSE(parsed.ok()) << at;
        EXPECT_EQ(parsed.error().fault, Fault::corrupt);
    }
    for (std::size_t length = 0; length < index.size(); ++length) {
        EXPECT_FALSE(PartIndex::parse(index.substr(0, length), std::ssize(part)).ok()) << length;
        EXPECT_FALSE(PartIndex::parse(index.substr(index.size() - length), std::ssize(part)).ok()) << length;
    }
    EXPECT_FALSE(PartIndex::parse(index, std::ssize(part) + 1).ok());
    EXPECT_FALSE(PartIndex::parse(index, std::ssize(index) - 1).ok());
}

std::string number(std::uint32_t value) {
    std::string text;
    for (int shift = 0; shift < 32; shift += 8) text += static_cast<char>(value >> shift & 0xff);
    return text;
}

// An index of these frames, which says that there are `count`; its own hash is right.
std::string made_index(const std::vector<FrameFacts>& frames, std::uint32_t count) {
    std::string lines;
    std::string sizes;
    for (const auto& frame : frames) {
        lines += number(frame.ends);
        sizes += number(frame.stored) + number(frame.bytes);
    }
    Sha256 hash;
    hash.update(lines + sizes);
    return number(0x184D2A50) + number(static_cast<std::uint32_t>(lines.size()) + 32) + lines + hash.finish() +
           number(0x184D2A5E) + number(static_cast<std::uint32_t>(sizes.size()) + 9) + sizes + number(count) +
           std::string(1, '\0') + number(0x8F92EAB1);
}

TEST(SealedPart, RefusesNumbersThatCannotBe) {
    const auto parses = [&](const std::vector<FrameFacts>& frames, std::uint32_t count) {
        const auto text = made_index(frames, count);
        std::int64_t part = std::ssize(text);
        for (const auto& frame : frames) part += frame.stored;
        return PartIndex::parse(text, part).ok();
    };
    EXPECT_TRUE(parses({{100, frame_bytes, 5}, {10, 7, 7}}, 2));
    EXPECT_FALSE(parses({}, 0)) << "no frames";
    EXPECT_FALSE(parses({{100, frame_bytes, 5}}, 2)) << "fewer than it says";
    EXPECT_FALSE(parses({{100, frame_bytes, 5}}, 0xffffffff)) << "absurdly many";
    EXPECT_FALSE(parses({{100, 8, 5}, {10, 7, 7}}, 2)) << "a short frame that is not the last";
    EXPECT_FALSE(parses({{100, frame_bytes + 1, 5}}, 1)) << "too large a frame";
    EXPECT_FALSE(parses({{100, 0, 0}}, 1)) << "an empty frame";
    EXPECT_FALSE(parses({{0, 7, 0}}, 1)) << "a frame of nothing";
    EXPECT_FALSE(parses({{0x7fffffff, 7, 0}}, 1)) << "a frame that compression made larger than it can";
    EXPECT_FALSE(parses({{10, 7, 8}}, 1)) << "more lines than bytes";
}

class SealedReading : public testing::Test {
protected:
    SealedOutput store(const std::string& before, const std::string& part, std::int64_t bytes) {
        const auto blob = before + part;
        const auto name = sha256_hex(blob);
        EXPECT_TRUE(stores_.blob_store().append(name, 0, std::ssize(blob), blob).ok());
        return {name, std::ssize(before), std::ssize(part), bytes};
    }
    memory::MemoryStores stores_;
};

TEST_F(SealedReading, GivesAnyBytesFromAnyPlace) {
    const auto bytes = noise(3 * frame_bytes + 1000);
    const auto reader =
        SealedReader::open(stores_.blob_store(), store("other outputs", part_of(bytes), std::ssize(bytes))).value();
    for (const std::size_t offset : {std::size_t{0}, std::size_t{5}, frame_bytes - 1, frame_bytes, 2 * frame_bytes + 3,
                                     std::size_t{7}, 3 * frame_bytes + 999}) {
        const auto piece = *reader->read(static_cast<std::int64_t>(offset), 2000);
        EXPECT_FALSE(piece.empty()) << offset;
        EXPECT_EQ(piece, bytes.substr(offset, piece.size()));
    }
    EXPECT_EQ(*reader->read(std::ssize(bytes), 10), "");
    EXPECT_EQ(*reader->read(INT64_MAX, 10), "");
    std::string all;
    for (std::string piece; !(piece = *reader->read(std::ssize(all), 1 << 20)).empty();) all += piece;
    EXPECT_EQ(all, bytes);
}

TEST_F(SealedReading, ReadsOnWithoutAskingForEachFrame) {
    const auto bytes = noise(8 * frame_bytes);
    const auto reader = SealedReader::open(stores_.blob_store(), store("", part_of(bytes), std::ssize(bytes))).value();
    const int before = stores_.trouble().calls("blob_store.open");
    for (std::size_t at = 0; at < bytes.size(); at += frame_bytes)
        EXPECT_EQ(*reader->read(static_cast<std::int64_t>(at), frame_bytes), bytes.substr(at, frame_bytes));
    EXPECT_EQ(stores_.trouble().calls("blob_store.open") - before, 1);
}

TEST_F(SealedReading, NeedsAnIndexThatIsLargerThanWhatIsReadFirst) {
    const auto one = part_of(std::string(frame_bytes, 'x'));
    const auto frame = one.substr(0, one.size() - index_of(one).size());
    std::string part;
    for (int i = 0; i < 6000; ++i) part += frame;
    part += made_index(std::vector(6000, FrameFacts{static_cast<std::uint32_t>(frame.size()), frame_bytes, 0}), 6000);
    const auto bytes = 6000 * static_cast<std::int64_t>(frame_bytes);
    const auto reader = SealedReader::open(stores_.blob_store(), store("", part, bytes)).value();
    EXPECT_EQ(*reader->read(bytes - 3, 10), "xxx");
}

TEST_F(SealedReading, TellsOfDamage) {
    const auto bytes = lines_of(40'000);
    const auto part = part_of(bytes);
    const auto whole = store("", part, std::ssize(bytes));
    const auto fault_of = [&](SealedOutput output) {
        const auto reader = SealedReader::open(stores_.blob_store(), std::move(output));
        return reader ? (*reader)->read(0, 10).error().fault : reader.error().fault;
    };
    auto shorter = whole;
    shorter.size -= 1;
    EXPECT_EQ(fault_of(shorter), Fault::corrupt);
    auto other_length = whole;
    other_length.bytes -= 1;
    EXPECT_EQ(fault_of(other_length), Fault::corrupt);
    auto damaged = part;
    damaged[damaged.size() / 3] ^= 1;
    const auto reader = SealedReader::open(stores_.blob_store(), store("", damaged, std::ssize(bytes))).value();
    Fault fault = Fault::invalid;
    for (std::int64_t at = 0; at < std::ssize(bytes); at += frame_bytes) {
        const auto piece = reader->read(at, frame_bytes);
        if (!piece) fault = piece.error().fault;
    }
    EXPECT_EQ(fault, Fault::corrupt) << "a frame has a checksum of its own";
    EXPECT_EQ(fault_of({std::string(64, 'a'), 0, 100, 10}), Fault::not_found);
}

}  // namespace
}  // namespace gyre::output
