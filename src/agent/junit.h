#pragma once

// Reads JUnit XML as test runners write it (pytest, jest-junit, surefire, gtest, go-junit-report, ...): lenient about
// what is missing, strict about what is dangerous. Documents come from the job and may be hostile: entity declarations
// are refused, depth, size of texts and number of cases are bounded. Feeds of any size; one parser a document.

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "model/records.h"

namespace gyre::agent {

inline constexpr std::size_t longest_test_message = 16 << 10;
inline constexpr std::size_t longest_test_name = 4 << 10;
inline constexpr int deepest_test_xml = 64;
// Bytes of a tag with its attributes, or of a comment: the parser keeps them until they end.
inline constexpr std::int64_t longest_test_tag = 4 << 20;

class JUnitParser {
public:
    using Take = std::function<void(TestCase&&)>;

    // `source` is the name of the report where its suites have none. `take` gets each case when it is complete.
    JUnitParser(std::string source, Take take);
    ~JUnitParser();

    // `invalid` names line and column, and ends the document: cases before it stand.
    Result<void> feed(std::string_view bytes);
    Result<void> finish();

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace gyre::agent
