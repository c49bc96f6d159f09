#pragma once

// `matrix`: the combinations of values for which an entry of a workflow is copied.

#include <string>
#include <vector>

#include "config/fields.h"

namespace gyre::config {

struct Matrix {
    std::vector<Arguments>
        copies;         // of each copy its values, by the parameter's name; the first parameter varies slowest
    std::string alias;  // empty: none
};

// `at` is the key `matrix`. Nothing (no copies) after a report.
Matrix read_matrix(Context& context, Value value, Value at);

// "14-linux": the values in the order of the parameters' names, as the names of copies end. An executor with
// arguments is its name and they: "node-14".
std::string joined_values(const Arguments& values);

}  // namespace gyre::config
