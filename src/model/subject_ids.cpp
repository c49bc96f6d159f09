#include "model/subject_ids.h"

#include "base/derived_uuid.h"

namespace gyre {

std::string user_id(const std::string& login) { return derived_uuid("user\n" + login); }

// An organization is shown as an account "<vcs>/<organization>"; that of plain remotes is "git/git".
std::string organization_id(std::string_view slug) {
    const auto first = slug.find('/');
    const auto last = slug.rfind('/');
    if (first == std::string_view::npos) return user_id("git/git");
    const std::string vcs(slug.substr(0, first));
    return user_id(vcs + "/" + (first == last ? vcs : std::string(slug.substr(first + 1, last - first - 1))));
}

}  // namespace gyre
