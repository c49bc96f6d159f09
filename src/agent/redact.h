#pragma once

// Masks secrets in a stream of output: every occurrence of a form of a secret (agent/secret_forms.h), however it is cut
// into pieces, becomes `****`; secrets that overlap or touch become one mask. One pass, time linear in the output,
// whatever the secrets are (Aho and Corasick's automaton).
//
// Bytes that may be the beginning of a secret are held back, and no others. idle() lets go of them where they are too
// few to give a secret away, so that a prompt without a newline appears: bytes that were let go before count as well,
// so that a secret that comes byte by byte is not told byte by byte.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "agent/secret_forms.h"
#include "model/step.h"

namespace gyre::agent {

// The automaton for a set of texts. Immutable once made: all outputs of a job share it.
class SecretMatcher {
public:
    explicit SecretMatcher(const std::vector<std::string>& texts);  // each of at least shortest_secret bytes
    static std::shared_ptr<const SecretMatcher> for_secrets(const Environment& secrets);

    bool empty() const { return nodes_.size() == 1; }
    // So many bytes of a text's beginning give it away.
    std::size_t telling() const { return telling_; }

private:
    friend class Redactor;
    using Index = std::uint32_t;
    struct Node {
        Index child = 0;    // 0: none
        Index sibling = 0;  // 0: none
        Index fail = 0;
        std::uint32_t depth = 0;    // bytes of a text's beginning that are matched here
        std::uint32_t matched = 0;  // length of the longest text that ends here
        unsigned char byte = 0;
    };
    Index child_of(Index node, unsigned char byte) const;
    Index next(Index node, unsigned char byte) const;
    void insert(std::string_view text);
    void link_failures();
    // The first place from `at` on where a text may begin; bytes.size() when there is none.
    std::size_t skip(std::string_view bytes, std::size_t at) const;

    std::vector<Node> nodes_;
    std::vector<Index> roots_;  // by byte
    // One bit for each pair of bytes: those with which a text begins, and those among the first four bytes of a text.
    std::vector<std::uint64_t> first_pairs_;
    std::vector<std::uint64_t> near_pairs_;
    std::size_t telling_ = shortest_secret;
};

class Redactor {
public:
    using Sink = std::function<void(std::string_view)>;

    explicit Redactor(std::shared_ptr<const SecretMatcher> matcher) : matcher_(std::move(matcher)) {}

    void feed(std::string_view bytes, const Sink& sink);
    bool is_holding() const { return !held_.empty(); }
    void idle(const Sink& sink);  // nothing came for a while
    void end(const Sink& sink);   // nothing will come

private:
    struct Region {
        std::uint64_t begin = 0;  // places in the stream
        std::uint64_t end = 0;
    };
    void mark(Region region);
    void scan(std::string_view bytes);
    // Gives out everything before `until`, of what was held and of `bytes`, which begin at `start`.
    void give(std::uint64_t until, std::string_view bytes, std::uint64_t start, const Sink& sink);

    std::shared_ptr<const SecretMatcher> matcher_;
    SecretMatcher::Index node_ = 0;
    std::uint64_t position_ = 0;   // bytes taken in
    std::uint64_t given_ = 0;      // bytes given out, or masked
    std::uint64_t masked_to_ = 0;  // the end of the last mask given out; 0: none
    std::string held_;             // the bytes [given_, position_)
    std::vector<Region> regions_;  // to be masked, not yet given out, in order, apart from one another
};

}  // namespace gyre::agent
