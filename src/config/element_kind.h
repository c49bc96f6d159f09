#pragma once

// The kinds of what a config or an orb defines under a name to be called (config/elements.h).

#include "base/enum_names.h"

namespace gyre::config {

enum class ElementKind { command, executor, job };
constexpr EnumNames<ElementKind, 3> enum_names(ElementKind) {
    return {{{ElementKind::command, "command"}, {ElementKind::executor, "executor"}, {ElementKind::job, "job"}}};
}

}  // namespace gyre::config
