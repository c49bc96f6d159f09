#pragma once

// Whose objects stand in a directory: a file `installation` beside them with one line, the id of the installation
// (adapters/sql/installation_record.h), a UUID in lower case. A bucket has an object of that name and text
// (adapters/s3/owner_mark.h), so that a directory may be copied into it as it is. What is put is durable on return,
// and belongs to the owner of the directory when root puts it.
//
// Errors: corrupt (what stands there is no mark), unavailable; each names the path.

#include <string>
#include <string_view>

#include "adapters/fs/folder.h"
#include "base/result.h"

namespace gyre::fs {

inline constexpr const char* mark_name = "installation";

std::string mark_text(const std::string& installation);
// The id in the text of a mark. corrupt: there is none.
Result<std::string> id_in_mark(std::string_view text);

// Empty: they are nobody's yet.
Result<std::string> read_mark(const Folder& folder);
// Puts a mark unless one is there; of several who do so at once one is first. Answers whose is there.
Result<std::string> put_mark(const Folder& folder, const std::string& installation);
// Whatever is there.
Result<void> replace_mark(const Folder& folder, const std::string& installation);

}  // namespace gyre::fs
