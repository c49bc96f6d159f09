#include "adapters/postgres/placeholders.h"

namespace gyre::postgres {

std::string with_numbered_parameters(std::string_view sql) {
    std::string numbered;
    numbered.reserve(sql.size() + 16);
    int count = 0;
    char quote = 0;
    for (const char c : sql) {
        if (quote != 0) {
            if (c == quote) quote = 0;
        } else if (c == '\'' || c == '"') {
            quote = c;
        }
        if (c == '?' && quote == 0) {
            numbered += "$" + std::to_string(++count);
        } else {
            numbered += c;
        }
    }
    return numbered;
}

}  // namespace gyre::postgres
