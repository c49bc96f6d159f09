#include "agent/executors/oci_user.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <functional>
#include <optional>

#include "base/fd.h"

namespace gyre::agent {
namespace {

constexpr std::size_t largest_file = 1 << 20;
constexpr std::size_t most_groups = 256;  // further ones; no image has so many

using Fields = std::vector<std::string_view>;

Fields split(std::string_view line, char separator) {
    Fields fields;
    while (true) {
        const auto end = line.find(separator);
        fields.push_back(line.substr(0, end));
        if (end == std::string_view::npos) return fields;
        line.remove_prefix(end + 1);
    }
}

std::optional<unsigned> number_of(std::string_view text) {
    unsigned value = 0;
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || failed != std::errc{} || end != text.data() + text.size() || value > 0x7fffffffU) return {};
    return value;
}

// The lines with at least so many fields.
void each_entry(std::string_view text, std::size_t least, const std::function<void(const Fields&)>& take) {
    for (const auto line : split(text, '\n')) {
        const auto fields = split(line, ':');
        if (fields.size() >= least) take(fields);
    }
}

struct Account {
    std::string_view name;
    OciUser user;
};

std::optional<Account> find_account(std::string_view wanted, std::string_view passwd) {
    std::optional<Account> found;
    const auto number = number_of(wanted);
    each_entry(passwd, 6, [&](const Fields& fields) {
        const auto uid = number_of(fields[2]);
        const auto gid = number_of(fields[3]);
        if (found || !uid || !gid || (fields[0] != wanted && uid != number)) return;
        found = Account{fields[0], {*uid, *gid, {}, std::string(fields[5])}};
    });
    return found;
}

std::optional<gid_t> find_group(std::string_view wanted, std::string_view group) {
    std::optional<gid_t> found;
    each_entry(group, 3, [&](const Fields& fields) {
        if (!found && fields[0] == wanted) found = number_of(fields[2]);
    });
    return found ? found : number_of(wanted);
}

std::vector<gid_t> groups_of(std::string_view name, std::string_view group, gid_t own) {
    std::vector<gid_t> groups;
    each_entry(group, 4, [&](const Fields& fields) {
        const auto members = split(fields[3], ',');
        const auto gid = number_of(fields[2]);
        if (gid && *gid != own && groups.size() < most_groups && std::ranges::count(members, name) > 0)
            groups.push_back(*gid);
    });
    return groups;
}

}  // namespace

Result<OciUser> find_user(std::string_view wanted, std::string_view passwd, std::string_view group) {
    const std::string_view name = wanted.empty() ? "0" : wanted.substr(0, wanted.find(':'));
    const auto account = find_account(name.empty() ? "0" : name, passwd);
    const auto number = number_of(name.empty() ? "0" : name);
    if (!account && !number)
        return invalid("unable to find user " + std::string(name.substr(0, 80)) +
                       ": no matching entries in passwd of the image");
    OciUser user = account ? account->user : OciUser{*number, 0, {}, "/"};
    if (!user.home.starts_with('/')) user.home = "/";
    if (const auto colon = wanted.find(':'); colon != std::string_view::npos) {
        const auto gid = find_group(wanted.substr(colon + 1), group);
        if (!gid)
            return invalid("unable to find group " + std::string(wanted.substr(colon + 1, 80)) +
                           ": no matching entries in group of the image");
        user.gid = *gid;
        return user;
    }
    if (account) user.groups = groups_of(account->name, group, user.gid);
    return user;
}

std::string read_in_image(const std::string& root, const char* path) {
    const Fd top(open(root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    open_how how{};
    how.flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK;
    how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
    const Fd file(static_cast<int>(syscall(SYS_openat2, top.get(), path, &how, sizeof how)));
    struct stat facts {};
    if (!file || fstat(file.get(), &facts) != 0 || !S_ISREG(facts.st_mode)) return {};
    std::string text(std::min<std::size_t>(static_cast<std::size_t>(facts.st_size), largest_file), '\0');
    const auto got = pread(file.get(), text.data(), text.size(), 0);
    text.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    return text;
}

}  // namespace gyre::agent
