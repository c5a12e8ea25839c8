// SPDX-License-Identifier: Apache-2.0
#include "daemon/health/upstream_reply.hpp"

#include <algorithm>
#include <cctype>
#include <nlohmann/json.hpp>

#include "common/outside_text.hpp"

namespace jackin::health {
namespace {

using nlohmann::json;
using Kind = ApiAnswer;

// The error body of the API; all fields are empty when the body is not such an error.
struct ApiError {
  std::string type;
  std::string message;  // for the classification
  std::string quoted;   // ": " and the message, safe to include in a message of jackind
};

std::string lower(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return result;
}

std::string string_at(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

ApiError api_error(const json& body, const Secret& sent) {
  if (!body.is_object()) return {};
  const auto error = body.find("error");
  if (error == body.end() || !error->is_object()) return {};
  ApiError said{string_at(*error, "type"), string_at(*error, "message"), {}};
  if (!said.message.empty()) said.quoted = ": " + outside_text(said.message, {&sent});
  return said;
}

bool is_list_of_models(const json& body) {
  return body.is_object() && body.contains("data") && body["data"].is_array();
}

bool looks_like_html(std::string_view body) {
  const auto first = body.find_first_not_of(" \t\r\n");
  return first != body.npos && body[first] == '<';
}

UpstreamAnswer not_known(std::string code, std::string message) {
  return {Kind::unknown, std::move(message), std::move(code), {}};
}

UpstreamAnswer rejected(const ApiError& error) {
  return {Kind::rejected, "the API does not accept the token" + error.quoted, "rejected", {}};
}

UpstreamAnswer unauthorized(const ApiError& error) {
  // The API does not support this kind of request. That is a fault of jackind, whatever the error's type.
  if (lower(error.message).find("not supported") != std::string::npos) {
    return not_known("not_supported", "the API does not support this request" + error.quoted);
  }
  if (error.type == "authentication_error") return rejected(error);
  return not_known("unexpected_answer", "a server other than the API answered 401");
}

UpstreamAnswer forbidden(long status, const ApiError& error) {
  const std::string text = lower(error.message);
  const auto says = [&](std::string_view words) { return text.find(words) != text.npos; };
  const bool names_organisation = says("organization") || says("organisation");
  // An organisation can revoke access for a reason other than the token.
  if (status == 403 && says("token") && says("revoked") && !names_organisation) return rejected(error);
  if (names_organisation || error.type.find("org") != error.type.npos || says("oauth_org_not_allowed")) {
    return not_known("organisation", "the API refuses the token's organisation" + error.quoted);
  }
  if (says("request not allowed") || says("region") || says("country") || says("location")) {
    return not_known("region", "the API refuses requests from here" + error.quoted);
  }
  if (says("scope")) return not_known("scope", "the token is not permitted for this request" + error.quoted);
  if (error.type.empty()) {
    return not_known("unexpected_answer", "a server other than the API answered " + std::to_string(status));
  }
  return not_known("refused", "the API refused the request" + error.quoted);
}

// An identifier that can be recorded and shown; empty for anything else.
std::string identifier(std::string_view text, const Secret& sent) {
  const bool fits = text.size() <= 64 && std::all_of(text.begin(), text.end(), [](unsigned char c) {
                      return std::isalnum(c) != 0 || c == '-' || c == '_';
                    });
  return fits && !carries_token(text, {&sent}) ? std::string(text) : std::string();
}

UpstreamAnswer answer_to(const HttpReply& reply, const Secret& sent) {
  // Parses without exceptions: their texts quote the input.
  const json body = json::parse(reply.body.view(), nullptr, false);
  const ApiError error = api_error(body, sent);
  const std::string status = std::to_string(reply.status);
  if (reply.status == 200) {
    if (is_list_of_models(body)) return {Kind::valid, {}, {}, {}};
    return not_known("captive_portal", looks_like_html(reply.body.view())
                                           ? "a web page answered instead of the API; the network may require a login"
                                           : "a server other than the API answered");
  }
  if (reply.status >= 300 && reply.status < 400) {
    return not_known("captive_portal",
                     "the answer was a redirection (" + status + "); the network may require a login");
  }
  if (reply.status == 401) return unauthorized(error);
  if (reply.status == 403 || reply.status == 400) return forbidden(reply.status, error);
  if (reply.status == 407) return not_known("proxy", "the proxy requires a login");
  if (reply.status == 429) return not_known("rate_limited", "the API limits the rate of requests" + error.quoted);
  if (reply.status >= 500) return not_known("server_error", "the API reports a server error (" + status + ")");
  return not_known("unexpected_answer", "an unexpected response (" + status + ")");
}

}  // namespace

UpstreamAnswer classify(const HttpReply& reply, const Secret& sent) {
  auto answer = answer_to(reply, sent);
  answer.organization = identifier(reply.organization, sent);
  return answer;
}

}  // namespace jackin::health
