#include "simulation/trace.h"

namespace gyre::simulation {

void Trace::add(std::string_view line) {
    const auto text = fmt::format("{:9.3f} {}\n", static_cast<double>(time_.elapsed().count()) / 1000, line);
    for (const unsigned char byte : text) fold_ = (fold_ ^ byte) * 1099511628211ULL;  // FNV-1a
    if (tracing_ == Tracing::print) fmt::print("{}", text);
}

}  // namespace gyre::simulation
