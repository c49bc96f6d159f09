#include <fmt/format.h>

#include <memory>

#include "apps/gyre/cli.h"
#include "apps/gyre/terminal.h"

namespace gyre::apps {

void add_logs_command(CLI::App&, Cli&) {}

}  // namespace gyre::apps
