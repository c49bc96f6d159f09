#include "adapters/s3/sigv4.h"

#include <gtest/gtest.h>

#include "base/digest.h"

namespace gyre::s3 {
namespace {

// The examples of AWS's documentation: "Signature Calculations for the Authorization Header" and "Authenticating
// Requests: Using Query Parameters" of S3, and the get-vanilla ones of the general test suite.
const Keys example_keys{.access = "AKIAIOSFODNN7EXAMPLE", .secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"};
const Keys suite_keys{.access = "AKIDEXAMPLE", .secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"};
const Timestamp example_time = from_iso("2013-05-24T00:00:00Z").value();
const Timestamp suite_time = from_iso("2015-08-30T12:36:00Z").value();

Wanted example(std::string path, Pairs query, Pairs more, const std::string& body = "", std::string method = "GET") {
    Wanted wanted{.method = std::move(method),
                  .path = std::move(path),
                  .query = std::move(query),
                  .headers = std::move(more),
                  .payload_hash = sha256_hex(body)};
    wanted.headers.emplace_back("host", "examplebucket.s3.amazonaws.com");
    wanted.headers.emplace_back("x-amz-content-sha256", wanted.payload_hash);
    wanted.headers.emplace_back("x-amz-date", amz_date(example_time));
    return wanted;
}

std::string signature_of(const Wanted& wanted) {
    const auto whole = authorization(wanted, {.region = "us-east-1"}, example_keys, example_time);
    return whole.substr(whole.find("Signature=") + 10);
}

TEST(SigV4, signs_the_reading_of_a_range_as_documented) {
    const auto wanted = example("/test.txt", {}, {{"range", "bytes=0-9"}});
    EXPECT_EQ(authorization(wanted, {.region = "us-east-1"}, example_keys, example_time),
              "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, "
              "SignedHeaders=host;range;x-amz-content-sha256;x-amz-date, "
              "Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
}

TEST(SigV4, signs_an_object_with_a_key_that_must_be_encoded_as_documented) {
    const auto wanted =
        example("/test$file.text", {},
                {{"date", "Fri, 24 May 2013 00:00:00 GMT"}, {"x-amz-storage-class", "REDUCED_REDUNDANCY"}},
                "Welcome to Amazon S3.", "PUT");
    EXPECT_EQ(signature_of(wanted), "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd");
}

TEST(SigV4, signs_queries_as_documented) {
    EXPECT_EQ(signature_of(example("/", {{"lifecycle", ""}}, {})),
              "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543");
    EXPECT_EQ(signature_of(example("/", {{"prefix", "J"}, {"max-keys", "2"}}, {})),
              "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7");
}

TEST(SigV4, signs_addresses_for_others_as_documented) {
    const Wanted wanted{.method = "GET",
                        .path = "/test.txt",
                        .headers = {{"host", "examplebucket.s3.amazonaws.com"}},
                        .payload_hash = "UNSIGNED-PAYLOAD"};
    const auto query = presigned_query(wanted, {.region = "us-east-1"}, example_keys, example_time, 86400);
    EXPECT_EQ(query,
              "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2F"
              "aws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host&X-Amz-Signature="
              "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404");
}

TEST(SigV4, signs_the_general_examples) {
    struct Case {
        std::string name, method;
        Pairs query;
        std::string signature;
    };
    const std::vector<Case> cases{
        {"get-vanilla", "GET", {}, "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
        {"post-vanilla", "POST", {}, "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"},
        {"get-vanilla-query-order-key-case",
         "GET",
         {{"Param2", "value2"}, {"Param1", "value1"}},
         "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"},
    };
    for (const auto& [name, method, query, signature] : cases) {
        const Wanted wanted{.method = method,
                            .path = "/",
                            .query = query,
                            .headers = {{"host", "example.amazonaws.com"}, {"x-amz-date", amz_date(suite_time)}},
                            .payload_hash = sha256_hex("")};
        const auto whole = authorization(wanted, {.region = "us-east-1", .service = "service"}, suite_keys, suite_time);
        EXPECT_EQ(whole.substr(whole.find("Signature=") + 10), signature) << name;
    }
}

TEST(SigV4, encodes_every_byte_that_is_not_unreserved) {
    EXPECT_EQ(uri_encode("a b+c/d~e%\xC3\xA4", false), "a%20b%2Bc%2Fd~e%25%C3%A4");
    EXPECT_EQ(uri_encode("a/b c", true), "a/b%20c");
    EXPECT_EQ(query_text({{"b", "2"}, {"a", "x y"}, {"b", "1"}, {"uploads", ""}}), "a=x%20y&b=1&b=2&uploads=");
}

TEST(SigV4, folds_blanks_of_headers) {
    const Wanted wanted{.method = "GET",
                        .path = "/",
                        .headers = {{"host", "h"}, {"x-amz-meta", "  a   b\t c "}},
                        .payload_hash = "UNSIGNED-PAYLOAD"};
    EXPECT_EQ(canonical_request(wanted), "GET\n/\n\nhost:h\nx-amz-meta:a b c\n\nhost;x-amz-meta\nUNSIGNED-PAYLOAD");
}

}  // namespace
}  // namespace gyre::s3
