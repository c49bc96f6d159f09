#include "agent/redact.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/secret_forms.h"
#include "base/digest.h"

namespace gyre::agent {
namespace {

using testing::Contains;
using testing::HasSubstr;

struct Texts {
    std::vector<std::string> all;
};

// A redactor with its output, fed in pieces.
class Stream {
public:
    explicit Stream(const Environment& secrets) : redactor_(SecretMatcher::for_secrets(secrets)) {}
    explicit Stream(const Texts& texts) : redactor_(std::make_shared<SecretMatcher>(texts.all)) {}
    Stream& feed(std::string_view bytes) {
        redactor_.feed(bytes, sink_);
        return *this;
    }
    Stream& idle() {
        redactor_.idle(sink_);
        return *this;
    }
    std::string end() {
        redactor_.end(sink_);
        return std::move(out_);
    }
    const std::string& shown() const { return out_; }

private:
    std::string out_;
    Redactor::Sink sink_ = [this](std::string_view bytes) { out_ += bytes; };
    Redactor redactor_;
};

std::string masked(const std::string& secret, std::string_view text) {
    return Stream(Environment{{"S", secret}}).feed(text).end();
}

TEST(Redactor, masks_every_form_in_which_a_secret_appears) {
    const std::string secret = "p@ss w\"o'rd/+%";
    struct Case {
        const char* what;
        std::string text;
    };
    const std::vector<Case> cases{
        {"plain", secret},
        {"twice", secret + secret},
        {"base64", to_base64(secret)},
        {"base64 behind one byte", to_base64("x" + secret)},
        {"base64 in basic authentication", to_base64("me:" + secret + "!")},
        {"base64 at the third place", to_base64("me" + secret + "tail")},
        {"hex", to_hex(secret)},
        {"percent-encoded", "p%40ss%20w%22o%27rd%2F%2B%25"},
        {"percent-encoded, lower case", "p%40ss%20w%22o%27rd%2f%2b%25"},
        {"encodeURIComponent", "p%40ss%20w%22o'rd%2F%2B%25"},
        {"form-encoded", "p%40ss+w%22o%27rd%2F%2B%25"},
        {"in JSON", "p@ss w\\\"o'rd/+%"},
        {"in JSON with escaped slashes", "p@ss w\\\"o'rd\\/+%"},
        {"set -x", "p@ss w\"o'\\''rd/+%"},
        {"set -x of dash, and shlex.quote", "p@ss w\"o'\"'\"'rd/+%"},
        {"printf %q", "p@ss\\ w\\\"o\\'rd/+%"},
    };
    for (const auto& [what, text] : cases) {
        const std::string out = masked(secret, "before " + text + " after\n");
        EXPECT_THAT(out, HasSubstr("****")) << what;
        EXPECT_THAT(out, testing::StartsWith("before ")) << what;
        EXPECT_THAT(out, testing::EndsWith(" after\n")) << what;
        EXPECT_LE(out.size(), std::string("before **** after\n").size() + 12) << what << ": " << out;
    }
}

TEST(Redactor, masks_what_fewer_tools_make_of_a_secret) {
    const std::string secret = "S3cr3t\"Va$lue/+ w\\sp<\u00e9\U0001F600>";
    const std::vector<std::pair<const char*, std::string>> cases{
        {"declare -p", "S3cr3t\\\"Va\\$lue/+ w\\\\sp<\u00e9\U0001F600>"},
        {"quote() of Python", "S3cr3t%22Va%24lue/%2B%20w%5Csp%3C%C3%A9%F0%9F%98%80%3E"},
        {"encodeURI", "S3cr3t%22Va$lue/+%20w%5Csp%3C%C3%A9%F0%9F%98%80%3E"},
        {"UrlEncode of .NET", "S3cr3t%22Va%24lue%2f%2b+w%5csp%3c%c3%a9%f0%9f%98%80%3e"},
        {"JSON in ASCII", "S3cr3t\\\"Va$lue/+ w\\\\sp<\\u00e9\\ud83d\\ude00>"},
        {"JSON in JSON", "S3cr3t\\\\\\\"Va$lue/+ w\\\\\\\\sp<\u00e9\U0001F600>"},
        {"JSON in JSON in ASCII", "S3cr3t\\\\\\\"Va$lue/+ w\\\\\\\\sp<\\\\u00e9\\\\ud83d\\\\ude00>"},
        {"escape() of Python", "S3cr3t&quot;Va$lue/+ w\\sp&lt;\u00e9\U0001F600&gt;"},
        {"html/template of Go", "S3cr3t&#34;Va$lue/+ w\\sp&lt;\u00e9\U0001F600&gt;"},
        {"text in HTML", "S3cr3t\"Va$lue/+ w\\sp&lt;\u00e9\U0001F600&gt;"},
        {"od", "53 33 63 72 33 74 22 56 61 24 6c 75 65 2f 2b 20 77 5c 73 70 3c c3 a9 f0 9f 98 80 3e"},
        {"openssl", "53:33:63:72:33:74:22:56:61:24:6C:75:65:2F:2B:20:77:5C:73:70:3C:C3:A9:F0:9F:98:80:3E"},
    };
    for (const auto& [what, text] : cases)
        EXPECT_EQ(masked(secret, "before " + text + " after\n"), "before **** after\n") << what;
    EXPECT_EQ(masked("a:b/c", "%61%3a%62%2f%63 \\x61\\x3A\\x62\\x2F\\x63 \\u0061\\u003a\\u0062\\u002f\\u0063\n"),
              "%**** \\x**** \\u00****\n");
}

// As bash 5 prints it; a word with a control character is quoted otherwise than one without.
TEST(Redactor, masks_a_secret_of_many_lines_that_a_shell_quoted) {
    const std::string secret = "it's\tone\\two\n\x01\x1b[0m \x7f\"x\"\n!end";
    const std::string quoted = R"(it\'s\tone\\two\n\001\E[0m \177"x"\n!end)";
    EXPECT_EQ("+ echo $'****'\n", masked(secret, "+ echo $'" + quoted + "'\n"));
}

std::string quoted_by_bash(const std::string& secret, const std::string& locale) {
    ::setenv("QUOTED_IN_TEST", secret.c_str(), 1);
    FILE* shell = ::popen(("LC_ALL=" + locale + " bash -c 'printf %q \"$QUOTED_IN_TEST\"' 2>&1").c_str(), "r");
    ::unsetenv("QUOTED_IN_TEST");
    if (shell == nullptr) return {};
    std::string printed(4096, '\0');
    printed.resize(std::fread(printed.data(), 1, printed.size(), shell));
    return ::pclose(shell) == 0 ? printed : std::string();
}

TEST(Redactor, knows_how_the_shell_of_this_machine_quotes) {
    if (quoted_by_bash("x", "C").empty()) GTEST_SKIP() << "needs bash: its way to quote is what is looked at";
    for (const std::string secret :
         {"it's\tone\\two\n\x01\x1b[0m \x7f\"x\"\n\v!end\a\b\f\r;", "p\u00e4ss'word", "p\u00e4\nss"}) {
        for (const char* locale : {"C", "C.UTF-8"}) {
            const std::string quoted = quoted_by_bash(secret, locale);
            const std::string out = masked(secret, quoted);
            EXPECT_TRUE(out == "$'****'" || out == "****") << quoted << " became " << out;
        }
    }
}

TEST(Redactor, masks_each_line_of_a_secret_of_many_lines) {
    const std::string key = "-----BEGIN KEY-----\nMIIEpAIBAAKC\n  AQEAx1\n}\n-----END KEY-----\n";
    const std::string out = masked(key, "a MIIEpAIBAAKC b\r\nAQEAx1\n}\n");
    EXPECT_EQ("a **** b\r\n****\n}\n", out);
    EXPECT_EQ("****\n", masked(key, key.substr(0, 19) + "\n"));
}

TEST(Redactor, masks_each_line_of_such_a_secret_in_hex_and_for_an_url) {
    const std::string line = "b3Bl+nNz/C1r";
    const std::string key = "-----BEGIN A KEY-----\n" + line + "\nZXktdj+EAAA=\n-----END A KEY-----\n";
    EXPECT_EQ("is ****.\n", masked(key, "is " + to_hex(line) + ".\n"));
    EXPECT_EQ("****\n", masked(key, "6233426C2B6E4E7A2F433172\n"));
    for (const std::string shown :
         {"b3Bl%2BnNz%2FC1r", "b3Bl%2bnNz%2fC1r", "ZXktdj%2BEAAA%3D", "-----BEGIN%20A%20KEY-----"})
        EXPECT_EQ("q=****&x\n", masked(key, "q=" + shown + "&x\n"));
    const auto of_the_huge = secret_forms(std::string(17 << 10, 'a') + "\n" + line + "\n");
    EXPECT_THAT(of_the_huge, testing::Contains(line));
    EXPECT_THAT(of_the_huge, testing::Not(testing::Contains(to_hex(line)))) << "its lines are masked as they are";
}

TEST(Redactor, masks_long_secrets_that_base64_broke_into_lines) {
    std::string secret;
    for (int i = 0; i < 200; ++i) secret += static_cast<char>('!' + i * 7 % 90);
    const std::string whole = to_base64(secret);
    std::string text;
    for (std::size_t at = 0; at < whole.size(); at += 76) text += whole.substr(at, 76) + "\n";
    EXPECT_EQ("****\n****\n****\n****\n", masked(secret, text));
}

TEST(Redactor, leaves_short_values_and_ordinary_text_alone) {
    EXPECT_EQ("yes 123 no", masked("123", "yes 123 no"));
    EXPECT_EQ("anything", Stream(Environment{}).feed("anything").end());
    EXPECT_EQ("anything", masked("", "anything"));
    EXPECT_EQ("hunter hunte", masked("hunter2", "hunter hunte"));
}

TEST(Redactor, masks_secrets_cut_at_every_place) {
    const Environment secrets{{"A", "abcabcabd"}, {"B", "abcd"}, {"C", "bcabx"}};
    const std::string text = "xabcabcabcabdyabcdabcz--bcabxabcabcabd-abcabcab";
    const std::string whole = Stream(secrets).feed(text).end();
    EXPECT_EQ("xabc****y****abcz--****-abcabcab", whole);
    for (std::size_t first = 0; first <= text.size(); ++first) {
        for (std::size_t second = first; second <= text.size(); ++second) {
            const std::string_view view = text;
            EXPECT_EQ(whole, Stream(secrets)
                                 .feed(view.substr(0, first))
                                 .feed(view.substr(first, second - first))
                                 .feed(view.substr(second))
                                 .end());
        }
    }
    Stream bytewise(secrets);
    for (const char c : text) bytewise.feed({&c, 1});
    EXPECT_EQ(whole, bytewise.end());
}

TEST(Redactor, makes_one_mask_of_secrets_that_overlap) {
    const Texts texts{{"abcd", "cdef", "password", "pass"}};
    EXPECT_EQ("-****-", Stream(texts).feed("-abcdef-").end());
    EXPECT_EQ("**** ****!", Stream(texts).feed("password pass!").end());
    EXPECT_EQ("****wort", Stream(texts).feed("passwort").end());
    // a text inside a longer one that does not come to its end
    EXPECT_EQ("xxab****zz", Stream(Texts{{"xxab1234yyab1234zq", "1234yyab1234"}}).feed("xxab1234yyab1234zz").end());
}

TEST(Redactor, holds_back_no_more_than_the_beginning_of_a_secret) {
    Stream stream(Texts{{"secret-value"}});
    EXPECT_EQ("Password: ", stream.feed("Password: ").shown());
    EXPECT_EQ("Password: ", stream.feed("secret").shown());
    EXPECT_EQ("Password: secret.", stream.feed(".").shown());
}

TEST(Redactor, shows_a_short_beginning_when_nothing_follows_but_keeps_a_long_one) {
    Stream prompt(Texts{{"> secret"}});
    EXPECT_EQ("", prompt.feed("> ").shown());
    EXPECT_EQ("> ", prompt.idle().shown());
    EXPECT_EQ("> ****", prompt.feed("secret").end());

    Stream split(Texts{{"hunter22"}});
    EXPECT_EQ("", split.feed("hunte").idle().shown());
    EXPECT_EQ("****.", split.feed("r22.").end());

    Stream whole(Texts{{"hunter22"}});
    EXPECT_EQ("****", whole.feed("hunter22").idle().shown());
    EXPECT_EQ("****, then ****", whole.feed(", then hunter22").end());
}

TEST(Redactor, never_tells_a_secret_that_comes_byte_by_byte) {
    struct Case {
        Texts texts;
        std::string text;
        std::string shown;
    };
    const std::vector<Case> cases{
        {{{"hunter22"}}, "hunter22.", "hun****."},
        {{{"hunter22"}}, "a hunter2 b", "a hunter2 b"},
        {{{"hunter22"}}, "hunter22hunter22", "hun****hun****"},
        {{{"1234"}}, "pin 1234", "pin 1****"},
        {{{"pass", "password1"}}, "password1", "p****"},
        {{{"xxab1234yyab1234zq", "1234yyab1234"}}, "xxab1234yyab1234zq", "xxa****"},
    };
    for (const auto& [texts, text, shown] : cases) {
        Stream stream(texts);
        for (const char c : text) stream.feed({&c, 1}).idle();
        EXPECT_EQ(shown, stream.end());
    }
}

TEST(Redactor, goes_on_after_an_idle_moment_within_a_longer_secret) {
    Stream stream(Texts{{"pass", "password1"}});
    EXPECT_EQ("****", stream.feed("pass").idle().shown());
    EXPECT_EQ("****", stream.feed("word").shown());
    EXPECT_EQ("**** x", stream.feed("1 x").end());
}

TEST(Redactor, takes_any_bytes) {
    const std::string secret("\xff\x00\xfe\n\x80zz", 7);
    std::string text = "a";
    text += secret;
    text += '\0';
    EXPECT_EQ(std::string("a****\0", 6), masked(secret, text));
}

TEST(SecretForms, are_none_for_short_values_and_each_once_for_others) {
    EXPECT_TRUE(secret_forms("abc").empty());
    const auto forms = secret_forms("abcd");
    EXPECT_THAT(forms, Contains("abcd"));
    EXPECT_THAT(forms, Contains("61626364"));
    EXPECT_EQ(forms.size(), std::set<std::string>(forms.begin(), forms.end()).size());
    for (const auto& form : secret_forms("    \n  \nab\n")) EXPECT_GE(form.size(), shortest_secret);
}

}  // namespace
}  // namespace gyre::agent
