#include "identity/private_ssh_key.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <filesystem>
#include <fstream>
#include <memory>

#include "base/process.h"
#include "base/random.h"
#include "identity/ssh_key_blob.h"
#include "identity/test_keys.h"
#include "model/secret.h"

namespace gyre::identity {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;

Key rsa(std::size_t bits) { return {EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", bits), EVP_PKEY_free}; }
Key curve(const char* name) { return {EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", name), EVP_PKEY_free}; }
Key other(const char* kind) { return {EVP_PKEY_Q_keygen(nullptr, nullptr, kind), EVP_PKEY_free}; }

template <typename Write>
std::string pem_of(Write write) {
    const std::unique_ptr<BIO, decltype(&BIO_free)> memory(BIO_new(BIO_s_mem()), BIO_free);
    write(memory.get());
    char* text = nullptr;
    const auto size = BIO_get_mem_data(memory.get(), &text);
    return {text, static_cast<std::size_t>(size)};
}
std::string pkcs8(const Key& key, const EVP_CIPHER* cipher = nullptr) {
    return pem_of([&](BIO* out) {
        PEM_write_bio_PKCS8PrivateKey(out, key.get(), cipher, cipher ? "word" : nullptr, cipher ? 4 : 0, nullptr,
                                      nullptr);
    });
}
std::string older_pem(const Key& key) {
    return pem_of(
        [&](BIO* out) { PEM_write_bio_PrivateKey_traditional(out, key.get(), nullptr, nullptr, 0, nullptr, nullptr); });
}

std::string with_windows_lines(const std::string& text) {
    std::string windows;
    for (const char c : text) windows += c == '\n' ? "\r\n" : std::string(1, c);
    return windows;
}

// OpenSSH's own programs, as judges.
class BySshKeygen : public testing::Test {
protected:
    void SetUp() override {
        const auto there = run({.argv = {"sh", "-c", "command -v ssh-keygen"}});
        if (!there || there->exit_code != 0) GTEST_SKIP() << "needs ssh-keygen: it judges the forms of keys";
        std::filesystem::create_directories(folder_);
    }
    void TearDown() override { std::filesystem::remove_all(folder_); }
    std::string ask(std::vector<std::string> words) {
        words.insert(words.begin(), "ssh-keygen");
        const auto done = run({.argv = words});
        EXPECT_TRUE(done && done->exit_code == 0) << (done ? done->err : done.error().message);
        return done ? done->out : "";
    }
    std::string write(const std::string& text) {
        std::ofstream(file_) << text;
        std::filesystem::permissions(file_, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
        return file_;
    }
    void expect_agreement(const PrivateSshKey& key) {
        write(key.text);
        EXPECT_THAT(ask({"-y", "-P", "", "-f", file_}), StartsWith(key.public_line()));
        std::ofstream(file_ + ".pub") << key.public_line() << "\n";
        EXPECT_THAT(ask({"-l", "-E", "md5", "-f", file_ + ".pub"}), HasSubstr(" MD5:" + key.md5() + " "));
        EXPECT_THAT(ask({"-l", "-E", "sha256", "-f", file_ + ".pub"}), HasSubstr(" " + key.sha256() + " "));
    }
    const std::string folder_ = std::filesystem::temp_directory_path() / ("gyre-ssh-key-" + random_token(8));
    const std::string file_ = folder_ + "/key";
};

TEST_F(BySshKeygen, keys_that_openssl_wrote_are_what_we_take_them_for) {
    for (const auto& text : {pkcs8(rsa(2048)), older_pem(rsa(2048)), pkcs8(curve("P-256")), older_pem(curve("P-384")),
                             pkcs8(curve("P-521")), ed25519_pkcs8('\1'), with_windows_lines(older_pem(rsa(2048)))}) {
        const auto key = read_private_ssh_key(text);
        ASSERT_TRUE(key.ok()) << key.error().message;
        expect_agreement(*key);
    }
}

TEST_F(BySshKeygen, its_own_keys_are_what_we_take_them_for) {
    for (const char* kind : {"ed25519", "ecdsa", "rsa"}) {
        std::filesystem::remove(file_);
        ask({"-q", "-t", kind, "-N", "", "-C", "a comment", "-f", file_});
        std::ifstream in(file_);
        const auto key = read_private_ssh_key(std::string(std::istreambuf_iterator<char>(in), {}));
        ASSERT_TRUE(key.ok()) << key.error().message;
        expect_agreement(*key);
    }
}

TEST_F(BySshKeygen, a_key_with_a_passphrase_is_refused) {
    ask({"-q", "-t", "ed25519", "-N", "password", "-f", file_});
    std::ifstream in(file_);
    const auto key = read_private_ssh_key(std::string(std::istreambuf_iterator<char>(in), {}));
    ASSERT_FALSE(key.ok());
    EXPECT_THAT(key.error().message, HasSubstr("passphrase"));
}

// Of the private key whose 32 bytes are 1; ssh-keygen -l says the same.
TEST(PrivateSshKey, has_the_fingerprints_that_openssh_shows) {
    const auto key = read_private_ssh_key(ed25519_pkcs8('\1')).value();
    EXPECT_EQ(key.public_line(), "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIqI4910CfGV/VLbLTy6XXLKZwm/HZQSG/N0iAG0D29c");
    EXPECT_EQ(key.md5().size(), 47U);
    EXPECT_THAT(key.sha256(), StartsWith("SHA256:"));
    EXPECT_THAT(key.text, StartsWith("-----BEGIN OPENSSH PRIVATE KEY-----\n"));
}

TEST(PrivateSshKey, is_the_same_however_its_lines_end_and_when_it_is_read_again) {
    const auto once = read_private_ssh_key(ed25519_pkcs8('\1')).value();
    const auto again = read_private_ssh_key("\n\n  " + with_windows_lines(once.text) + "\r\n \n").value();
    EXPECT_EQ(again.text, once.text);
    EXPECT_EQ(again.public_blob, once.public_blob);
}

std::string openssh_form(const std::string& container) {
    return "-----BEGIN OPENSSH PRIVATE KEY-----\n" + to_base64(container) + "\n-----END OPENSSH PRIVATE KEY-----\n";
}

// A container with these fields.
std::string container(const std::string& cipher, std::uint32_t keys, const std::string& shown,
                      const std::string& secret, const std::string& rest = "") {
    std::string all("openssh-key-v1\0", 15);
    for (const auto& text : {cipher, std::string("none"), std::string()}) put_text(all, text);
    put_number(all, keys);
    put_text(all, shown);
    put_text(all, secret);
    return all + rest;
}

TEST(PrivateSshKey, that_is_none_is_refused_with_a_reason_that_holds_nothing_of_it) {
    const std::string whole = ed25519_container(std::string(32, 's'), std::string(32, 'p'));
    const std::string shown = ed25519_public(std::string(32, 'p'));
    std::string secret;
    put_number(secret, 7);
    put_number(secret, 7);
    secret += shown;
    std::string torn = secret;
    torn[0] = 'x';
    std::string dsa;
    put_text(dsa, "ssh-dss");
    std::string secret_dsa(8, '\0');
    secret_dsa += dsa;
    const std::string short_key = ed25519_public(std::string(31, 'p'));
    const std::string good = ed25519_pkcs8('\1');
    const std::vector<std::pair<std::string, std::string>> cases{
        {"", "no private SSH key"},
        {" \r\n\n", "no private SSH key"},
        {"hunter2", "no private SSH key"},
        {"hunter2" + std::string(1, '\0') + good, "no private SSH key"},
        {"hunter2 \xc3\xa4\n" + good, "no private SSH key"},
        {"ssh-ed25519 AAAAhunter2", "public part"},
        {good + good, "one SSH key"},
        {"hunter2\n" + good, "no private SSH key"},
        {good + "hunter2\n", "no private SSH key"},
        {good.substr(0, good.size() - 30), "no private SSH key"},
        {"-----BEGIN PRIVATE KEY-----\nhunter2\n-----END PRIVATE KEY-----\n", "no private SSH key"},
        {"-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----\n", "no private SSH key"},
        {"-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA\n-----END PUBLIC KEY-----\n", "no private SSH key"},
        {"-----BEGIN CERTIFICATE-----\nhunter2\n-----END CERTIFICATE-----\n", "no private SSH key"},
        {pkcs8(other("X25519")), "ed25519, ECDSA or RSA"},
        {pkcs8(curve("secp256k1")), "ed25519, ECDSA or RSA"},
        {pkcs8(rsa(1024)), "2048 bits"},
        {pkcs8(rsa(2048), EVP_aes_256_cbc()), "passphrase"},
        {"-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\nAAAA\n-----END RSA "
         "PRIVATE KEY-----\n",
         "passphrase"},
        {openssh_form(""), "damaged"},
        {openssh_form("hunter2"), "damaged"},
        {openssh_form(whole.substr(0, 20)), "damaged"},
        {openssh_form(whole.substr(0, whole.size() - 1)), "damaged"},
        {openssh_form(container("aes256-ctr", 1, shown, secret)), "passphrase"},
        {openssh_form(container("none", 0, shown, secret)), "one SSH key"},
        {openssh_form(container("none", 2, shown, secret)), "one SSH key"},
        {openssh_form(container("none", 1, shown, secret, "more")), "damaged"},
        {openssh_form(container("none", 1, shown, "")), "damaged"},
        {openssh_form(container("none", 1, "", secret)), "damaged"},
        {openssh_form(container("none", 1, shown, torn)), "damaged"},
        {openssh_form(container("none", 1, ed25519_public(std::string(32, 'q')), secret)), "damaged"},
        {openssh_form(container("none", 1, dsa, secret)), "damaged"},
        {openssh_form(container("none", 1, dsa, secret_dsa)), "ed25519, ECDSA or RSA"},
        {openssh_form(container("none", 1, short_key, std::string(8, '\0') + short_key)), "ed25519, ECDSA or RSA"},
        {"-----BEGIN OPENSSH PRIVATE KEY-----\n***\n-----END OPENSSH PRIVATE KEY-----\n", "no private SSH key"},
    };
    for (const auto& [text, reason] : cases) {
        const auto key = read_private_ssh_key(text);
        ASSERT_FALSE(key.ok()) << text;
        EXPECT_EQ(key.error().fault, Fault::invalid) << text;
        EXPECT_THAT(key.error().message, HasSubstr(reason)) << text;
        EXPECT_THAT(key.error().message, Not(HasSubstr("hunter2")));
    }
    EXPECT_EQ(read_private_ssh_key(std::string(largest_ssh_key + 1, 'x')).error().fault, Fault::too_large);
    EXPECT_EQ(read_private_ssh_key(good + std::string(largest_ssh_key, '\n')).error().fault, Fault::too_large);
}

TEST(PrivateSshKey, cut_off_anywhere_is_refused_and_nothing_else_happens) {
    const std::string whole = ed25519_container(std::string(32, 's'), std::string(32, 'p'));
    for (std::size_t length = 0; length < whole.size(); ++length)
        EXPECT_FALSE(public_part(whole.substr(0, length)).ok()) << length;
    EXPECT_EQ(public_part(whole).value(), ed25519_public(std::string(32, 'p')));
}

}  // namespace
}  // namespace gyre::identity
