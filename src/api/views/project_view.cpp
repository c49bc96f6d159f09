#include "api/views/project_view.h"

#include "api/views/text.h"
#include "model/subject_ids.h"

namespace gyre::api {

json::object project_view(const Project& project) {
    const auto words = slug_words(project.slug);
    const std::string provider = words.vcs == "gh" ? "GitHub" : words.vcs == "bb" ? "Bitbucket" : "git";
    return {{"slug", project.slug},
            {"id", project.id.text},
            {"name", words.repository},
            {"organization_name", words.organization},
            {"organization_slug", words.vcs + "/" + words.organization},
            {"organization_id", organization_id(project.slug)},
            {"vcs_info",
             {{"vcs_url", public_remote(project.remote)},
              {"provider", provider},
              {"default_branch", project.default_branch}}},
            {"remote", public_remote(project.remote)},
            {"default_branch", project.default_branch},
            {"poll", project.poll},
            {"auto_cancel", project.auto_cancel},
            {"created_at", to_iso(project.created_at)}};
}

}  // namespace gyre::api
