#include "agent/junit.h"

#include <expat.h>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <vector>

#include "agent/xml_characters.h"
#include "base/utf8.h"

namespace gyre::agent {
namespace {

constexpr std::size_t longest_suite_name = 512;  // each of its cases repeats it

struct Suite {
    std::string name;
    std::string file;
};

std::string_view local_name(const XML_Char* name) {
    const std::string_view whole = name;
    const auto colon = whole.rfind(':');
    return colon == std::string_view::npos ? whole : whole.substr(colon + 1);
}

std::string attribute(const XML_Char** attributes, std::string_view wanted, std::size_t longest = longest_test_name) {
    for (; *attributes != nullptr; attributes += 2) {
        if (local_name(attributes[0]) == wanted) return std::string(cut_utf8(attributes[1], longest));
    }
    return {};
}

// Some runners write "0,25" where others write "0.25".
bool has_decimal_comma(std::string_view text) {
    const auto comma = text.find(',');
    if (comma == std::string_view::npos || text.rfind(',') != comma || text.find('.') != std::string_view::npos)
        return false;
    return text.size() - comma - 1 != 3 || text.substr(0, comma) == "0";
}

// Seconds. Some runners write thousands separators: "1,234.5".
double seconds_in(std::string text) {
    if (has_decimal_comma(text)) text[text.find(',')] = '.';
    std::erase(text, ',');
    double value = 0;
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (failed != std::errc{} || !std::isfinite(value) || value < 0) return 0;
    return value;
}

// googletest has no element for a test that is disabled, nor had it one for a skipped test once; others say it so, too.
bool says_not_run(const XML_Char** attributes) {
    const std::string status = attribute(attributes, "status");
    const std::string result = attribute(attributes, "result");
    return status == "notrun" || status == "disabled" || status == "skipped" || result == "suppressed" ||
           result == "skipped";
}

}  // namespace

struct JUnitParser::State {
    XML_Parser parser = nullptr;
    std::string source;
    Take take;
    std::vector<Suite> suites;
    std::optional<TestCase> test;
    int depth = 0;
    int result_depth = 0;  // of the failure, error or skipped element we are in; 0: none
    bool has_text = false;
    std::size_t message_begin = 0;  // of what this element's attribute says, in the test's message
    std::size_t message_end = 0;
    std::int64_t fed = 0;
    std::string refusal;
    XmlCharacters characters;

    ~State() { XML_ParserFree(parser); }

    void refuse(std::string why) {
        if (refusal.empty()) refusal = std::move(why);
        XML_StopParser(parser, XML_FALSE);
    }

    void begin(std::string_view name, const XML_Char** attributes) {
        if (++depth > deepest_test_xml)
            return refuse(fmt::format("elements are nested more than {} deep", deepest_test_xml));
        if (name == "testsuite") {
            std::string file = attribute(attributes, "file", longest_suite_name);
            if (file.empty() && !suites.empty()) file = suites.back().file;
            suites.push_back({attribute(attributes, "name", longest_suite_name), std::move(file)});
        } else if (name == "testcase" && !test) {
            begin_test(attributes);
        } else if (test && result_depth == 0) {
            begin_result(name, attributes);
        }
    }

    void begin_test(const XML_Char** attributes) {
        TestCase& found = test.emplace();
        found.name = attribute(attributes, "name");
        found.classname = attribute(attributes, "classname");
        found.file = attribute(attributes, "file");
        if (found.file.empty() && !suites.empty()) found.file = suites.back().file;
        found.source = suites.empty() || suites.back().name.empty() ? source : suites.back().name;
        found.run_time = seconds_in(attribute(attributes, "time"));
        if (says_not_run(attributes)) found.result = TestResult::skipped;
    }

    void begin_result(std::string_view name, const XML_Char** attributes) {
        TestResult result = TestResult::success;
        if (name == "failure") result = TestResult::failure;
        if (name == "error") result = TestResult::error;
        if (name == "skipped") result = TestResult::skipped;
        if (result == TestResult::success) return;
        result_depth = depth;
        has_text = false;
        // The worst of several stands: an error in tear-down after a failure is still a failure's test.
        if (test->result == TestResult::success || test->result == TestResult::skipped) test->result = result;
        const std::string message = attribute(attributes, "message", longest_test_message);
        add_message(message);
        message_end = test->message.size();
        message_begin = message_end - std::min(message_end, message.size());
    }

    // Where the first lines of the text are what the attribute has said already, that goes.
    void end_result() {
        result_depth = 0;
        std::string& message = test->message;
        const std::string said = message.substr(message_begin, message_end - message_begin);
        if (!has_text || said.empty()) return;
        const std::string_view text = std::string_view(message).substr(std::min(message_end + 1, message.size()));
        if (text == said || text.starts_with(said + '\n')) message.erase(message_begin, said.size() + 1);
    }

    void add_message(std::string_view text) {
        if (text.empty()) return;
        std::string& message = test->message;
        if (!message.empty() && !has_text && message.size() < longest_test_message) message += '\n';
        message += cut_utf8(text, longest_test_message - std::min(longest_test_message, message.size()));
    }

    void text(std::string_view bytes) {
        if (!test || result_depth == 0) return;
        if (!has_text) bytes.remove_prefix(std::min(bytes.find_first_not_of(" \t\r\n"), bytes.size()));
        if (bytes.empty()) return;
        add_message(bytes);
        has_text = true;
    }

    void end(std::string_view name) {
        if (depth == result_depth) end_result();
        --depth;
        if (name == "testsuite" && !suites.empty()) suites.pop_back();
        if (name != "testcase" || !test) return;
        take(std::move(*test));
        test.reset();
        result_depth = 0;
    }

    // What was fed and is not yet understood begins at the parser's place.
    bool has_endless_tag() const {
        return fed - std::max<std::int64_t>(XML_GetCurrentByteIndex(parser), 0) > longest_test_tag;
    }

    static State& of(void* data) { return *static_cast<State*>(data); }

    Result<void> parse(std::string_view bytes, bool is_last) {
        if (!refusal.empty()) return invalid(refusal);
        const bool parsed = XML_Parse(parser, bytes.data(), static_cast<int>(bytes.size()), is_last) == XML_STATUS_OK;
        fed += static_cast<std::int64_t>(bytes.size());
        if (parsed && (is_last || !has_endless_tag())) return {};
        if (parsed) refusal = fmt::format("a tag is longer than {} MB", longest_test_tag >> 20);
        std::string why = refusal.empty() ? XML_ErrorString(XML_GetErrorCode(parser)) : refusal;
        refusal = fmt::format("line {}, column {}: {}", XML_GetCurrentLineNumber(parser),
                              XML_GetCurrentColumnNumber(parser) + 1, why);
        return invalid(refusal);
    }
};

JUnitParser::JUnitParser(std::string source, Take take) : state_(std::make_unique<State>()) {
    State& state = *state_;
    state.parser = XML_ParserCreate(nullptr);
    state.source = std::move(source);
    state.take = std::move(take);
    XML_SetUserData(state.parser, &state);
    XML_SetElementHandler(
        state.parser,
        [](void* data, const XML_Char* name, const XML_Char** attributes) {
            State::of(data).begin(local_name(name), attributes);
        },
        [](void* data, const XML_Char* name) { State::of(data).end(local_name(name)); });
    XML_SetCharacterDataHandler(state.parser, [](void* data, const XML_Char* bytes, int size) {
        State::of(data).text({bytes, static_cast<std::size_t>(size)});
    });
    XML_SetEntityDeclHandler(state.parser, [](void* data, const XML_Char*, int, const XML_Char*, int, const XML_Char*,
                                              const XML_Char*, const XML_Char*, const XML_Char*) {
        State::of(data).refuse("entity declarations are not allowed");
    });
}

JUnitParser::~JUnitParser() = default;

Result<void> JUnitParser::feed(std::string_view bytes) {
    constexpr std::size_t most = 1 << 20;
    for (; bytes.size() > most; bytes.remove_prefix(most))
        GYRE_TRY(state_->parse(state_->characters.replace(bytes.substr(0, most)), false));
    return state_->parse(state_->characters.replace(bytes), false);
}

Result<void> JUnitParser::finish() { return state_->parse(state_->characters.finish(), true); }

}  // namespace gyre::agent
