#include "adapters/s3/owner_mark.h"

#include "adapters/fs/owner_mark.h"
#include "base/digest.h"

namespace gyre::s3 {
namespace {

constexpr std::int64_t longest_mark = 1000;

}  // namespace

Result<std::string> read_mark(Client& client) {
    const auto read = client.read(fs::mark_name, 0, longest_mark);
    if (!read && read.error().fault == Fault::not_found) return std::string();
    if (!read) return read.error();
    auto id = fs::id_in_mark(read->bytes);
    return id ? id : id.error().during(client.name() + ": the object " + fs::mark_name);
}

Result<std::string> put_mark(Client& client, const std::string& installation) {
    GYRE_TRY_ASSIGN(const auto there, read_mark(client));
    if (!there.empty()) return there;
    const std::string text = fs::mark_text(installation);
    GYRE_TRY_ASSIGN(const auto written, client.write_new(fs::mark_name, {text, sha256_hex(text)}));
    if (written == Client::New::unsupported) GYRE_TRY(replace_mark(client, installation));
    GYRE_TRY_ASSIGN(const auto put, read_mark(client));
    if (put.empty()) return unavailable(client.name() + ": another writes " + fs::mark_name + " now, and did not end");
    return put;
}

Result<void> replace_mark(Client& client, const std::string& installation) {
    const std::string text = fs::mark_text(installation);
    return client.write(fs::mark_name, {text, sha256_hex(text)});
}

}  // namespace gyre::s3
