#pragma once

// What services outside need to check the tokens of an organization's jobs (identity/id_tokens.h), open to everybody:
// /org/<id>/.well-known/openid-configuration and jwks-pub.json (OpenID Connect Discovery 1.0).

#include "api/desk.h"

namespace gyre::api {

void add_id_token_routes(Desk& desk, httpd::Router& router);

}  // namespace gyre::api
