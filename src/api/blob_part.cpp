#include "api/blob_part.h"

#include <algorithm>
#include <utility>

#include "httpd/message.h"

namespace gyre::api {
namespace {

constexpr std::size_t piece_size = 128 * 1024;

httpd::Response out_of_range(const BlobPart& part) {
    auto answer = httpd::message_answer(416, "There are " + std::to_string(part.size) + " bytes.");
    return std::move(answer).with("content-range", httpd::content_range(part.range, part.size));
}

void describe(const BlobPart& part, httpd::Response& head) {
    head.with("content-length", std::to_string(part.range.length)).with("accept-ranges", "bytes");
    if (part.range.kind != httpd::RangeKind::part) return;
    head.status = 206;
    head.with("content-range", httpd::content_range(part.range, part.size));
}

}  // namespace

Result<BlobPart> open_part(BlobStore& blobs, const std::string& blob, const httpd::Request& request) {
    BlobPart part;
    GYRE_TRY_ASSIGN(part.reader, blobs.open(blob));
    part.size = part.reader->size();
    part.range = httpd::range_of(request, part.size);
    if (part.range.kind == httpd::RangeKind::part && part.range.from > 0) {
        GYRE_TRY_ASSIGN(part.reader, blobs.open(blob, part.range.from));
    }
    return part;
}

httpd::Task<void> send_part(httpd::Exchange& exchange, BlobPart part, httpd::Response head) {
    if (part.range.kind == httpd::RangeKind::unsatisfiable) {
        auto refusing = exchange.answer(out_of_range(part));
        co_await refusing;
        co_return;
    }
    describe(part, head);
    auto left = static_cast<std::size_t>(part.range.length);
    auto beginning = exchange.begin(std::move(head));
    bool more = co_await beginning;
    while (more && left > 0) {
        auto reading = httpd::on_worker(exchange, [&] { return part.reader->read(std::min(piece_size, left)); });
        auto piece = co_await reading;
        if (!piece || piece->empty()) {
            exchange.abort();
            co_return;
        }
        left -= piece->size();
        auto writing = exchange.write(std::move(*piece));
        more = co_await writing;
    }
}

}  // namespace gyre::api
