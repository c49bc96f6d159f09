#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "injob/tar.h"

namespace gyre::injob {
namespace {

constexpr std::size_t block_size = 512;
constexpr std::size_t buffer_size = 256 << 10;
constexpr std::int64_t largest_octal = 0'77777777777;
constexpr std::array<char, 2 * block_size> zeros{};  // what ends an archive

// A pax record counts its own length: "30 path=...\n".
std::string pax_record(std::string_view key, std::string_view value) {
    const std::size_t rest = key.size() + value.size() + 3;
    std::size_t length = rest + 1;
    while (std::to_string(length).size() + rest != length) length = std::to_string(length).size() + rest;
    return std::to_string(length) + " " + std::string(key) + "=" + std::string(value) + "\n";
}

// All of the field but its last byte.
void put_octal(std::span<char> field, std::int64_t value) {
    for (std::size_t i = field.size() - 1; i-- > 0; value >>= 3) field[i] = static_cast<char>('0' + (value & 7));
}

void put_text(std::span<char> field, std::string_view text) {
    std::memcpy(field.data(), text.data(), std::min(field.size(), text.size()));
}

char type_of(EntryKind kind) {
    switch (kind) {
        case EntryKind::directory:
            return '5';
        case EntryKind::symlink:
            return '2';
        case EntryKind::hardlink:
            return '1';
        case EntryKind::file:
        case EntryKind::refused:
            break;
    }
    return '0';
}

struct SplitName {
    std::string name;
    std::string prefix;
};

// ustar has 155 bytes before a slash and 100 after it.
std::optional<SplitName> split_name(const std::string& name) {
    if (name.size() <= 100) return SplitName{name, ""};
    for (auto slash = name.find('/', name.size() - 101); slash != std::string::npos;
         slash = name.find('/', slash + 1)) {
        if (slash > 0 && slash <= 155 && slash + 1 < name.size())
            return SplitName{name.substr(slash + 1), name.substr(0, slash)};
    }
    return std::nullopt;
}

}  // namespace

TarWriter::TarWriter(int fd) : fd_(fd), buffer_(buffer_size) {}

Result<void> TarWriter::begin(const TarEntry& entry) {
    const auto split = split_name(entry.name);
    std::string records;
    if (!split) records += pax_record("path", entry.name);
    if (entry.link.size() > 100) records += pax_record("linkpath", entry.link);
    if (entry.size > largest_octal) records += pax_record("size", std::to_string(entry.size));
    if (!records.empty()) {
        records.insert(0, pax_record("hdrcharset", "BINARY"));
        TarEntry extension;
        extension.mode = 0644;
        extension.size = static_cast<std::int64_t>(records.size());
        GYRE_TRY(put_header(extension, 'x', "PaxHeader", ""));
        GYRE_TRY(put(records));
        GYRE_TRY(pad());
    }
    const SplitName fitting = split ? *split : SplitName{entry.name.substr(0, 100), ""};
    return put_header(entry, type_of(entry.kind), fitting.name, fitting.prefix);
}

Result<void> TarWriter::put_header(const TarEntry& entry, char type, const std::string& name,
                                   const std::string& prefix) {
    GYRE_TRY(pad());
    std::array<char, block_size> block{};
    const std::span<char> all(block);
    put_text(all.subspan(0, 100), name);
    put_octal(all.subspan(100, 8), entry.mode & 07777);
    put_octal(all.subspan(108, 8), 0);
    put_octal(all.subspan(116, 8), 0);
    put_octal(all.subspan(124, 12), entry.size > largest_octal ? 0 : entry.size);
    put_octal(all.subspan(136, 12), std::min(std::max<std::int64_t>(entry.mtime, 0), largest_octal));
    std::memset(block.data() + 148, ' ', 8);
    block[156] = type;
    put_text(all.subspan(157, 100), entry.link);
    std::memcpy(block.data() + 257, "ustar\00000", 8);
    put_text(all.subspan(345, 155), prefix);
    unsigned sum = 0;
    for (const char byte : block) sum += static_cast<unsigned char>(byte);
    put_octal(all.subspan(148, 7), sum);
    return put({block.data(), block.size()});
}

Result<void> TarWriter::write(std::span<const char> data) { return put({data.data(), data.size()}); }

Result<void> TarWriter::pad() {
    const std::size_t over = written_ % block_size;
    return over == 0 ? Result<void>{} : put({zeros.data(), block_size - over});
}

Result<void> TarWriter::finish() {
    GYRE_TRY(pad());
    GYRE_TRY(put({zeros.data(), zeros.size()}));
    return flush();
}

Result<std::size_t> TarWriter::write_from(int file, std::int64_t most) {
    GYRE_TRY(make_room());
    const auto wanted = static_cast<std::size_t>(std::min(most, static_cast<std::int64_t>(buffer_size - held_)));
    while (true) {
        const auto got = ::read(file, buffer_.data() + held_, wanted);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return 0;
        held_ += static_cast<std::size_t>(got);
        written_ += static_cast<std::uint64_t>(got);
        return static_cast<std::size_t>(got);
    }
}

Result<void> TarWriter::put(std::string_view bytes) {
    written_ += bytes.size();
    while (!bytes.empty()) {
        GYRE_TRY(make_room());
        const std::size_t some = std::min(bytes.size(), buffer_size - held_);
        std::memcpy(buffer_.data() + held_, bytes.data(), some);
        held_ += some;
        bytes.remove_prefix(some);
    }
    return {};
}

Result<void> TarWriter::make_room() { return held_ < buffer_size ? Result<void>{} : flush(); }

Result<void> TarWriter::flush() {
    std::size_t done = 0;
    while (done < held_) {
        const auto wrote = ::write(fd_, buffer_.data() + done, held_ - done);
        if (wrote < 0 && errno == EINTR) continue;
        if (wrote < 0) return errno_error("writing the archive");
        done += static_cast<std::size_t>(wrote);
    }
    held_ = 0;
    return {};
}

}  // namespace gyre::injob
