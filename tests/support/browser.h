#pragma once

// A headless Chromium with an empty profile, driven over the DevTools protocol on a pipe (no port, no driver program).
// Verbs act on what a person sees: labels of buttons, texts of links. Errors are thrown. Protocol:
// https://chromedevtools.github.io/devtools-protocol/ (messages are JSON texts that end with a zero byte).

#include <string>

#include "base/fd.h"
#include "base/json.h"

namespace gyre::test {

// Why no browser can be had ("needs chromium: ..."), for GTEST_SKIP; empty when there is one.
std::string browser_needs();

class Browser {
public:
    // The profile goes below `directory`.
    explicit Browser(const std::string& directory);
    ~Browser();
    Browser(const Browser&) = delete;
    Browser& operator=(const Browser&) = delete;

    void open(const std::string& url);
    // The value of an expression of JavaScript in the page.
    json::value evaluate(const std::string& expression);
    std::string text();  // what the page shows
    // Each waits until it can be done.
    void see(const std::string& text);
    void press(const std::string& label);                             // a button or link with this text or aria-label
    void fill(const std::string& selector, const std::string& text);  // an input, as typed
    void screenshot(const std::string& file);

private:
    json::value call(const std::string& method, json::object parameters);
    json::object receive();
    bool in_page(const std::string& condition);

    int process_ = -1;
    Fd to_;
    Fd from_;
    std::string unread_;
    std::string session_;
    int last_id_ = 0;
};

}  // namespace gyre::test
