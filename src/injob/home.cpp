#include "injob/home.h"

#include <unistd.h>

#include <climits>
#include <cstdlib>
#include <fstream>
#include <vector>

namespace gyre::injob {
namespace {

std::vector<std::string> fields_of(const std::string& line) {
    std::vector<std::string> fields{""};
    for (const char c : line) {
        if (c == ':') {
            fields.emplace_back();
        } else {
            fields.back().push_back(c);
        }
    }
    return fields;
}

}  // namespace

std::string here() {
    char path[PATH_MAX];
    return getcwd(path, sizeof path) == nullptr ? "/" : path;
}

User current_user(const std::string& passwd_file) {
    const std::string uid = std::to_string(geteuid());
    User user{uid, ""};
    std::ifstream file(passwd_file);
    std::string line;
    for (int lines = 0; lines < 100'000 && std::getline(file, line); ++lines) {
        const auto fields = fields_of(line);
        if (fields.size() >= 6 && fields[2] == uid) {
            user = {fields[0], fields[5]};
            break;
        }
    }
    const char* home = std::getenv("HOME");
    if (home != nullptr && home[0] == '/') user.home = home;
    if (user.home.empty() || user.home[0] != '/') user.home = "/";
    return user;
}

std::string resolve_path(std::string_view path, std::string_view base, std::string_view home) {
    std::string whole;
    if (path == "~" || path.starts_with("~/")) {
        whole = std::string(home) + "/" + std::string(path.substr(1));
    } else if (path.starts_with('/')) {
        whole = path;
    } else {
        whole = std::string(base) + "/" + std::string(path);
    }
    std::string clean;
    std::size_t at = 0;
    while (at < whole.size()) {
        const std::size_t end = std::min(whole.find('/', at), whole.size());
        const std::string_view part = std::string_view(whole).substr(at, end - at);
        if (!part.empty() && part != ".") clean.append("/").append(part);
        at = end + 1;
    }
    return clean.empty() ? "/" : clean;
}

}  // namespace gyre::injob
