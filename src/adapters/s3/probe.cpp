#include "adapters/s3/probe.h"

#include "base/digest.h"
#include "base/random.h"

namespace gyre::s3 {

Result<void> probe(Client& client) {
    const std::string name = random_uuid();
    const std::string key = "probe/" + name;
    GYRE_TRY(client.write(key, {std::string_view(name), sha256_hex(name)}));
    const auto read = client.read(key, 0, std::ssize(name));
    GYRE_TRY(client.remove(key));
    if (!read && read.error().fault == Fault::not_found)
        return unavailable(client.name() + ": what was written is not there right afterwards");
    if (!read) return read.error();
    if (read->bytes != name) return corrupt(client.name() + ": what is read is not what was written");
    return {};
}

}  // namespace gyre::s3
