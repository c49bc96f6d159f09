#include "adapters/sql/project_store.h"

#include "adapters/sql/push_store.h"

namespace gyre::sql {
namespace {

constexpr std::string_view insert_project =
    "INSERT INTO projects (id, slug, remote, default_branch, poll, created_at, auto_cancel) VALUES (?, ?, ?, ?, ?, ?, "
    "?)";
constexpr std::string_view update_project =
    "UPDATE projects SET slug = ?, remote = ?, default_branch = ?, poll = ?, created_at = ?, auto_cancel = ? WHERE id "
    "= ?";
constexpr std::string_view all_projects =
    "SELECT id, slug, remote, default_branch, poll, created_at, auto_cancel FROM projects ORDER BY slug";
constexpr std::string_view project_by_slug =
    "SELECT id, slug, remote, default_branch, poll, created_at, auto_cancel FROM projects WHERE slug = ?";
constexpr std::string_view project_by_id =
    "SELECT id, slug, remote, default_branch, poll, created_at, auto_cancel FROM projects WHERE id = ?";

template <typename... Args>
Result<std::vector<Project>> select(Connections& connections, std::string_view sql, const Args&... args) {
    return connections.read([&](Database& database) -> Result<std::vector<Project>> {
        std::vector<Project> projects;
        const auto read = [&](const Row& row) {
            auto& project = projects.emplace_back();
            return row.into(project.id, project.slug, project.remote, project.default_branch, project.poll,
                            project.created_at, project.auto_cancel);
        };
        GYRE_TRY(database.each(sql, read, args...));
        return projects;
    });
}

Result<Project> only(Result<std::vector<Project>> found, const std::string& name) {
    if (!found) return found.error();
    if (found->empty()) return not_found("there is no project " + name);
    return std::move(found->front());
}

// A unique index refused it: in the words of the caller.
Result<void> named(const Result<std::int64_t>& done, const Project& project) {
    if (done) return {};
    if (done.error().fault != Fault::conflict) return done.error();
    return conflict("the project " + project.slug + " exists already");
}

Result<void> insert(Database& database, const Project& project) {
    return named(database.run(insert_project, project.id, project.slug, project.remote, project.default_branch,
                              project.poll, project.created_at, project.auto_cancel),
                 project);
}

}  // namespace

Result<void> SqlProjectStore::add(const Project& project) {
    return connections_.write([&](Database& database) { return insert(database, project); });
}

Result<void> SqlProjectStore::add_with_refs(const Project& project, const std::map<std::string, std::string>& refs) {
    return connections_.write([&](Database& database) -> Result<void> {
        GYRE_TRY(insert(database, project));
        return put_refs(database, project.id, refs);
    });
}

Result<void> SqlProjectStore::update(const Project& project) {
    return connections_.write([&](Database& database) -> Result<void> {
        const auto updated = database.run(update_project, project.slug, project.remote, project.default_branch,
                                          project.poll, project.created_at, project.auto_cancel, project.id);
        GYRE_TRY(named(updated, project));
        if (*updated == 0) return not_found("there is no project " + project.id.text);
        return {};
    });
}

Result<Project> SqlProjectStore::by_slug(const std::string& slug) {
    return only(select(connections_, project_by_slug, slug), slug);
}

Result<Project> SqlProjectStore::by_id(const ProjectId& id) {
    return only(select(connections_, project_by_id, id), id.text);
}

Result<std::vector<Project>> SqlProjectStore::all() { return select(connections_, all_projects); }

}  // namespace gyre::sql
