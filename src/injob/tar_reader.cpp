#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>

#include "injob/tar.h"

namespace gyre::injob {
namespace {

constexpr std::size_t block_size = 512;
constexpr std::size_t buffer_size = 256 << 10;
constexpr std::int64_t longest_extension = 1 << 20;
constexpr int most_extensions = 16;  // before one entry
constexpr std::int64_t largest_size = std::int64_t{1} << 50;

std::string_view text_of(std::string_view field) { return field.substr(0, std::min(field.find('\0'), field.size())); }

// Octal text, or base 256 where the first bit is set. Below zero when it is neither.
std::int64_t number_of(std::string_view field) {
    if (!field.empty() && (static_cast<unsigned char>(field[0]) & 0x80) != 0) {
        std::int64_t value = static_cast<unsigned char>(field[0]) & 0x7f;
        for (const char byte : field.substr(1)) {
            if (value > largest_size) return -1;
            value = value * 256 + static_cast<unsigned char>(byte);
        }
        return value;
    }
    std::int64_t value = 0;
    std::size_t at = 0;
    while (at < field.size() && field[at] == ' ') ++at;
    for (; at < field.size() && field[at] != '\0' && field[at] != ' '; ++at) {
        if (field[at] < '0' || field[at] > '7' || value > largest_size) return -1;
        value = value * 8 + (field[at] - '0');
    }
    return value;
}

std::optional<std::int64_t> decimal(std::string_view text) {
    std::int64_t value = 0;
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (failed != std::errc{} || (end != text.data() + text.size() && *end != '.')) return std::nullopt;
    return value;
}

bool checksum_holds(std::string_view block) {
    std::int64_t sum = 0;
    for (std::size_t i = 0; i < block.size(); ++i)
        sum += i >= 148 && i < 156 ? ' ' : static_cast<unsigned char>(block[i]);
    return number_of(block.substr(148, 8)) == sum;
}

EntryKind kind_of(char type, const std::string& name) {
    switch (type) {
        case '\0':
        case '0':
        case '7':
            return name.ends_with('/') ? EntryKind::directory : EntryKind::file;
        case '1':
            return EntryKind::hardlink;
        case '2':
            return EntryKind::symlink;
        case '5':
            return EntryKind::directory;
        default:
            return EntryKind::refused;
    }
}

std::string refusal_of(char type) {
    switch (type) {
        case '3':
        case '4':
            return "a device";
        case '6':
            return "a named pipe";
        case 'S':
            return "a sparse file";
        default:
            return std::string("an entry of the unknown type '") + type + "'";
    }
}

const Error cut_off = corrupt("the archive is cut off");

}  // namespace

Result<std::size_t> TarReader::fill() {
    if (buffer_.empty()) buffer_.resize(buffer_size);
    if (at_ == end_) at_ = end_ = 0;
    if (end_ == buffer_.size()) {
        std::memmove(buffer_.data(), buffer_.data() + at_, end_ - at_);
        end_ -= at_;
        at_ = 0;
    }
    while (true) {
        const auto got = ::read(fd_, buffer_.data() + end_, buffer_.size() - end_);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return errno_error("reading the archive");
        end_ += static_cast<std::size_t>(got);
        return static_cast<std::size_t>(got);
    }
}

Result<std::string_view> TarReader::block() {
    while (end_ - at_ < block_size) {
        GYRE_TRY_ASSIGN(const std::size_t got, fill());
        if (got > 0) continue;
        if (end_ == at_) return std::string_view{};
        return cut_off;
    }
    const std::string_view view(buffer_.data() + at_, block_size);
    at_ += block_size;
    return view;
}

Result<std::span<const char>> TarReader::data() {
    if (left_ == 0) return std::span<const char>{};
    if (at_ == end_) {
        GYRE_TRY_ASSIGN(const std::size_t got, fill());
        if (got == 0) return cut_off;
    }
    const auto here = static_cast<std::size_t>(std::min<std::int64_t>(left_, static_cast<std::int64_t>(end_ - at_)));
    const std::span<const char> view(buffer_.data() + at_, here);
    at_ += here;
    left_ -= static_cast<std::int64_t>(here);
    return view;
}

Result<void> TarReader::skip_rest() {
    left_ += std::exchange(padding_, 0);
    while (left_ > 0) {
        GYRE_TRY(data());
    }
    return {};
}

Result<std::string> TarReader::body(std::int64_t size) {
    if (size > longest_extension)
        return too_large("an extended header of the archive has " + std::to_string(size) +
                         " bytes; the limit is 1 MiB");
    left_ = size;
    padding_ = (512 - size % 512) % 512;
    std::string text;
    while (left_ > 0) {
        GYRE_TRY_ASSIGN(const auto bytes, data());
        text.append(bytes.data(), bytes.size());
    }
    GYRE_TRY(skip_rest());
    return text;
}

// True when the header was an extension of the entry that follows.
Result<bool> TarReader::read_extension(char type, std::int64_t size, Extensions& extensions) {
    if (type != 'x' && type != 'g' && type != 'L' && type != 'K') return false;
    GYRE_TRY_ASSIGN(const std::string text, body(size));
    if (type == 'L') extensions.name = text_of(text);
    if (type == 'K') extensions.link = text_of(text);
    std::string_view rest = text;
    while (type == 'x' && !rest.empty()) {
        const auto space = rest.find(' ');
        const auto length = space == std::string_view::npos ? std::nullopt : decimal(rest.substr(0, space));
        const bool fits = length && *length > static_cast<std::int64_t>(space) + 1 &&
                          *length <= static_cast<std::int64_t>(rest.size());
        if (!fits || rest[static_cast<std::size_t>(*length) - 1] != '\n')
            return corrupt("the archive has a damaged extended header");
        const auto record = rest.substr(space + 1, static_cast<std::size_t>(*length) - space - 2);
        rest.remove_prefix(static_cast<std::size_t>(*length));
        const auto equals = record.find('=');
        const auto key = record.substr(0, equals);
        const auto value = equals == std::string_view::npos ? std::string_view{} : record.substr(equals + 1);
        if (key == "path") extensions.name = value;
        if (key == "linkpath") extensions.link = value;
        if (key == "mtime") extensions.mtime = decimal(value);
        if (key.starts_with("GNU.sparse.")) extensions.sparse = true;
        if (key == "size") {
            extensions.size = decimal(value);
            if (!extensions.size || *extensions.size < 0 || *extensions.size > largest_size) {
                return corrupt("the archive has an entry of the impossible size '" + std::string(value.substr(0, 40)) +
                               "'");
            }
        }
    }
    return true;
}

Result<std::optional<TarEntry>> TarReader::next() {
    GYRE_TRY(skip_rest());
    Extensions extensions;
    for (int headers = 0; headers < most_extensions; ++headers) {
        GYRE_TRY_ASSIGN(const std::string_view view, block());
        if (view.empty() || view.find_first_not_of('\0') == std::string_view::npos) {
            was_whole_ = !view.empty();
            return std::optional<TarEntry>{};
        }
        if (!checksum_holds(view))
            return corrupt("the archive is damaged, or no tar archive: a header's checksum is wrong");
        const std::string header(view);  // the buffer moves on
        const char type = header[156];
        const std::int64_t size = number_of(std::string_view(header).substr(124, 12));
        if (size < 0) return corrupt("the archive has an entry of impossible size");
        GYRE_TRY_ASSIGN(const bool extended, read_extension(type, size, extensions));
        if (extended) continue;
        const std::string_view fields = header;
        const std::string_view prefix =
            fields.substr(257, 5) == "ustar" && fields[262] == '\0' ? text_of(fields.substr(345, 155)) : "";
        TarEntry entry;
        entry.name = extensions.name.value_or((prefix.empty() ? "" : std::string(prefix) + "/") +
                                              std::string(text_of(fields.substr(0, 100))));
        entry.link = extensions.link.value_or(std::string(text_of(fields.substr(157, 100))));
        entry.mode = static_cast<int>(std::max<std::int64_t>(number_of(fields.substr(100, 8)), 0) & 07777);
        entry.mtime = extensions.mtime.value_or(number_of(fields.substr(136, 12)));
        entry.kind = extensions.sparse ? EntryKind::refused : kind_of(type, entry.name);
        if (entry.kind == EntryKind::refused) entry.refusal = extensions.sparse ? "a sparse file" : refusal_of(type);
        if (entry.kind == EntryKind::file) entry.size = extensions.size.value_or(size);
        left_ = entry.size;
        padding_ = (512 - entry.size % 512) % 512;
        return std::optional<TarEntry>(std::move(entry));
    }
    return corrupt("the archive has too many extended headers in front of one entry");
}

}  // namespace gyre::injob
