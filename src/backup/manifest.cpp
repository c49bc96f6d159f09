#include "backup/manifest.h"

#include <algorithm>

#include "base/ascii.h"
#include "base/digest.h"
#include "base/json.h"

namespace gyre::backup {
namespace {

constexpr std::size_t most_bytes = 64 << 20;
constexpr std::size_t most_tables = 1000;
constexpr std::size_t most_columns = 1000;

// Names end up in statements.
bool is_name(const std::string& name) {
    const auto fine = [](char c) { return (c >= 'a' && c <= 'z') || is_digit(c) || c == '_'; };
    return !name.empty() && name.size() <= 63 && !is_digit(name[0]) && std::all_of(name.begin(), name.end(), fine);
}

// It is shown to people, and compared.
bool is_id(const std::string& text) {
    const auto fine = [](char c) { return is_digit(c) || (c >= 'a' && c <= 'z') || c == '-'; };
    return text.size() <= 64 && std::ranges::all_of(text, fine);
}

Result<void> check(const Lines& lines, const std::string& what) {
    const bool fine = lines.lines >= 0 && lines.bytes >= lines.lines && lines.pieces.empty() == (lines.lines == 0) &&
                      std::all_of(lines.pieces.begin(), lines.pieces.end(), is_blob_name);
    return fine ? Result<void>() : corrupt("the list of " + what + " cannot be right");
}

Result<void> check(const Manifest& manifest) {
    if (manifest.tables.size() > most_tables) return corrupt("it names too many tables");
    for (const auto& table : manifest.tables) {
        const bool fine = is_name(table.name) && !table.columns.empty() && table.columns.size() <= most_columns &&
                          std::all_of(table.columns.begin(), table.columns.end(), is_name);
        if (!fine) return corrupt("it names a table or column as none can be called");
        GYRE_TRY(check(table.rows, "table " + table.name));
    }
    GYRE_TRY(check(manifest.blobs, "objects"));
    GYRE_TRY(check(manifest.outputs, "outputs"));
    const auto is_pack = [](const StoredBlob& pack) { return is_blob_name(pack.name) && pack.bytes >= 0; };
    if (manifest.packs.size() > most_packs || !std::ranges::all_of(manifest.packs, is_pack))
        return corrupt("its list of packs cannot be right");
    const auto& lacking = manifest.lacking_blobs;
    if (lacking.size() > most_lacking_named || std::ssize(lacking) > manifest.lacking ||
        !std::ranges::all_of(lacking, is_blob_name))
        return corrupt("its list of what it lacks cannot be right");
    if (!is_id(manifest.installation)) return corrupt("it is of no installation that can be");
    if (manifest.schema < 1 || manifest.blob_bytes < 0 || manifest.output_bytes < 0 || manifest.lacking < 0)
        return corrupt("its numbers cannot be right");
    return {};
}

}  // namespace

std::int64_t Manifest::rows() const {
    std::int64_t count = 0;
    for (const auto& table : tables) count += table.rows.lines;
    return count;
}

std::string manifest_text(const Manifest& manifest) { return to_json_text(manifest) + "\n"; }

// "20260102T030405678Z-0123456789ab"
std::string snapshot_id(Timestamp made_at, std::string_view manifest) {
    std::string time = to_iso(made_at);
    std::erase_if(time, [](char c) { return c == '-' || c == ':' || c == '.'; });
    return time + "-" + sha256_hex(manifest).substr(0, 12);
}

bool is_snapshot_id(std::string_view id) {
    constexpr std::string_view form = "00000000T000000000Z-xxxxxxxxxxxx";
    if (id.size() != form.size()) return false;
    for (std::size_t i = 0; i < id.size(); ++i) {
        const bool hex = is_digit(id[i]) || (id[i] >= 'a' && id[i] <= 'f');
        const bool fine = form[i] == '0' ? is_digit(id[i]) : form[i] == 'x' ? hex : id[i] == form[i];
        if (!fine) return false;
    }
    return true;
}

Result<Snapshot> read_manifest(const std::string& id, std::string_view text) {
    const auto wrong = [&](const Error& error) { return error.during("snapshot " + id); };
    const auto json = parse_json(text, {.bytes = most_bytes, .depth = 16});
    if (!json) return wrong(corrupt("it is damaged: " + json.error().message));
    const auto* object = json->if_object();
    const auto* written = object ? object->if_contains("format") : nullptr;
    if (written && written->is_int64() && written->get_int64() > format)
        return wrong(invalid("a newer version of Gyre wrote it; use that version"));
    auto manifest = from_json<Manifest>(*json);
    if (!manifest) return wrong(corrupt("it is damaged: " + manifest.error().message));
    if (snapshot_id(manifest->made_at, text) != id) return wrong(corrupt("it is damaged: its text was changed"));
    if (const auto checked = check(*manifest); !checked) return wrong(checked.error());
    return Snapshot{id, std::move(*manifest)};
}

}  // namespace gyre::backup
