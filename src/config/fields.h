#pragma once

// A mapping read by its table: everything that the table can check is checked and reported once, in the constructor;
// what remains is asked for by name. Values that were wrong or are absent read as absent.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/context.h"
#include "config/keys.h"

namespace gyre::config {

class Fields {
public:
    // `mapping` may be null (the kind): then it has no keys. `owner` is what a missing key is reported at (the key that
    // names the mapping); by default the mapping itself. With `open`, unknown keys are left alone.
    Fields(Context& context, Value mapping, const MappingSpec& spec, Value owner = {}, bool open = false);

    Value get(std::string_view key) const;
    // The key itself, for complaints about it.
    Value key(std::string_view key) const;
    bool has(std::string_view key) const { return static_cast<bool>(get(key)); }
    // Written at all, even if it could not be used.
    bool mentions(std::string_view key) const;

    std::string text(std::string_view key, std::string otherwise = {}) const;
    bool flag(std::string_view key, bool otherwise = false) const;
    // Reports numbers outside [least, most].
    std::optional<int> integer(std::string_view key, int least, int most) const;
    // Text alone is a list of one.
    std::vector<std::string> texts(std::string_view key) const;

private:
    struct Field {
        const KeySpec* spec = nullptr;
        Value key;
        Value value;
    };

    const Field* find(std::string_view key) const;
    void take(Value mapping, const Entry& entry);
    void unknown(Value key);
    void misspelled(Value mapping, const Entry& entry);
    const std::vector<std::string>& known_names();
    bool usable(const KeySpec& spec, Value key, Value value);
    void check_required(Value owner);
    std::uint64_t bit_of(const KeySpec& spec) const {
        static_assert(most_keys <= 64);
        return std::uint64_t{1} << static_cast<unsigned>(&spec - spec_.keys.data());
    }

    Context& context_;
    const MappingSpec& spec_;
    std::vector<Field> fields_;
    std::uint64_t seen_ = 0;          // a bit for each key of the table that is written
    std::vector<std::string> names_;  // of the keys that may be there, once somebody asks
    bool open_;
};

// Whether something in the entry's value, or the value itself, can be used elsewhere.
bool holds_anchor(const Entry& entry);
// What a value is, in a sentence: "a list", "a number".
std::string_view kind_name(const Node& node);
// True when the value has one of the shapes.
bool fits(const Node& node, Shapes shapes);
// Reports that a value is not of the shapes, naming what it is.
void report_wrong_type(Context& context, Value value, const std::string& what, Shapes shapes);
// The texts of a list's items, or of the text alone; others are reported.
std::vector<std::string> texts_of(Context& context, Value value, const std::string& what);

}  // namespace gyre::config
