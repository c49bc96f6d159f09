#include "backup/create.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <memory>
#include <ranges>
#include <unordered_map>
#include <utility>

#include "backup/outputs.h"

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

// Outputs that were sealed when the database was read, asked for in their order: they lie in blobs that rows name.
class SealedOnes {
public:
    static Result<SealedOnes> of(BlobStore& store, const Manifest& manifest) {
        SealedOnes sealed;
        const auto* table = table_of(manifest, "sealed_outputs");
        const auto columns = table ? NameColumns::of(*table) : std::nullopt;
        const auto bytes = table ? column_of(*table, "output_bytes") : std::nullopt;
        if (!columns || !bytes) return sealed;
        sealed.columns_ = columns;
        sealed.bytes_at_ = *bytes;
        sealed.reader_ = std::make_unique<RowReader>(store, *table);
        GYRE_TRY(sealed.go_on());
        return sealed;
    }
    // Whether what is sealed of the output is all of it.
    Result<bool> hold(const StepRow& step) {
        while (next_ && before(next_->name, step.name)) GYRE_TRY(go_on());
        return next_ && !before(step.name, next_->name) && next_->bytes >= step.bytes;
    }

private:
    struct Sealed {
        OutputName name;
        std::int64_t bytes = 0;
    };
    Result<void> go_on() {
        next_.reset();
        GYRE_TRY_ASSIGN(const auto row, reader_->next());
        if (row) next_ = Sealed{columns_->read(*row), number_of((*row)[bytes_at_])};
        return {};
    }

    std::optional<NameColumns> columns_;
    std::size_t bytes_at_ = 0;
    std::unique_ptr<RowReader> reader_;
    std::optional<Sealed> next_;
};

// The outputs of an earlier snapshot, asked for in their order. What cannot be read of them is packed anew.
class KnownOutputs {
public:
    // `has`: whether a pack may be used.
    KnownOutputs(BlobStore& store, Lines lines, std::function<bool(const std::string&)> has)
        : has_(std::move(has)), reader_(store, std::move(lines)) {
        go_on();
    }

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
        const auto [known, is_new] = there_.try_emplace(pack, false);
        if (is_new) known->second = has_(pack);
        return known->second;
    }

    std::function<bool(const std::string&)> has_;
    LineReader reader_;
    std::optional<PackedOutput> next_;
    std::unordered_map<std::string, bool> there_;  // packs
    bool ended_ = false;
};

}  // namespace

void SnapshotWriter::begin(DatabaseFacts facts) {
    rows_.reset();
    manifest_ = Manifest{};
    manifest_.schema = facts.schema;
    manifest_.database = std::move(facts.database);
    manifest_.installation = std::move(facts.installation);
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

// What cannot be read of the last snapshot is asked for elsewhere.
Result<void> SnapshotWriter::learn_sizes(const Manifest& last) {
    sizes_ = {};
    for (const auto& pack : last.packs) sizes_.add(pack);
    const auto read = each_blob(*store_, last, [&](const StoredBlob& blob) -> Result<void> {
        sizes_.add(blob);
        return {};
    });
    sizes_.settle();
    return !read && read.error().fault == Fault::unavailable ? read : Result<void>();
}

Result<void> SnapshotWriter::read_named(Names& trees, Names& others) {
    for (const auto& table : manifest_.tables) {
        const auto at = column_of(table, "blob");
        if (!at) continue;
        auto& names = names_trees(table.name) ? trees : others;
        const auto add = [&](const json::array& row) -> Result<void> {
            if (row[*at].is_string() && is_blob_name(row[*at].get_string()))
                names.add(std::string(row[*at].get_string()));
            return {};
        };
        GYRE_TRY(each_row(*store_, table, add));
    }
    trees.settle();
    others.settle();
    return {};
}

// What rows name, and then the chunks of what is a list. One that comes more than once is copied once.
Result<void> SnapshotWriter::add_blobs(BlobStore& blobs) {
    Names trees;
    Names others;
    Names chunks;
    GYRE_TRY(read_named(trees, others));
    LineWriter lines(*store_);
    GYRE_TRY(add_blobs(blobs, trees, lines, &chunks));
    const auto only = [](const Names& names, const auto& is_elsewhere) {
        Names left;
        for (std::size_t place = 0; place < names.size(); ++place) {
            if (!is_elsewhere(names.at(place))) left.add(names.at(place));
        }
        left.settle();
        return left;
    };
    others = only(others, [&](const std::string& name) { return trees.contains(name); });
    GYRE_TRY(add_blobs(blobs, others, lines, nullptr));
    chunks.settle();
    chunks = only(chunks, [&](const std::string& name) { return trees.contains(name) || others.contains(name); });
    GYRE_TRY(add_blobs(blobs, chunks, lines, nullptr));
    GYRE_TRY_ASSIGN(manifest_.blobs, lines.finish());
    return {};
}

// `chunks`: takes those that the blobs name; null: they are no lists.
Result<void> SnapshotWriter::add_blobs(BlobStore& blobs, const Names& names, LineWriter& lines, Names* chunks) {
    for (std::size_t place = 0; place < names.size(); ++place) {
        const std::string name = names.at(place);
        const auto added = add_blob(blobs, name, chunks != nullptr);
        if (!added && added.error().fault != Fault::not_found && added.error().fault != Fault::corrupt)
            return added.error();
        if (added) {
            GYRE_TRY_ASSIGN(const auto stored, store_->open(name, 0));
            manifest_.blob_bytes += stored->size();
            GYRE_TRY(lines.add(json::serialize(json::array{name, stored->size()})));
            for (const auto& chunk : *added) chunks->add(chunk);
        } else {
            note_lacking(name, added.error());
        }
        GYRE_TRY(watch_({"objects", static_cast<std::int64_t>(place) + 1, static_cast<std::int64_t>(names.size())}));
    }
    return {};
}

// Answers the chunks that it names. not_found, corrupt: nobody has it whole.
Result<std::vector<std::string>> SnapshotWriter::add_blob(BlobStore& blobs, const std::string& name, bool may_be_list) {
    GYRE_TRY_ASSIGN(const bool there, has(name, &blobs));
    if (!there) GYRE_TRY(copy_anew(blobs, *store_, name));
    if (!may_be_list) return std::vector<std::string>();
    auto chunks = chunks_of(*store_, name);
    if (chunks || chunks.error().fault != Fault::corrupt) return chunks;
    GYRE_TRY(read_to_end(blobs, name));  // what is here stays unless there is better
    GYRE_TRY(store_->remove(name, std::chrono::seconds{0}));
    GYRE_TRY(copy_anew(blobs, *store_, name));
    return chunks_of(*store_, name);
}

// Whether what the directory has under this name is taken for the object. `blobs`: who may know its size, too.
Result<bool> SnapshotWriter::has(const std::string& name, BlobStore* blobs) {
    GYRE_TRY_ASSIGN(const auto there, store_->touch(name));
    if (!there) return false;
    // Earlier versions took an empty file for any object, and said so in their snapshots.
    if (const auto known = sizes_.find(name); known && *known > 0) return there == known;
    if (blobs) {
        const auto origin = blobs->open(name);
        if (origin) return *there == (*origin)->size();
        if (origin.error().fault == Fault::unavailable) return origin.error();
    }
    const auto read = read_to_end(*store_, name);
    if (!read && read.error().fault == Fault::unavailable) return read.error();
    return read.ok();
}

void SnapshotWriter::note_lacking(const std::string& name, const Error& why) {
    manifest_.lacking += 1;
    if (manifest_.lacking_blobs.size() < most_lacking_named) manifest_.lacking_blobs.push_back(name);
    if (lacking_.size() < lacking_named) lacking_.push_back(why.message);
}

Result<void> SnapshotWriter::add_outputs(const Manifest& last, OutputStore& outputs) {
    const auto* steps = table_of(manifest_, "steps");
    const auto columns = steps ? StepColumns::of(*steps) : std::nullopt;
    if (!columns) return {};
    GYRE_TRY_ASSIGN(auto sealed, SealedOnes::of(*store_, manifest_));
    KnownOutputs known(*store_, last.outputs,
                       [&](const std::string& pack) { return has(pack, nullptr).value_or(false); });
    OutputPacker packer(*store_);
    std::int64_t done = 0;
    const auto add = [&](const json::array& row) -> Result<void> {
        const StepRow step = columns->read(row);
        GYRE_TRY(watch_({"outputs", ++done, steps->rows.lines}));
        if (!is_output_name(step.name)) return {};
        GYRE_TRY_ASSIGN(const bool is_sealed, sealed.hold(step));
        if (is_sealed) return {};
        auto packed = known.take(step.name);
        if (packed && step.ended && packed->bytes() == step.bytes) return packer.add_again(std::move(*packed));
        return packer.add(step.name, outputs);
    };
    GYRE_TRY(each_row(*store_, *steps, add));
    manifest_.output_bytes = packer.bytes();
    GYRE_TRY_ASSIGN(manifest_.outputs, packer.finish());
    manifest_.packs = packer.packs();
    return {};
}

Result<void> SnapshotWriter::add_objects(BlobStore& blobs, OutputStore& outputs) {
    GYRE_TRY_ASSIGN(const Listed listed, directory_->list());
    const Manifest last = listed.snapshots.empty() ? Manifest{} : listed.snapshots.back().manifest;
    GYRE_TRY(learn_sizes(last));
    GYRE_TRY(add_blobs(blobs));
    return add_outputs(last, outputs);
}

Result<Snapshot> SnapshotWriter::finish(Timestamp made_at, std::string gyre) {
    manifest_.made_at = made_at;
    manifest_.gyre = std::move(gyre);
    GYRE_TRY_ASSIGN(std::string id, directory_->add(manifest_));
    return Snapshot{std::move(id), manifest_};
}

namespace {

// The ids of those that need not stay; see prune(). `listed`: the oldest first.
std::vector<std::string> spare_ones(const std::vector<Snapshot>& listed, int keep, const std::string& installation) {
    std::vector<std::string> spare;
    int newer = 0;
    int newer_and_complete = 0;
    for (const auto& [id, manifest] : std::views::reverse(listed)) {
        if (!manifest.installation.empty() && manifest.installation != installation) continue;
        const bool complete = manifest.lacking == 0;
        if (newer_and_complete >= keep || (!complete && newer >= keep)) spare.push_back(id);
        ++newer;
        if (complete) ++newer_and_complete;
    }
    std::ranges::reverse(spare);
    return spare;
}

}  // namespace

Result<Pruned> prune(Directory& directory, BlobStore& store, int keep, const std::string& installation) {
    Pruned pruned;
    GYRE_TRY_ASSIGN(Listed listed, directory.list());
    for (const auto& id : spare_ones(listed.snapshots, std::max(keep, 1), installation)) {
        GYRE_TRY(directory.remove(id));
        pruned.snapshots.push_back(id);
        std::erase_if(listed.snapshots, [&](const Snapshot& one) { return one.id == id; });
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
