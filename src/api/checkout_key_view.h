#pragma once

// Checkout keys as both APIs and the audit log show them: by the public part alone.

#include <string>

#include "api/desk.h"
#include "base/json.h"
#include "identity/checkout_keys.h"

namespace gyre::api {

enum class FingerprintForm { md5, sha256 };

// As REST v2 has it; members with dashes stand there with underscores, too. A key that cannot be read any more has
// `error`, null for its public part, and its MD5 fingerprint in either form.
json::object checkout_key_view(const identity::CheckoutKey& key, FingerprintForm form = FingerprintForm::md5);
// As v1.1 has it.
json::object checkout_key_view_v1(const identity::CheckoutKey& key, FingerprintForm form = FingerprintForm::md5);

// "checkout-key.<what>" in the audit log.
Result<void> note_checkout_key(Desk& desk, const Request& request, const std::string& what, const std::string& slug,
                               const identity::CheckoutKey& key);

}  // namespace gyre::api
