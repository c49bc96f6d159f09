#pragma once

// The bytes of a blob as an answer: all of them, or the one range that the request asks for (206, 416).

#include <memory>
#include <string>

#include "httpd/exchange.h"
#include "httpd/range.h"
#include "ports/blob_store.h"

namespace gyre::api {

struct BlobPart {
    std::int64_t size = 0;  // of the whole
    httpd::Range range;
    std::unique_ptr<BlobReader> reader;  // none where the range is unsatisfiable
};

Result<BlobPart> open_part(BlobStore& blobs, const std::string& blob, const httpd::Request& request);

// `head`: what the caller says of the bytes; length, range and status are added.
httpd::Task<void> send_part(httpd::Exchange& exchange, BlobPart part, httpd::Response head);

}  // namespace gyre::api
