// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "common/secret.hpp"
#include "daemon/health/upstream.hpp"

namespace jackin::health {

/// An HTTP reply. The body is held as a secret, because a broken proxy can echo anything.
struct HttpReply {
  long status = 0;
  Secret body;
  std::string organization;  ///< The header `anthropic-organization-id`, as it came.
};

/// Classifies a reply to `GET /v1/models` for the token that was sent. Quotes from the reply never contain `sent`.
/// Pure.
///
/// Only two replies are a rejection: 401 with the API's `authentication_error`, and 403 whose text says that the token
/// was revoked. Texts seen in reports of users of the API: 401 "Invalid bearer token", "OAuth access token has
/// expired", "OAuth authentication is currently not supported" (about the request, not the token); 403 "OAuth token has
/// been revoked", "OAuth token does not meet scope requirement …", "OAuth authentication is currently not allowed for
/// this organization", `oauth_org_not_allowed`, "Request not allowed" (the region); 400 "This organization has been
/// disabled".
UpstreamAnswer classify(const HttpReply& reply, const Secret& sent);

}  // namespace jackin::health
