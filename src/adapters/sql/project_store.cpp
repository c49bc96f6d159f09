#include "adapters/sql/project_store.h"

#include "adapters/sql/push_store.h"

namespace gyre::sql {
namespace {

constexpr std::string_view insert_project =
    "INSERT INTO projects (id, slug, remote, default_branch, poll, created_at, auto_cancel) VALUES (?, ?, ?, ?, ?, ?, "
    "?)";
constexpr std::string_view change_project =
    "UPDATE projects SET slug = COALESCE(?, slug), remote = COALESCE(?, remote),"
    " default_branch = COALESCE(?, default_branch), poll = COALESCE(?, poll), auto_cancel = COALESCE(?, auto_cancel)"
    " WHERE id = ? RETURNING id, slug, remote, default_branch, poll, created_at, auto_cancel";
constexpr std::string_view all_projects =
    "SELECT id, slug, remote, default_branch, poll, created_at, auto_cancel FROM projects ORDER BY slug";
constexpr std::string_view project_by_slug =
    "SELECT id, slug, remote, default_branch, poll, created_at, auto_cancel FROM projects WHERE slug = ?";
constexpr std::string_view project_by_id =
    "SELECT id, slug, remote, default_branch, poll, created_at, auto_cancel FROM projects WHERE id = ?";

template <typename... Args>
Result<std::vector<Project>> read_projects(Database& database, std::string_view sql, const Args&... args) {
    std::vector<Project> projects;
    const auto read = [&](const Row& row) {
        auto& project = projects.emplace_back();
        return row.into(project.id, project.slug, project.remote, project.default_branch, project.poll,
                        project.created_at, project.auto_cancel);
    };
    GYRE_TRY(database.each(sql, read, args...));
    return projects;
}

template <typename... Args>
Result<std::vector<Project>> select(Connections& connections, std::string_view sql, const Args&... args) {
    return connections.read([&](Database& database) { return read_projects(database, sql, args...); });
}

Result<Project> only(Result<std::vector<Project>> found, const std::string& name) {
    if (!found) return found.error();
    if (found->empty()) return not_found("there is no project " + name);
    return std::move(found->front());
}

// A unique index refused it: in the words of the caller.
Error named(const Error& error, const std::string& slug) {
    return error.fault == Fault::conflict ? conflict("the project " + slug + " exists already") : error;
}

Result<void> insert(Database& database, const Project& project) {
    const auto inserted = database.run(insert_project, project.id, project.slug, project.remote, project.default_branch,
                                       project.poll, project.created_at, project.auto_cancel);
    return inserted ? Result<void>() : named(inserted.error(), project.slug);
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

Result<Project> SqlProjectStore::change(const ProjectId& id, const ProjectChange& change) {
    return connections_.write([&](Database& database) -> Result<Project> {
        auto changed = read_projects(database, change_project, change.slug, change.remote, change.default_branch,
                                     change.poll, change.auto_cancel, id);
        if (!changed) return named(changed.error(), change.slug.value_or(""));
        return only(std::move(changed), id.text);
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
