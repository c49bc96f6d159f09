#include "fuzz/mutation.h"

#include <algorithm>

namespace gyre::fuzz {
namespace {

constexpr std::size_t most_bytes = 64 << 10;

std::size_t below(std::mt19937_64& random, std::size_t limit) { return limit == 0 ? 0 : random() % limit; }

// A short piece, anywhere.
std::string_view piece_of(std::string_view text, std::mt19937_64& random) {
    const std::size_t begin = below(random, text.size() + 1);
    return text.substr(begin, 1 + below(random, random() % 4 == 0 ? 200 : 16));
}

void change(std::string& text, const std::vector<std::string>& seeds, const std::vector<std::string>& words,
            std::mt19937_64& random) {
    const std::size_t at = below(random, text.size() + 1);
    const std::size_t size = piece_of(std::string_view(text).substr(at), random).size();
    switch (random() % 8) {
        case 0:
            text.replace(at, std::min<std::size_t>(1, text.size() - at), 1, static_cast<char>(random()));
            break;
        case 1:
            text.erase(at, size);
            break;
        case 2:
            text.insert(at, text.substr(at, size));
            break;
        case 3:
            text.insert(at, std::string(piece_of(text, random)));
            break;
        case 4:
            text.insert(at, std::string(piece_of(seeds[below(random, seeds.size())], random)));
            break;
        case 5:
            text.replace(at, size, std::string(piece_of(text, random)));
            break;
        default:
            if (!words.empty()) text.insert(at, words[below(random, words.size())]);
            break;
    }
    if (random() % 64 == 0) {
        const std::string piece(piece_of(text, random));
        for (int i = 0; i < 100; ++i) text.insert(at, piece);
    }
}

}  // namespace

std::string mutated(std::string_view seed, const std::vector<std::string>& seeds, const std::vector<std::string>& words,
                    std::mt19937_64& random) {
    std::string text(seed);
    for (std::size_t left = 1 + below(random, 6); left > 0; --left) {
        if (text.size() > most_bytes) text.resize(most_bytes);
        change(text, seeds, words, random);
    }
    return text;
}

}  // namespace gyre::fuzz
