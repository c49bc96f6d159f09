#include "model/ssh_key.h"

#include <gtest/gtest.h>

#include "base/digest.h"

namespace gyre {
namespace {

const std::string ed25519 = "AAAAC3NzaC1lZDI1NTE5AAAAIJ8WCoVfBb8QlT5mN2yYpDdZ0YyRZk0v6n1J0mV9r1Qk";

std::string field(const std::string& bytes) {
    std::string text;
    for (int shift = 24; shift >= 0; shift -= 8) text += static_cast<char>(bytes.size() >> shift & 0xff);
    return text + bytes;
}

std::string line(const std::string& type, const std::string& rest) {
    return type + ' ' + to_base64(field(type) + rest);
}

std::string rsa(std::size_t bytes, const std::string& exponent = std::string("\x01\0\x01", 3)) {
    return line("ssh-rsa", field(exponent) + field(std::string(1, '\0') + std::string(bytes, '\xc1')));
}

std::string refusal(const std::string& text) {
    const auto key = parse_ssh_key(text);
    return key ? "taken" : key.error().message;
}

TEST(SshKey, is_read_as_ssh_keygen_writes_it) {
    const auto key = parse_ssh_key("ssh-ed25519 " + ed25519 + " ann@laptop of hers\n");
    ASSERT_TRUE(key) << key.error().message;
    EXPECT_EQ(key->type, "ssh-ed25519");
    EXPECT_EQ(key->blob, ed25519);
    EXPECT_EQ(key->comment, "ann@laptop of hers");
    EXPECT_EQ(key->line(), "ssh-ed25519 " + ed25519);
    EXPECT_TRUE(key->fingerprint.starts_with("SHA256:")) << key->fingerprint;
    EXPECT_EQ(key->fingerprint.size(), 7u + 43u);
}

TEST(SshKey, is_taken_in_every_type_that_is_strong_enough) {
    for (const std::string& good :
         {line("ssh-ed25519", field(std::string(32, 'x'))), rsa(256), rsa(512), rsa(2048),
          line("ecdsa-sha2-nistp256", field("nistp256") + field('\x04' + std::string(64, 'x'))),
          line("ecdsa-sha2-nistp384", field("nistp384") + field('\x04' + std::string(96, 'x'))),
          line("ecdsa-sha2-nistp521", field("nistp521") + field('\x04' + std::string(132, 'x'))),
          line("sk-ssh-ed25519@openssh.com", field(std::string(32, 'x')) + field("ssh:")),
          line("sk-ecdsa-sha2-nistp256@openssh.com",
               field("nistp256") + field('\x04' + std::string(64, 'x')) + field("ssh:"))}) {
        EXPECT_EQ(refusal(good), "taken") << good;
    }
    EXPECT_EQ(refusal("  ssh-ed25519\t" + ed25519 + "\r\n"), "taken");
}

struct Bad {
    const char* what;
    std::string text;
    const char* says;
};

std::vector<Bad> bad_keys() {
    const std::string good = "ssh-ed25519 " + ed25519;
    std::string other_bits = ed25519;
    other_bits.back() = 'l';
    return {
        {"nothing", "", "there is no key"},
        {"blanks", " \n\t ", "there is no key"},
        {"a type alone", "ssh-ed25519", "not the base64"},
        {"no type", ed25519, "does not begin with a type"},
        {"options", "no-pty,command=\"id\" " + good, "options before it are not taken"},
        {"a file of two keys", good + "\n" + good, "one key at a time"},
        {"a hidden second line", good + " a\rssh-rsa x", "one key at a time"},
        {"a NUL", good + std::string(" a\0b", 4), "bytes that are no text"},
        {"an escape", good + " \x1b[2Ja", "bytes that are no text"},
        {"no UTF-8", good + " \xff", "bytes that are no text"},
        {"a private key", "-----BEGIN OPENSSH PRIVATE KEY-----\nabc\n", "nobody but you"},
        {"a certificate", "ssh-ed25519-cert-v01@openssh.com " + ed25519, "a certificate"},
        {"DSA", "ssh-dss " + ed25519, "too weak"},
        {"a PEM key", "-----BEGIN PUBLIC KEY----- x", "does not begin with a type"},
        {"another type's bytes", "ssh-rsa " + ed25519, "not of the type"},
        {"a bad character", "ssh-ed25519 " + ed25519.substr(0, 20) + "!" + ed25519.substr(21), "not the base64"},
        {"URL base64", "ssh-ed25519 " + ed25519.substr(0, 20) + "-" + ed25519.substr(21), "not the base64"},
        {"too much padding", good + "=", "not the base64"},
        {"padding within", "ssh-ed25519 AAAA====" + ed25519, "not the base64"},
        {"cut short", good.substr(0, good.size() - 4), "no key of Ed25519"},
        {"cut in the length", "ssh-ed25519 AAAA", "cut short"},
        {"a length beyond the end", line("ssh-ed25519", std::string("\xff\xff\xff\xff", 4)), "no key of Ed25519"},
        {"something behind", line("ssh-ed25519", field(std::string(32, 'x')) + "y"), "something follows"},
        {"a key of 31 bytes", line("ssh-ed25519", field(std::string(31, 'x'))), "no key of Ed25519"},
        {"RSA of 1024 bits", rsa(128), "2048 bits or more, this one has 1024"},
        {"RSA of 16392 bits", rsa(2049), "16384 bits at most"},
        {"RSA without a modulus", line("ssh-rsa", field("\x03")), "cut short"},
        {"RSA with exponent 1", rsa(256, "\x01"), "no key of RSA"},
        {"RSA with an even exponent", rsa(256, "\x04"), "no key of RSA"},
        {"RSA with a modulus below zero", line("ssh-rsa", field("\x03") + field(std::string(256, '\xc1'))),
         "no key of RSA"},
        {"RSA with zeros in front",
         line("ssh-rsa", field("\x03") + field(std::string(2, '\0') + std::string(256, '\xc1'))), "no key of RSA"},
        {"another curve", line("ecdsa-sha2-nistp256", field("nistp384") + field('\x04' + std::string(64, 'x'))),
         "no key of nistp256"},
        {"a packed point", line("ecdsa-sha2-nistp256", field("nistp256") + field('\x02' + std::string(64, 'x'))),
         "no key of nistp256"},
        {"an empty point", line("ecdsa-sha2-nistp256", field("nistp256") + field("")), "no key of nistp256"},
        {"no application", line("sk-ssh-ed25519@openssh.com", field(std::string(32, 'x'))), "application"},
        {"a long comment", good + " " + std::string(251, 'c'), "250 bytes"},
        {"a huge text", good + " " + std::string(20'000, 'c'), "16 kB"},
    };
}

TEST(SshKey, is_refused_in_every_other_form_with_a_sentence_that_helps) {
    for (const auto& bad : bad_keys()) {
        EXPECT_NE(refusal(bad.text).find(bad.says), std::string::npos) << bad.what << ": " << refusal(bad.text);
        EXPECT_NE(refusal(bad.text).find(".pub"), std::string::npos) << bad.what;
    }
}

}  // namespace
}  // namespace gyre
