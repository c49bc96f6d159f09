#include "config/read.h"

#include <yaml.h>

#include <algorithm>
#include <cstring>
#include <map>

#include "config/merge.h"
#include "config/nearest.h"
#include "config/scalar.h"
#include "config/screen.h"
#include "config/yaml_problem.h"

namespace gyre::config {
namespace {

constexpr std::size_t most_anchor_names = 1000;  // looked at for a suggestion
constexpr std::size_t usual_size = 4;            // of a mapping or a list, that it grows to in one step

// libyaml counts characters; spans count bytes. Marks come nearly in order, so one cursor walks along.
class Offsets {
public:
    explicit Offsets(std::string_view text) : text_(text) {
        ascii_ = std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
    }
    std::uint32_t byte_of(const yaml_mark_t& mark) {
        if (ascii_) return static_cast<std::uint32_t>(std::min(mark.index, text_.size()));
        while (character_ < mark.index && byte_ < text_.size()) {
            ++character_;
            ++byte_;
            while (inside_character()) ++byte_;
        }
        while (character_ > mark.index && byte_ > 0) {
            --character_;
            --byte_;
            while (inside_character()) --byte_;
        }
        return static_cast<std::uint32_t>(byte_);
    }

private:
    bool inside_character() const {
        return byte_ > 0 && byte_ < text_.size() && (static_cast<unsigned char>(text_[byte_]) & 0xC0U) == 0x80U;
    }

    std::string_view text_;
    bool ascii_ = false;
    std::size_t character_ = 0;
    std::size_t byte_ = 0;
};

// libyaml's parser and its current event, freed whatever happens.
class Events {
public:
    explicit Events(std::string_view text) {
        if (yaml_parser_initialize(&parser_) == 0) throw std::bad_alloc();
        yaml_parser_set_encoding(&parser_, YAML_UTF8_ENCODING);
        // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): the C interface wants unsigned char
        yaml_parser_set_input_string(&parser_, reinterpret_cast<const unsigned char*>(text.data()), text.size());
    }
    ~Events() {
        yaml_event_delete(&event_);
        yaml_parser_delete(&parser_);
    }
    Events(const Events&) = delete;
    Events& operator=(const Events&) = delete;

    bool next() {
        yaml_event_delete(&event_);
        return yaml_parser_parse(&parser_, &event_) != 0;
    }
    const yaml_event_t& event() const { return event_; }
    const yaml_parser_t& parser() const { return parser_; }

private:
    yaml_parser_t parser_{};
    yaml_event_t event_{};
};

std::string_view text_of(const yaml_char_t* text) {
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): the C interface has unsigned char
    return text == nullptr ? std::string_view{} : std::string_view(reinterpret_cast<const char*>(text));
}

class Reader {
public:
    Reader(const Source& source, std::vector<Diagnostic>& diagnostics, const ReadLimits& limits)
        : source_(source),
          diagnostics_(diagnostics),
          limits_(limits),
          merge_budget_(limits.merged_entries),
          offsets_(source.text()),
          events_(source.text()) {}

    Document run() {
        while (!stopped_ && events_.next()) {
            handle(events_.event());
            if (events_.event().type == YAML_STREAM_END_EVENT) return finish();
        }
        if (!stopped_) report_syntax();
        return {};
    }

private:
    struct Open {
        Node* node = nullptr;
        Node* key = nullptr;      // of a mapping: the key whose value comes next
        bool key_is_bad = false;  // the key was no text; its value is dropped
    };

    void handle(const yaml_event_t& event) {
        switch (event.type) {
            case YAML_DOCUMENT_START_EVENT:
                return begin_document(event);
            case YAML_ALIAS_EVENT:
                return alias(event);
            case YAML_SCALAR_EVENT:
                return scalar(event);
            case YAML_SEQUENCE_START_EVENT:
                return open(event, NodeKind::sequence, text_of(event.data.sequence_start.anchor));
            case YAML_MAPPING_START_EVENT:
                return open(event, NodeKind::mapping, text_of(event.data.mapping_start.anchor));
            case YAML_SEQUENCE_END_EVENT:
            case YAML_MAPPING_END_EVENT:
                return close(event);
            default:
                return;
        }
    }

    Document finish() {
        if (document_.root() == nullptr || document_.root()->kind == NodeKind::null) {
            report(Code::empty_config, {0, 0}, "the config is empty").expected = "at least 'version' and 'jobs'";
            return {};
        }
        explain_late_anchors();
        return std::move(document_);
    }

    // "No such anchor" is said when the alias is met; the anchor may have come since.
    void explain_late_anchors() {
        for (const auto& [position, name] : unknown_anchors_) {
            const auto found = anchors_.find(name);
            if (found == anchors_.end()) continue;
            Diagnostic& unknown = diagnostics_[position];
            unknown.suggestion.clear();
            unknown.expected = "the anchor above its first alias";
            unknown.notes.push_back(note_at(source_, found->second->span, "'&" + name + "' names this, further down"));
        }
    }

    void begin_document(const yaml_event_t& event) {
        if (document_.root() == nullptr) return;
        report(Code::several_documents, span_of(event), "a second YAML document starts here").expected =
            "one document; remove the '---'";
        stopped_ = true;
    }

    // The value's own place, without the anchor and the tag before it.
    Span span_of(const yaml_event_t& event) {
        const std::string_view text = source_.text();
        const std::uint32_t end = offsets_.byte_of(event.end_mark);
        std::uint32_t begin = offsets_.byte_of(event.start_mark);
        if (event.type == YAML_ALIAS_EVENT) return {begin, end};
        while (begin < end && (text[begin] == '&' || text[begin] == '!')) {
            begin = static_cast<std::uint32_t>(std::min<std::size_t>(text.find_first_of(" \t\r\n", begin), end));
            begin = static_cast<std::uint32_t>(std::min<std::size_t>(text.find_first_not_of(" \t\r\n", begin), end));
        }
        return {begin, end};
    }

    // A node, unless the limit is passed.
    Node* make(NodeKind kind, Span span) {
        if (document_.nodes().size() >= limits_.nodes) {
            stop(Code::too_many_nodes, span,
                 "the config has more than " + std::to_string(limits_.nodes) + " values, the limit");
            return nullptr;
        }
        return &document_.add(kind, span, source_);
    }

    void scalar(const yaml_event_t& event) {
        const auto& data = event.data.scalar;
        Node* node = make(NodeKind::scalar, span_of(event));
        if (node == nullptr) return;
        const auto* bytes = reinterpret_cast<const char*>(data.value);  // NOLINT: the C interface has unsigned char
        node->text.assign(bytes, data.length);
        if (node->text.find('\0') != std::string::npos)
            report(Code::control_character, node->span,
                   "the character U+0000 cannot stand in a text: names, variables and commands end at it");
        const bool block = data.style == YAML_LITERAL_SCALAR_STYLE || data.style == YAML_FOLDED_SCALAR_STYLE;
        const bool plain = data.style == YAML_PLAIN_SCALAR_STYLE && text_of(data.tag) != YAML_STR_TAG;
        node->style = block ? ScalarStyle::block : plain ? ScalarStyle::plain : ScalarStyle::quoted;
        if (plain && is_null_word(node->text) && !expects_key()) node->kind = NodeKind::null;
        remember(text_of(data.anchor), node);
        place({node, nullptr});
    }

    void open(const yaml_event_t& event, NodeKind kind, std::string_view anchor) {
        const Span span = span_of(event);
        if (open_.size() >= limits_.depth) {
            return stop(Code::too_deep, span,
                        "the config nests deeper than " + std::to_string(limits_.depth) + " levels, the limit");
        }
        Node* node = make(kind, span);
        if (node == nullptr) return;
        remember(anchor, node);
        place({node, nullptr});
        open_.push_back({node});
    }

    void close(const yaml_event_t& event) {
        Node& node = *open_.back().node;
        open_.pop_back();
        node.span.end = std::max(node.span.begin, end_of(node, event));
        const bool merged = node.kind != NodeKind::mapping || finish_mapping(node, merge_budget_, diagnostics_);
        measure(node);
        if (!merged) {
            stop(Code::too_much_expansion, node.span,
                 "the merge keys of the config copy more than " + std::to_string(limits_.merged_entries) +
                     " entries, the limit");
        }
        if (diagnostics_.size() >= max_diagnostics) stopped_ = true;
    }

    // What is within it has been measured: an alias inside of what it names is none.
    void measure(Node& node) {
        for (const Item& item : node.items) node.height = std::max(node.height, item.node->height);
        for (const Entry& entry : node.entries) node.height = std::max(node.height, entry.value.node->height);
        if (++node.height <= limits_.height) return;
        stop(Code::too_deep, node.span,
             "with what aliases stand for, the config nests deeper than " + std::to_string(limits_.height) +
                 " levels, the limit");
    }

    // libyaml ends a block collection where the next token starts; it really ends with its last child.
    std::uint32_t end_of(const Node& node, const yaml_event_t& event) {
        const auto end_of_item = [](const Item& item) { return (item.alias ? item.alias : item.node)->span.end; };
        const std::uint32_t end = offsets_.byte_of(event.end_mark);
        if (end > 0 && (source_.text()[end - 1] == ']' || source_.text()[end - 1] == '}')) return end;
        if (node.kind == NodeKind::sequence) return node.items.empty() ? end : end_of_item(node.items.back());
        return node.entries.empty()
                   ? end
                   : std::max(node.entries.back().key->span.end, end_of_item(node.entries.back().value));
    }

    void alias(const yaml_event_t& event) {
        const std::string name(text_of(event.data.alias.anchor));
        Node* use = make(NodeKind::scalar, span_of(event));
        if (use == nullptr) return;
        use->text = name;
        const auto found = anchors_.find(name);
        if (found == anchors_.end()) {
            auto& unknown = report(Code::unknown_anchor, use->span, "no anchor '&" + name + "' before this alias");
            unknown.suggestion = nearest(name, anchor_names());
            unknown_anchors_.emplace_back(diagnostics_.size() - 1, name);
            use->kind = NodeKind::broken;
            return place({use, nullptr});
        }
        if (is_open(found->second)) {
            report(Code::recursive_anchor, use->span, "the alias '*" + name + "' stands inside of what it names");
            use->kind = NodeKind::broken;
            return place({use, nullptr});
        }
        place({found->second, use});
    }

    bool is_open(const Node* node) const {
        return std::any_of(open_.begin(), open_.end(), [&](const Open& one) { return one.node == node; });
    }

    std::vector<std::string> anchor_names() const {
        std::vector<std::string> names = anchor_names_;
        std::sort(names.begin(), names.end());
        return names;
    }

    // A later anchor of the same name replaces the earlier one, as YAML has it.
    void remember(std::string_view anchor, Node* node) {
        if (anchor.empty()) return;
        const auto [known, fresh] = anchors_.insert_or_assign(std::string(anchor), node);
        if (fresh && anchor_names_.size() < most_anchor_names) anchor_names_.push_back(known->first);
    }

    bool expects_key() const {
        return !open_.empty() && open_.back().node->kind == NodeKind::mapping && open_.back().key == nullptr &&
               !open_.back().key_is_bad;
    }

    void place(Item item) {
        if (open_.empty()) {
            document_.set_root(item.node);
        } else if (open_.back().node->kind == NodeKind::sequence) {
            std::pmr::vector<Item>& items = open_.back().node->items;
            if (items.empty()) items.reserve(usual_size);
            items.push_back(item);
        } else if (expects_key()) {
            place_key(item);
        } else {
            place_value(item);
        }
    }

    void place_key(Item item) {
        if (item.node->kind != NodeKind::scalar) {
            const bool inside_one = std::any_of(open_.begin(), open_.end(), [](const Open& o) { return o.key_is_bad; });
            if (item.node->kind != NodeKind::broken && !inside_one) {
                report(Code::wrong_type, item.node->span, "a key must be text");
            }
            open_.back().key_is_bad = true;
            return;
        }
        if (item.alias == nullptr) {
            open_.back().key = const_cast<Node*>(item.node);  // NOLINT: made by this reader
            return;
        }
        Node* key = const_cast<Node*>(item.alias);  // NOLINT: made by this reader; the alias stands for the text
        key->text = item.node->text;
        open_.back().key = key;
    }

    void place_value(Item item) {
        Open& mapping = open_.back();
        std::pmr::vector<Entry>& entries = mapping.node->entries;
        if (entries.empty()) entries.reserve(usual_size);
        if (!mapping.key_is_bad) entries.push_back({mapping.key, item, nullptr});
        mapping.key = nullptr;
        mapping.key_is_bad = false;
    }

    void report_syntax() {
        const yaml_parser_t& parser = events_.parser();
        if (parser.error == YAML_MEMORY_ERROR) throw std::bad_alloc();
        const std::string_view problem = parser.problem == nullptr ? "not YAML" : parser.problem;
        // Of these the start matters, not the place where it became certain.
        const bool unclosed = parser.context != nullptr &&
                              (problem == "found unexpected end of stream" || problem == "could not find expected ':'");
        const auto at = parser.error == YAML_READER_ERROR
                            ? static_cast<std::uint32_t>(parser.problem_offset)
                            : offsets_.byte_of(unclosed ? parser.context_mark : parser.problem_mark);
        const char found = at < source_.text().size() ? source_.text()[at] : '\0';
        const YamlAdvice advice = advise(problem, found, line_before(at));
        auto& diagnostic = report(Code::yaml_syntax, {at, at + 1}, "not valid YAML: " + advice.message);
        diagnostic.expected = advice.expected;
        if (parser.context != nullptr && !unclosed && parser.context_mark.index < parser.problem_mark.index) {
            const auto begin = offsets_.byte_of(parser.context_mark);
            diagnostic.notes.push_back(note_at(source_, {begin, begin + 1}, describe_context(parser.context)));
        }
    }

    // Of the line that has the byte, what stands before it.
    std::string_view line_before(std::uint32_t at) const {
        const std::string_view before = source_.text().substr(0, at);
        const auto begin = before.rfind('\n');
        return begin == std::string_view::npos ? before : before.substr(begin + 1);
    }

    Diagnostic& report(Code code, Span span, std::string message) {
        if (diagnostics_.size() + 1 >= max_diagnostics) stopped_ = true;
        return diagnostics_.emplace_back(diagnose(source_, code, span, std::move(message)));
    }
    void stop(Code code, Span span, std::string message) {
        report(code, span, std::move(message));
        stopped_ = true;
    }

    const Source& source_;
    std::vector<Diagnostic>& diagnostics_;
    const ReadLimits& limits_;
    std::size_t merge_budget_;
    Offsets offsets_;
    Events events_;
    Document document_;
    std::vector<Open> open_;
    std::map<std::string, Node*, std::less<>> anchors_;
    std::vector<std::string> anchor_names_;                             // the first ones
    std::vector<std::pair<std::size_t, std::string>> unknown_anchors_;  // positions of their diagnostics
    bool stopped_ = false;
};

}  // namespace

const Entry* Node::find(std::string_view key) const {
    const auto found = std::find_if(entries.begin(), entries.end(), [&](const Entry& e) { return e.key->text == key; });
    return found == entries.end() ? nullptr : &*found;
}

Diagnostic diagnose(const Source& source, Code code, Span span, std::string message) {
    const Excerpt excerpt = source.excerpt(span);
    Diagnostic diagnostic;
    diagnostic.code = code;
    diagnostic.message = clipped(message);
    diagnostic.file = source.name();
    diagnostic.range = source.range(span);
    diagnostic.excerpt = excerpt.text;
    diagnostic.excerpt_column = excerpt.column;
    diagnostic.excerpt_width = excerpt.width;
    return diagnostic;
}

Document read(const Source& source, std::vector<Diagnostic>& diagnostics, const ReadLimits& limits) {
    if (auto unreadable = screen(source, limits.bytes)) {
        diagnostics.push_back(std::move(*unreadable));
        return {};
    }
    return Reader(source, diagnostics, limits).run();
}

}  // namespace gyre::config
