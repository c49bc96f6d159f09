#include "api/organization.h"

#include "api/views/text.h"
#include "model/queue_rules.h"
#include "model/subject_ids.h"

namespace gyre::api {

Result<std::string> organization_named(Desk& desk, const std::string& slug, const std::string& id) {
    if (slug.empty() == id.empty()) return invalid("name the organization by its slug or by its id");
    GYRE_TRY_ASSIGN(const auto projects, desk.ports.projects.all());
    for (const auto& project : projects) {
        const auto words = slug_words(project.slug);
        const std::string shown = words.vcs + "/" + words.organization;
        const std::string organization = organization_of_slug(project.slug);
        if (id == user_id(shown) || slug == organization || slug == shown ||
            slug == long_vcs(words.vcs) + "/" + words.organization)
            return organization;
    }
    return not_found("there is no project of this organization; `gyre project list` shows all projects");
}

Result<std::string> organization_asked_for(Desk& desk, const Request& request) {
    return organization_named(desk, request.query_value("owner-slug").value_or(""),
                              request.query_value("owner-id").value_or(""));
}

Result<std::string> organization_member(Desk& desk, const json::object& body) {
    const auto* owner = body.if_contains("owner");
    if (!owner || !owner->is_object()) return invalid("'owner' must be an object with a 'slug' or an 'id'");
    GYRE_TRY(check_members(owner->get_object(), {"slug", "id", "type"}));
    GYRE_TRY_ASSIGN(const auto slug, text_member(owner->get_object(), "slug"));
    GYRE_TRY_ASSIGN(const auto id, text_member(owner->get_object(), "id"));
    return organization_named(desk, slug, id);
}

}  // namespace gyre::api
