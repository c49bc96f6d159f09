#pragma once

// Looks at the records of an installation for what can never be. Reads everything; changes nothing. Call it within a
// transaction that sees one snapshot.

#include <functional>
#include <string>
#include <vector>

#include "adapters/sql/database.h"
#include "base/result.h"
#include "ports/blob_store.h"
#include "ports/output_store.h"

namespace gyre::apps {

struct Finding {
    std::string rule;      // short and stable, for programs
    std::string sentence;  // for people: what is wrong, and with what
};

// The database by itself: whole, references lead somewhere, each workflow keeps its law (workflow/check.h), nothing
// that has ended still runs. After `most` findings it stops.
Result<std::vector<Finding>> examine_records(sql::Database& database, std::size_t most = 200);

// A blob that records name. `bytes` as recorded; one name may come several times.
struct NamedBlob {
    std::string table;
    std::string name;
    std::int64_t bytes = 0;
};
Result<void> each_named_blob(sql::Database& database, const std::function<Result<void>(const NamedBlob&)>& act);

// Outputs of finished attempts that are shorter than their record says. `raw`: those that are not sealed; the blobs of
// sealed ones are looked at as all blobs are.
Result<std::vector<Finding>> examine_outputs(sql::Database& database, OutputStore& raw, std::size_t most = 200);

}  // namespace gyre::apps
