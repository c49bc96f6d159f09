#include "backup/create.h"

#include <algorithm>
#include <array>
#include <utility>

#include "backup/outputs.h"
#include "base/digest.h"

namespace gyre::backup {
namespace {

constexpr std::size_t lacking_named = 20;

std::optional<std::size_t> column_of(const TableRows& table, std::string_view name) {
    const auto found = std::find(table.columns.begin(), table.columns.end(), name);
    if (found == table.columns.end()) return std::nullopt;
    return static_cast<std::size_t>(found - table.columns.begin());
}

std::string text_of(const json::value& value) {
    return value.is_string() ? std::string(value.get_string()) : std::string();
}
std::int64_t number_of(const json::value& value) { return value.is_int64() ? value.get_int64() : 0; }

// Where the values of these columns are in a table's rows; nothing when it lacks one.
template <std::size_t count>
std::optional<std::array<std::size_t, count>> columns_of(const TableRows& table, std::array<const char*, count> names) {
    std::array<std::size_t, count> places{};
    for (std::size_t i = 0; i < count; ++i) {
        const auto at = column_of(table, names[i]);
        if (!at) return std::nullopt;
        places[i] = *at;
    }
    return places;
}

// The columns that name an output, wherever they are.
class NameColumns {
public:
    static std::optional<NameColumns> of(const TableRows& table) {
        const auto at = columns_of<4>(table, {"job_id", "task_index", "attempt", "step_index"});
        return at ? std::optional(NameColumns(*at)) : std::nullopt;
    }
    OutputName read(const json::array& row) const {
        const auto number = [&](std::size_t which) { return static_cast<int>(number_of(row[at_[which]])); };
        return {{JobId(text_of(row[at_[0]])), number(1), number(2)}, number(3)};
    }

private:
    explicit NameColumns(std::array<std::size_t, 4> at) : at_(at) {}
    std::array<std::size_t, 4> at_;
};

// A row of the table `steps`.
struct StepRow {
    OutputName name;
    std::int64_t bytes = 0;  // as recorded
    bool ended = false;
};

class StepColumns {
public:
    static std::optional<StepColumns> of(const TableRows& table) {
        const auto name = NameColumns::of(table);
        const auto at = columns_of<2>(table, {"output_bytes", "status"});
        return name && at ? std::optional(StepColumns(*name, *at)) : std::nullopt;
    }
    StepRow read(const json::array& row) const {
        return {name_.read(row), number_of(row[at_[0]]), text_of(row[at_[1]]) != "running"};
    }

private:
    StepColumns(NameColumns name, std::array<std::size_t, 2> at) : name_(name), at_(at) {}
    NameColumns name_;
    std::array<std::size_t, 2> at_;
};

const TableRows* table_of(const Manifest& manifest, std::string_view name) {
    const auto found = std::find_if(manifest.tables.begin(), manifest.tables.end(),
                                    [&](const TableRows& table) { return table.name == name; });
    return found == manifest.tables.end() ? nullptr : &*found;
}

// Outputs that were sealed when the database was read: they lie in blobs that its rows name. 32 bytes for each.
class SealedOnes {
public:
    static Result<SealedOnes> of(BlobStore& store, const Manifest& manifest) {
        SealedOnes sealed;
        const auto* table = table_of(manifest, "sealed_outputs");
        const auto columns = table ? NameColumns::of(*table) : std::nullopt;
        if (!columns) return sealed;
        GYRE_TRY(each_row(store, *table, [&](const json::array& row) -> Result<void> {
            sealed.names_.add(hash_of(columns->read(row)));
            return {};
        }));
        sealed.names_.settle();
        return sealed;
    }
    bool contains(const OutputName& name) const { return names_.contains(hash_of(name)); }

private:
    static std::string hash_of(const OutputName& name) {
        return sha256_hex(name.attempt.id().text + "/" + std::to_string(name.step));
    }
    Names names_;
};

// The outputs of an earlier snapshot, asked for in their order. What cannot be read of them is packed anew.
class KnownOutputs {
public:
    KnownOutputs(BlobStore& store, Lines lines) : store_(store), reader_(store, std::move(lines)) { go_on(); }

    std::optional<PackedOutput> take(const OutputName& name) {
        while (next_ && before(next_->name, name)) go_on();
        if (!next_ || before(name, next_->name)) return std::nullopt;
        for (const auto& stretch : next_->stretches) {
            if (!is_there(stretch.pack)) return std::nullopt;
        }
        return std::exchange(next_, std::nullopt);
    }

private:
    void go_on() {
        next_.reset();
        if (ended_) return;
        const auto line = reader_.next();
        ended_ = !line || !*line;
        if (ended_) return;
        auto output = read_output(**line);
        ended_ = !output;
        if (output) next_ = std::move(*output);
    }
    bool is_there(const std::string& pack) {
        if (pack == last_) return true;
        const auto there = store_.exists(pack);
        if (!there || !*there) return false;
        last_ = pack;
        return true;
    }

    BlobStore& store_;
    LineReader reader_;
    std::optional<PackedOutput> next_;
    std::string last_;
    bool ended_ = false;
};

}  // namespace

void SnapshotWriter::begin(DatabaseFacts facts) {
    rows_.reset();
    manifest_ = Manifest{};
    manifest_.schema = facts.schema;
    manifest_.database = std::move(facts.database);
}

Result<void> SnapshotWriter::begin_table(std::string name, std::vector<std::string> columns) {
    GYRE_TRY(end_table());
    manifest_.tables.push_back({.name = std::move(name), .columns = std::move(columns), .rows = {}});
    rows_.emplace(*store_);
    return {};
}

Result<void> SnapshotWriter::add_row(const json::array& row) {
    GYRE_TRY(rows_->add(json::serialize(row)));
    return {};
}

Result<void> SnapshotWriter::end_table() {
    if (!rows_) return {};
    GYRE_TRY_ASSIGN(manifest_.tables.back().rows, rows_->finish());
    rows_.reset();
    return watch_({"database", manifest_.rows(), 0});
}

Result<void> SnapshotWriter::end_tables() { return end_table(); }

Result<Names> SnapshotWriter::named_blobs() {
    Names names;
    for (const auto& table : manifest_.tables) {
        const auto at = column_of(table, "blob");
        if (!at) continue;
        const auto add = [&](const json::array& row) -> Result<void> {
            if (row[*at].is_string() && is_blob_name(row[*at].get_string()))
                names.add(std::string(row[*at].get_string()));
            return {};
        };
        GYRE_TRY(each_row(*store_, table, add));
    }
    names.settle();
    return names;
}

// What rows name, and then the chunks of what is a list.
Result<void> SnapshotWriter::add_blobs(BlobStore& blobs) {
    GYRE_TRY_ASSIGN(const Names names, named_blobs());
    LineWriter lines(*store_);
    Names chunks;
    const auto note_chunks = [&](const std::string& name) -> Result<void> {
        const auto found = chunks_of(*store_, name);
        if (!found) return found.error();
        for (const auto& chunk : *found) {
            if (!names.contains(chunk)) chunks.add(chunk);
        }
        return {};
    };
    GYRE_TRY(add_blobs(blobs, names, lines, note_chunks));
    chunks.settle();
    GYRE_TRY(add_blobs(blobs, chunks, lines, [](const std::string&) { return Result<void>(); }));
    GYRE_TRY_ASSIGN(manifest_.blobs, lines.finish());
    return {};
}

Result<void> SnapshotWriter::add_blobs(BlobStore& blobs, const Names& names, LineWriter& lines,
                                       const std::function<Result<void>(const std::string& name)>& copied_one) {
    for (std::size_t place = 0; place < names.size(); ++place) {
        const std::string name = names.at(place);
        const auto copied = copy_blob(blobs, *store_, name);
        if (!copied && copied.error().fault != Fault::not_found && copied.error().fault != Fault::corrupt)
            return copied;
        if (!copied) {
            manifest_.lacking += 1;
            if (lacking_.size() < lacking_named) lacking_.push_back(copied.error().message);
        } else {
            GYRE_TRY_ASSIGN(const auto stored, store_->open(name, 0));
            manifest_.blob_bytes += stored->size();
            GYRE_TRY(lines.add(json::serialize(json::array{name, stored->size()})));
            GYRE_TRY(copied_one(name));
        }
        GYRE_TRY(watch_({"objects", static_cast<std::int64_t>(place) + 1, static_cast<std::int64_t>(names.size())}));
    }
    return {};
}

Result<void> SnapshotWriter::add_outputs(OutputStore& outputs) {
    const auto* steps = table_of(manifest_, "steps");
    const auto columns = steps ? StepColumns::of(*steps) : std::nullopt;
    if (!columns) return {};
    GYRE_TRY_ASSIGN(const auto sealed, SealedOnes::of(*store_, manifest_));
    GYRE_TRY_ASSIGN(const Listed listed, directory_->list());
    KnownOutputs known(*store_, listed.snapshots.empty() ? Lines{} : listed.snapshots.back().manifest.outputs);
    OutputPacker packer(*store_);
    std::int64_t done = 0;
    const auto add = [&](const json::array& row) -> Result<void> {
        const StepRow step = columns->read(row);
        GYRE_TRY(watch_({"outputs", ++done, steps->rows.lines}));
        if (!is_output_name(step.name) || sealed.contains(step.name)) return {};
        auto packed = known.take(step.name);
        if (packed && step.ended && packed->bytes() == step.bytes) return packer.add_again(std::move(*packed));
        return packer.add(step.name, outputs);
    };
    GYRE_TRY(each_row(*store_, *steps, add));
    manifest_.output_bytes = packer.bytes();
    GYRE_TRY_ASSIGN(manifest_.outputs, packer.finish());
    return {};
}

Result<void> SnapshotWriter::add_objects(BlobStore& blobs, OutputStore& outputs) {
    GYRE_TRY(add_blobs(blobs));
    return add_outputs(outputs);
}

Result<Snapshot> SnapshotWriter::finish(Timestamp made_at, std::string gyre) {
    manifest_.made_at = made_at;
    manifest_.gyre = std::move(gyre);
    GYRE_TRY_ASSIGN(std::string id, directory_->add(manifest_));
    return Snapshot{std::move(id), manifest_};
}

Result<Pruned> prune(Directory& directory, BlobStore& store, int keep) {
    Pruned pruned;
    GYRE_TRY_ASSIGN(Listed listed, directory.list());
    const auto kept = static_cast<std::size_t>(std::max(keep, 1));
    while (listed.snapshots.size() > kept) {
        const std::string id = listed.snapshots.front().id;
        GYRE_TRY(directory.remove(id));
        pruned.snapshots.push_back(id);
        listed.snapshots.erase(listed.snapshots.begin());
    }
    if (pruned.snapshots.empty()) return pruned;
    if (!listed.damaged.empty())
        return corrupt("no object is removed, for nobody knows which: " + listed.damaged.front());
    Names wanted;
    for (const auto& snapshot : listed.snapshots) {
        const auto added = add_objects(store, snapshot.manifest, wanted);
        if (!added)
            return added.error().during("no object is removed, for nobody knows which: snapshot " + snapshot.id);
    }
    wanted.settle();
    GYRE_TRY_ASSIGN(pruned.swept, directory.sweep([&](const std::string& name) { return wanted.contains(name); }));
    return pruned;
}

}  // namespace gyre::backup
