// The small parts: where a bucket is, keys, and XML from outside.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "adapters/s3/credentials.h"
#include "adapters/s3/location.h"
#include "adapters/s3/xml.h"
#include "ports/contract/temp_folder.h"

namespace gyre::s3 {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(S3Location, is_amazons_with_the_bucket_in_the_name_unless_told_otherwise) {
    const auto plain = Location::parse({.url = "s3://bucket/a/b/", .region = "eu-central-1"}).value();
    EXPECT_EQ(plain.origin(), "https://bucket.s3.eu-central-1.amazonaws.com");
    EXPECT_EQ(plain.object_path("x/y"), "/a/b/x/y");
    EXPECT_EQ(plain.bucket_path(), "/");
    const auto dotted = Location::parse({.url = "s3://my.bucket"}).value();
    EXPECT_EQ(dotted.origin(), "https://s3.us-east-1.amazonaws.com");
    EXPECT_EQ(dotted.object_path("x"), "/my.bucket/x");
    const auto china = Location::parse({.url = "s3://bucket", .region = "cn-north-1"}).value();
    EXPECT_EQ(china.host(), "bucket.s3.cn-north-1.amazonaws.com.cn");
}

TEST(S3Location, has_the_bucket_in_the_path_elsewhere) {
    const auto other = Location::parse({.url = "s3://bucket", .endpoint = "https://s3.example.com:9000/"}).value();
    EXPECT_EQ(other.origin(), "https://s3.example.com:9000");
    EXPECT_EQ(other.object_path("x"), "/bucket/x");
    const auto named =
        Location::parse({.url = "s3://bucket", .endpoint = "https://s3.example.com:443", .addressing = "host"}).value();
    EXPECT_EQ(named.origin(), "https://bucket.s3.example.com") << "clients leave the scheme's own port out";
    EXPECT_FALSE(Location::parse({.url = "s3://bucket", .endpoint = "http://minio:9000"}).value().encrypted());
}

TEST(S3Location, refuses_what_it_cannot_be) {
    const std::vector<LocationText> cases{
        {.url = ""},
        {.url = "bucket"},
        {.url = "s3://"},
        {.url = "s3://ab"},
        {.url = "s3://bucket name"},
        {.url = "s3://bucket/a b"},
        {.url = "s3://bucket//a"},
        {.url = "s3://bucket/a//b"},
        {.url = "s3://bucket/../b"},
        {.url = "s3://bucket/a?b"},
        {.url = "s3://" + std::string(64, 'b')},
        {.url = "s3://bucket/" + std::string(700, 'b')},
        {.url = "s3://bucket", .endpoint = "ftp://host"},
        {.url = "s3://bucket", .endpoint = "https://"},
        {.url = "s3://bucket", .endpoint = "https://key:secret@host"},
        {.url = "s3://bucket", .endpoint = "https://host/path"},
        {.url = "s3://bucket", .region = "eu central"},
        {.url = "s3://bucket", .addressing = "virtual"},
    };
    for (const auto& one : cases) {
        const auto parsed = Location::parse(one);
        ASSERT_FALSE(parsed.ok()) << one.url << " " << one.endpoint;
        EXPECT_EQ(parsed.error().fault, Fault::invalid);
    }
}

class KeyFile : public testing::Test {
protected:
    std::string write(const std::string& text, mode_t mode = 0600) {
        std::ofstream(path_) << text;
        ::chmod(path_.c_str(), mode);
        return path_;
    }
    contract::TempFolder folder_;
    const std::string path_ = folder_.path() / "keys";
};

TEST_F(KeyFile, is_read_as_amazons_own_tools_read_it) {
    const auto keys = read_key_file(write(
        "# ours\n[other]\naws_access_key_id=NO\n[default]\r\naws_access_key_id = AK \naws_secret_access_key=a/b+c=\n"
        "aws_session_token= t\nregion = x\n"));
    ASSERT_TRUE(keys.ok()) << keys.error().message;
    EXPECT_EQ(keys->access, "AK");
    EXPECT_EQ(keys->secret, "a/b+c=");
    EXPECT_EQ(keys->token, "t");
    EXPECT_EQ(read_key_file(write("aws_access_key_id=AK\naws_secret_access_key=s"))->secret, "s");
}

TEST_F(KeyFile, is_refused_when_others_may_read_it_or_nothing_is_in_it) {
    const std::string good = "aws_access_key_id=AK\naws_secret_access_key=sesame\n";
    EXPECT_THAT(read_key_file(write(good, 0644)).error().message, HasSubstr("chmod 600"));
    EXPECT_THAT(read_key_file(write("nothing")).error().message, HasSubstr("names no aws_access_key_id"));
    EXPECT_THAT(read_key_file(write(good + "aws_session_token = a\x01z")).error().message, Not(HasSubstr("sesame")));
    EXPECT_EQ(read_key_file(write(std::string(70'000, 'x'))).error().fault, Fault::too_large);
    EXPECT_FALSE(read_key_file(folder_.path() / "nowhere").ok());
    EXPECT_FALSE(read_key_file(folder_.path()).ok());
}

TEST(S3Credentials, say_where_keys_may_come_from_when_there_are_none) {
    Credentials none({.file = {}, .environment = {}, .metadata = {}});
    EXPECT_THAT(none.keys(Timestamp{}).error().message, HasSubstr("objects_credentials"));
    Credentials nobody({.file = {}, .environment = {}, .metadata = "http://127.0.0.1:1"});
    EXPECT_THAT(nobody.keys(Timestamp{}).error().message, HasSubstr("the instance metadata service does not answer"));
}

TEST(S3Xml, becomes_a_tree) {
    const auto parsed =
        parse_xml("<?xml version=\"1.0\"?><a:R xmlns:a=\"u\"><K>x &amp; y</K><L><K>z</K></L><K/></a:R>");
    ASSERT_TRUE(parsed.ok());
    EXPECT_EQ(parsed->name, "R");
    EXPECT_EQ(parsed->text_of("K"), "x & y");
    EXPECT_EQ(parsed->child("L")->text_of("K"), "z");
    EXPECT_EQ(parsed->children.size(), 3U);
    EXPECT_EQ(parsed->child("nothing"), nullptr);
}

TEST(S3Xml, is_refused_when_it_is_hostile) {
    std::string deep;
    for (int i = 0; i < 100; ++i) deep += "<a>";
    std::string many = "<a>";
    for (int i = 0; i < 60'000; ++i) many += "<b/>";
    for (const std::string& text : {std::string(), std::string("<a>"), std::string("no"), std::string("<a></b>"), deep,
                                    many + "</a>", std::string("<!DOCTYPE a [<!ENTITY e \"x\">]><a>&e;</a>"),
                                    std::string("<a>\x01</a>"), std::string("<a/><b/>")})
        EXPECT_FALSE(parse_xml(text).ok()) << text.substr(0, 50);
    EXPECT_EQ(xml_escape("<\"&>"), "&lt;&quot;&amp;&gt;");
}

}  // namespace
}  // namespace gyre::s3
