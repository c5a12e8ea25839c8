// SPDX-License-Identifier: Apache-2.0
#include "daemon/health/upstream_reply.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "common/outside_text.hpp"
#include "tests/support/token_forms.hpp"

namespace jackin::health {
namespace {

using Kind = ApiAnswer;

UpstreamAnswer answer(long status, std::string_view body, std::string organization = {}) {
  const Secret sent = Secret::copy_of(test::sample_token);
  return classify({status, Secret::copy_of(body), std::move(organization)}, sent);
}

std::string api_error(const std::string& type, const std::string& message) {
  return R"({"type":"error","error":{"type":")" + type + R"(","message":")" + message + R"("},"request_id":"req_1"})";
}

struct Case {
  const char* name;
  long status;
  std::string body;
  Kind kind;
  const char* code;
};

class Reply : public testing::TestWithParam<Case> {};

TEST_P(Reply, Meaning_OfStatusAndBody) {
  const auto& [name, status, body, kind, code] = GetParam();
  const auto said = answer(status, body);
  EXPECT_EQ(said.kind, kind);
  EXPECT_EQ(said.code, code);
  EXPECT_EQ(said.message.empty(), kind == Kind::valid);
}

const std::string page = "<!DOCTYPE html><html><body>Please log in</body></html>";

INSTANTIATE_TEST_SUITE_P(
    Upstream, Reply,
    testing::Values(
        Case{"Models", 200, R"({"data":[{"type":"model","id":"m"}],"has_more":false})", Kind::valid, ""},
        Case{"NoModels", 200, R"({"data":[]})", Kind::valid, ""},
        Case{"CaptivePortal", 200, page, Kind::unknown, "captive_portal"},
        Case{"OtherJson", 200, R"({"status":"ok"})", Kind::unknown, "captive_portal"},
        Case{"EmptyOk", 200, "", Kind::unknown, "captive_portal"},
        Case{"NoContent", 204, "", Kind::unknown, "unexpected_answer"},
        Case{"Redirection", 302, page, Kind::unknown, "captive_portal"},
        Case{"InvalidBearer", 401, api_error("authentication_error", "Invalid bearer token"), Kind::rejected,
             "rejected"},
        Case{"Expired", 401, api_error("authentication_error", "OAuth access token has expired."), Kind::rejected,
             "rejected"},
        Case{"NotSupported", 401, api_error("authentication_error", "OAuth authentication is currently not supported."),
             Kind::unknown, "not_supported"},
        Case{"SomebodyElses401", 401, page, Kind::unknown, "unexpected_answer"},
        Case{"OtherTypeOf401", 401, api_error("api_error", "hm"), Kind::unknown, "unexpected_answer"},
        Case{"Revoked", 403, api_error("permission_error", "OAuth token has been revoked. Please obtain a new token."),
             Kind::rejected, "rejected"},
        Case{"OrganisationNotAllowed", 403,
             api_error("permission_error", "OAuth authentication is currently not allowed for this organization."),
             Kind::unknown, "organisation"},
        Case{"OrganisationType", 403, api_error("oauth_org_not_allowed", "no"), Kind::unknown, "organisation"},
        Case{"OrganisationDisabled", 400, api_error("invalid_request_error", "This organization has been disabled."),
             Kind::unknown, "organisation"},
        Case{"OrganisationRevokedAccess", 403,
             api_error("permission_error", "Your organization has revoked access for OAuth tokens."), Kind::unknown,
             "organisation"},
        Case{"RevokedIn400", 400, api_error("invalid_request_error", "token revoked"), Kind::unknown, "refused"},
        Case{"Region", 403, R"({"error":{"type":"forbidden","message":"Request not allowed"}})", Kind::unknown,
             "region"},
        Case{"Scope", 403, api_error("permission_error", "OAuth token does not meet scope requirement x"),
             Kind::unknown, "scope"},
        Case{"ProxysOwn403", 403, page, Kind::unknown, "unexpected_answer"},
        Case{"NotFound", 404, api_error("not_found_error", "no"), Kind::unknown, "unexpected_answer"},
        Case{"ProxyLogin", 407, page, Kind::unknown, "proxy"},
        Case{"RateLimited", 429, api_error("rate_limit_error", "slow down"), Kind::unknown, "rate_limited"},
        Case{"ServerError", 500, api_error("api_error", "oops"), Kind::unknown, "server_error"},
        Case{"BadGateway", 502, page, Kind::unknown, "server_error"},
        Case{"Overloaded", 529, api_error("overloaded_error", "Overloaded"), Kind::unknown, "server_error"},
        Case{"BrokenJson", 401, R"({"error":{"type":"authentication_error")", Kind::unknown, "unexpected_answer"},
        Case{"ErrorIsText", 401, R"({"error":"authentication_error"})", Kind::unknown, "unexpected_answer"},
        Case{"TypeIsNumber", 401, R"({"error":{"type":1,"message":2}})", Kind::unknown, "unexpected_answer"}),
    [](const auto& test) { return test.param.name; });

TEST(UpstreamReply, Organisation_ReadFromAnyReply) {
  EXPECT_EQ(answer(200, R"({"data":[]})", "1111-22").organization, "1111-22");
  EXPECT_EQ(answer(429, "", "1111-22").organization, "1111-22");
}

TEST(UpstreamReply, Organisation_NotAnIdentifier_Ignored) {
  EXPECT_EQ(answer(200, R"({"data":[]})", "a b").organization, "");
  EXPECT_EQ(answer(200, R"({"data":[]})", "\x1b[31m").organization, "");
  EXPECT_EQ(answer(200, R"({"data":[]})", std::string(65, 'a')).organization, "");
}

TEST(UpstreamReply, Message_NoTokenOrEscapeSequence) {
  const auto said = answer(401, api_error("authentication_error", "bad sk-ant-oat01-SECRETSECRETSECRET\\u001b[31m"));
  EXPECT_EQ(said.message.find("SECRET"), std::string::npos);
  EXPECT_EQ(said.message.find('\x1b'), std::string::npos);
  const auto broken = answer(401, "sk-ant-oat01-SECRETSECRETSECRET");
  EXPECT_EQ(broken.message.find("SECRET"), std::string::npos);
}

TEST(UpstreamReply, Message_SentTokenInAnyForm_NotQuoted) {
  const std::pair<long, const char*> ways[] = {{401, "authentication_error"},
                                               {403, "permission_error"},
                                               {429, "rate_limit_error"},
                                               {400, "invalid_request_error"}};
  for (const auto& form : test::forms_of_token(test::sample_token)) {
    for (const auto& [status, type] : ways) {
      const nlohmann::json body{{"type", "error"}, {"error", {{"type", type}, {"message", "no: " + form.text}}}};
      EXPECT_THAT(answer(status, body.dump()).message, testing::EndsWith(": " + std::string(withheld_text)))
          << form.name;
    }
  }
}

TEST(UpstreamReply, Organisation_PieceOfToken_Ignored) {
  const std::string body = R"({"data":[]})";
  EXPECT_EQ(answer(200, body, "11111111-2222-3333-4444-555555555555").organization,
            "11111111-2222-3333-4444-555555555555");
  EXPECT_EQ(answer(200, body, std::string(test::sample_token.substr(20, 60))).organization, "");
}

}  // namespace
}  // namespace jackin::health
