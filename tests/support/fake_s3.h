#pragma once

// A store that speaks S3's protocol on a port of its own, strict where S3 is documented to be: it computes every
// signature again from what came over the wire, refuses clocks that are off, bodies that do not hash to what was
// signed, parts that are too small or unknown, and it misbehaves on request. It keeps everything in memory.
// Thread-safe.

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace gyre::test {

struct FakeS3Settings {
    std::string access = "AKFAKE";
    std::string secret = "fake/secret+key";
    std::string token;  // of a session; empty: none is accepted
    std::string region = "eu-central-1";
    std::string bucket = "gyre-test";
    std::size_t least_part = 5 << 20;
    bool knows_conditions = true;  // If-None-Match of what is written; else 501
};

enum class Trouble {
    internal_error,  // 500, and nothing is done
    slow_down,       // 503
    too_many,        // 429 with Retry-After
    cut_before,      // the connection ends, and nothing was done
    cut_after,       // the same, after it was done
    cut_within,      // half of the answer's body comes
    error_in_ok,     // "200", and its body is an error
    nothing_in_ok,   // "200" with an empty body
    another_writes,  // 409 ConditionalRequestConflict
    lost_upload,     // 404 NoSuchUpload
    wrong_tag,       // the answer's ETag is of something else
    other_bytes,     // the answer's body is of the right length, and wrong
    moved,           // 301 to another region
    denied,          // 403
    expired,         // 400 ExpiredToken
    skewed,          // 403 RequestTimeTooSkewed
    not_xml,         // 500 with a page for people
};

class FakeS3 {
public:
    explicit FakeS3(FakeS3Settings settings = {});
    ~FakeS3();

    std::string endpoint() const;        // http://127.0.0.1:<port>
    std::string named_endpoint() const;  // http://localhost:<port>, for buckets in the host's name
    const FakeS3Settings& settings() const;

    // The next `times` calls whose name begins with `call` ("PutObject", "PutObject objects/ab") are answered so.
    void misbehave(const std::string& call, Trouble trouble, int times = 1);
    // The next call of that name after `calls` others of it, and all that follow.
    void misbehave_after(const std::string& call, int calls, Trouble trouble);
    void behave();       // from now on
    void stand_still();  // nobody is answered, until
    void go_on();
    int held() const;  // calls that stand still

    std::vector<std::string> calls() const;  // "<operation> <key>", in their order
    int count(const std::string& call) const;
    std::map<std::string, std::string> objects() const;                           // by key
    std::map<std::string, std::string> headers_of(const std::string& key) const;  // x-amz-* as it was written with
    void put(const std::string& key, const std::string& bytes);
    void erase(const std::string& key);
    void age(std::chrono::seconds by);  // all that is there becomes older
    void forget_uploads();
    std::size_t uploads() const;  // begun, and neither ended nor forgotten
    void use_keys(const std::string& access, const std::string& secret);
    std::vector<std::string> refusals() const;  // codes of errors that it gave of its own

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace gyre::test
