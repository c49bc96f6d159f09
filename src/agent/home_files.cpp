#include "agent/home_files.h"

#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include <ctime>
#include <string_view>

#include "agent/watch.h"

namespace gyre::agent {
namespace {

constexpr std::size_t tar_block = 512;
constexpr std::size_t longest_path = 100;  // a field of ustar

std::string_view mode_of(const HomeFile& file) {
    if (file.path.ends_with('/')) return "0000755";
    return file.is_private ? "0000600" : "0000644";
}

// A header of POSIX ustar: fields at fixed places, numbers in octal digits, a sum over all bytes with blanks for
// itself.
std::string header_of(const HomeFile& file) {
    const bool is_directory = file.path.ends_with('/');
    std::string header(tar_block, '\0');
    const auto put = [&](std::size_t at, std::string_view text) { header.replace(at, text.size(), text); };
    put(0, file.path);
    put(100, mode_of(file));
    put(108, "0000000");
    put(116, "0000000");
    put(124, fmt::format("{:011o}", file.content.size()));
    put(136, fmt::format("{:011o}", std::time(nullptr)));  // cleaners of /tmp look at it
    put(148, "        ");
    put(156, is_directory ? "5" : "0");
    put(257, std::string_view("ustar\0"
                              "00",
                              8));
    unsigned sum = 0;
    for (const unsigned char byte : header) sum += byte;
    put(148, fmt::format("{:06o}", sum));
    header[154] = '\0';
    return header;
}

// By hand: libarchive's writers would bring all of its formats and their libraries into the agent.
Result<Fd> tar_of(const std::vector<HomeFile>& files) {
    std::string tar;
    for (const auto& file : files) {
        if (file.path.size() > longest_path) return invalid("the path " + file.path + " is too long");
        tar += header_of(file) + file.content;
        tar.resize((tar.size() + tar_block - 1) / tar_block * tar_block);
    }
    tar.append(2 * tar_block, '\0');
    Fd memory(::memfd_create("tar", MFD_CLOEXEC));
    if (!memory) return errno_error("making room for files");
    for (std::string_view left = tar; !left.empty();) {
        const auto written = ::write(memory.get(), left.data(), left.size());
        if (written <= 0) return errno_error("making room for files");
        left.remove_prefix(static_cast<std::size_t>(written));
    }
    ::lseek(memory.get(), 0, SEEK_SET);
    return memory;
}

}  // namespace

Result<void> make_files(Job& job, const std::string& directory, const std::vector<HomeFile>& files) {
    GYRE_TRY_ASSIGN(Fd tar, tar_of(files));
    GYRE_TRY_ASSIGN(Tool tool, Tool::start(job, {"unpack", "--root", directory}, std::move(tar), {}));
    const auto made = succeed(tool, "making " + files.front().path + " in " + directory);
    if (!made && made.error().fault != Fault::denied) return unavailable(made.error().message);
    return made;
}

}  // namespace gyre::agent
