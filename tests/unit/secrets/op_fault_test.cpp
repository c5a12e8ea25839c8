// SPDX-License-Identifier: Apache-2.0
#include "daemon/secrets/op_fault.hpp"

#include <gtest/gtest.h>

#include "tests/support/token_forms.hpp"

namespace jackin::secrets {
namespace {

struct Said {
  std::string_view words;
  OpFault fault;
};

// Recorded from op 2.4 to 2.40, or from reports of its users; the text in quotes is made up.
constexpr Said said[] = {
    {"[ERROR] 2023/03/10 21:14:03 You are not currently signed in. Please run `op signin --help` for instructions",
     OpFault::not_signed_in},
    {"[ERROR] 2023/03/10 21:14:03 account is not signed in", OpFault::not_signed_in},
    {"[ERROR] 2023/03/10 21:14:03 session expired, sign in to create a new session", OpFault::not_signed_in},
    {"[ERROR] 2023/03/10 21:14:03 could not find session token for account x", OpFault::not_signed_in},
    {"[ERROR] 2023/03/10 21:14:03 could not read secret 'op://v/i/f': error initializing client: You are not currently "
     "signed in. Please run `op signin --help` for instructions",
     OpFault::not_signed_in},
    {"[ERROR] 2023/03/10 21:14:03 no account found for filter ", OpFault::no_account},
    {"[ERROR] 2023/03/10 21:14:03 error initializing client: found no accounts for filter \"x\"", OpFault::no_account},
    {"No accounts configured for use with 1Password CLI. • … [ERROR] 2023/03/10 21:14:03 could not read secret "
     "'op://v/i/f': error initializing client: ",
     OpFault::no_account},
    {"[ERROR] 2023/03/10 21:14:03 multiple accounts found. Use the --account flag or set the OP_ACCOUNT environment "
     "variable to select an account.",
     OpFault::which_account},
    {"[ERROR] 2023/03/10 21:14:03 error initializing client: authorization timeout", OpFault::not_approved},
    {"[ERROR] 2023/03/10 21:14:03 error initializing client: authorization timed out", OpFault::not_approved},
    {"[ERROR] 2023/03/10 21:14:03 error initializing client: authorization prompt dismissed, please try again",
     OpFault::not_approved},
    {"[ERROR] 2023/03/10 21:14:03 1Password app is locked. Please open 1Password, unlock it with your password, and "
     "then try again",
     OpFault::app_locked},
    {"[ERROR] 2023/03/10 21:14:03 error initializing client: connecting to desktop app: connecting to desktop app "
     "timed "
     "out",
     OpFault::app_unreachable},
    {"[ERROR] 2023/03/10 21:14:03 connecting to desktop app: read: connection reset", OpFault::app_unreachable},
    {"[ERROR] 2023/03/10 21:14:03 connecting to desktop app: cannot connect to 1Password app, make sure it is running",
     OpFault::app_unreachable},
    {"[ERROR] 2023/03/10 21:14:03 1Password CLI couldn't connect to the 1Password desktop app",
     OpFault::app_unreachable},
    {"[ERROR] 2023/03/10 21:14:03 error initializing client: RequestDelegatedSession: cannot setup session. Please "
     "check "
     "the logs of the 1Password app.",
     OpFault::app_unreachable},
    {"[ERROR] 2023/03/10 21:14:03 \"X\" isn't an item. Specify the item with its UUID, name, or domain.",
     OpFault::no_item},
    {"[ERROR] 2023/03/10 21:14:03 \"X\" isn't an item in the \"V\" vault. Specify the item with its UUID, name, or "
     "domain.",
     OpFault::no_item},
    {"[ERROR] 2023/03/10 21:14:03 More than one item matches \"Delete Me\". Try again and specify the item by its ID: "
     "* "
     "for the item \"Delete Me\" in vault Test Data: abc",
     OpFault::ambiguous},
    {"[ERROR] 2023/03/10 21:14:03 could not resolve item UUID for item X: could not find item X in vault abc",
     OpFault::no_item},
    {"[ERROR] 2023/03/10 21:14:03 could not find item X in vault Y, because it has been deleted or archived. Please "
     "restore the item if you want to use it with secret provisioning",
     OpFault::no_item},
    {"[ERROR] 2023/03/10 21:14:03 unable to process line 1: could not find item to edit", OpFault::no_item},
    {"[ERROR] 2023/03/10 21:14:03 \"V\" isn't a vault in this account. Specify the vault with its ID or name.",
     OpFault::no_vault},
    {"[ERROR] 2023/03/10 21:14:03 a vault query must be provided when this command is called by a service account. "
     "Please specify one either through the --vault flag or through piped input",
     OpFault::no_vault},
    {"[ERROR] 2023/03/10 21:14:03 could not read secret 'op://v/i/f': could not get item v/i: \"i\" isn't an item in "
     "the "
     "\"v\" vault. Specify the item with its UUID, name, or domain.",
     OpFault::no_item},
    {"[ERROR] 2023/03/10 21:14:03 could not read secret 'op://v/i/f': item 'v/i' does not have a field 'f'",
     OpFault::no_field},
    {"[ERROR] 2023/03/10 21:14:03 could not read secret op://v/i/f: \"f\" isn't a field in the \"i\" item",
     OpFault::no_field},
    {"[ERROR] 2023/03/10 21:14:03 invalid secret reference 'op://v/i': too few '/': secret references should have at "
     "least vault, item and field specified",
     OpFault::bad_reference},
    {"[ERROR] 2023/03/10 21:14:03 error initializing client: Authentication: (failed to auth.LookupAuth), Network: "
     "(failed to request.DoUnencrypted), Server: (403) (Forbidden (Service Account Deleted)), The Service Account used "
     "in this integration has been deleted.",
     OpFault::service_account},
    {"[ERROR] 2023/03/10 21:14:03 error initializing client: Validation: (failed to session.DecodeSACredentials), "
     "Server: (failed to DecodeSACredentials), illegal base64 data at input byte 12",
     OpFault::service_account},
    {"[ERROR] 2023/03/10 21:14:03 (401) Unauthorized: invalid bearer token", OpFault::service_account},
    {"[ERROR] 2023/03/10 21:14:03 (403) Forbidden: You aren't authorized to access this resource.", OpFault::denied},
    {"[ERROR] 2023/03/10 21:14:03 (101) You do not have permission to perform this action", OpFault::denied},
    {"[ERROR] 2023/03/10 21:14:03 (429) Too Many Requests: You've reached the maximum number of this type of requests "
     "this service account is allowed to make. Please retry in 58 minutes or try other requests.",
     OpFault::rate_limited},
    {"[ERROR] 2023/03/10 21:14:03 Too many requests. Your client has been rate-limited. Try again in 31 seconds",
     OpFault::rate_limited},
    {"[ERROR] 2023/03/10 21:14:03 error initializing client: authenticating with the server: Post "
     "\"https://my.1password.com/api/v3/auth/start\": dial tcp: lookup my.1password.com: no such host",
     OpFault::offline},
    {"[ERROR] 2023/03/10 21:14:03 error initializing client: read: context deadline exceeded", OpFault::offline},
    {"[ERROR] 2023/03/10 21:14:03 unable to process line 1: DB: (409) (Conflict), Internal server conflict.",
     OpFault::conflict},
    {"[ERROR] 2023/03/10 21:14:03 unknown command \"read\" for \"op\" Usage: op [command]", OpFault::too_old},
    {"[ERROR] 2023/03/10 21:14:03 unknown flag: --reveal Usage: op item get", OpFault::too_old},
    {"[ERROR] 2023/03/10 21:14:03 (400) Bad Request: The structure of request was invalid.", OpFault::other},
    {"", OpFault::other},
};

TEST(OpFaults, Classify_KnownWords) {
  for (const auto& [words, fault] : said) EXPECT_EQ(classify_op_errors(OutsideText(words)), fault) << words;
}

TEST(OpFaults, Classify_TitleOrReference_Ignored) {
  EXPECT_EQ(classify_op_errors(
                OutsideText("[ERROR] x \"Too many requests (429)\" isn't an item in the \"account is not signed in\" "
                            "vault. Specify the item with its UUID, name, or domain.")),
            OpFault::no_item);
  EXPECT_EQ(classify_op_errors(
                OutsideText("[ERROR] x could not read secret 'op://app is locked/(429)/f': item 'app is locked/(429)' "
                            "does not have a field 'f'")),
            OpFault::no_field);
}

TEST(OpFaults, Error_ReasonFitsUse_WithRemedy) {
  for (const auto& [words, fault] : said) {
    for (const OpUse use : {OpUse::source, OpUse::store}) {
      const Error error =
          op_error(fault, use, "read the token from 1Password", "my.1password.com", OutsideText(words), {});
      EXPECT_TRUE(error.message.starts_with("cannot read the token from 1Password: ")) << error.message;
      const bool gone = fault == OpFault::no_item || fault == OpFault::no_field;
      EXPECT_EQ(error.reason == Reason::source_gone, gone) << error.message;
      const bool has_remedy = !error.remedy.empty();
      EXPECT_EQ(has_remedy, !gone && fault != OpFault::other) << error.message;
      EXPECT_EQ(error.message.find("op://"), std::string::npos) << error.message;
    }
  }
  EXPECT_EQ(op_error(OpFault::offline, OpUse::source, "x", "").reason, Reason::source_unreachable);
  EXPECT_EQ(op_error(OpFault::offline, OpUse::store, "x", "").reason, Reason::store_unavailable);
  EXPECT_EQ(op_error(OpFault::too_old, OpUse::store, "x", "").reason, Reason::unsupported);
  EXPECT_EQ(op_error(OpFault::ambiguous, OpUse::source, "x", "").reason, Reason::source_invalid);
}

Remedy remedy_of(std::string_view errors) {
  return op_error(OpFault::rate_limited, OpUse::source, "x", "", OutsideText(std::string(errors)), {}).remedy;
}

TEST(OpFaults, Error_RateLimited_SaysHowLong) {
  EXPECT_EQ(remedy_of("Please retry in 58 minutes or try"), Remedy::try_again("in 58 minutes"));
  EXPECT_EQ(remedy_of("Try again in 31 seconds"), Remedy::try_again("in 31 seconds"));
  EXPECT_EQ(remedy_of("Try again in a moment"), Remedy::try_again("in a while"));
}

TEST(OpFaults, Error_RateLimited_NoOtherWordsShown) {
  for (const char* text : {"Retry in 3 qwertyuiopasdfghjklzxcvbnmqwertyuiopasdfghj",
                           "Retry in 31415926535897932384 seconds", "Try again in 5 hunterhunter"}) {
    EXPECT_EQ(remedy_of(text), Remedy::try_again("in a while")) << text;
  }
  EXPECT_EQ(remedy_of("retry in 1 hourglass"), Remedy::try_again("in 1 hour"));
}

TEST(OpFaults, Error_UnknownFault_KeepsWordsWithoutQuotes) {
  const OutsideText words(
      "[ERROR] 2023/03/10 21:14:03 unable to process line 1: Validation: \"hunter2\" is bad "
      "Details: {1. hunter3}");
  const Error error = op_error(OpFault::other, OpUse::store, "x", "", words, {});
  EXPECT_EQ(error.message,
            "cannot x: 1Password's command-line tool reports: unable to process line 1: Validation: … is bad");
}

TEST(OpFaults, Error_TokenInAnyForm_NotQuoted) {
  const Secret token = Secret::copy_of(test::sample_token);
  for (const auto& form : test::forms_of_token(test::sample_token)) {
    // Also for the details, which op_error otherwise only removes.
    for (const std::string& text : {"bad value " + form.text, "bad value Details: " + form.text}) {
      const Error error = op_error(OpFault::other, OpUse::store, "x", "", OutsideText("[ERROR] x " + text), {&token});
      EXPECT_EQ(error.message, "cannot x: 1Password's command-line tool reports: " + std::string(withheld_text))
          << form.name;
    }
  }
}

}  // namespace
}  // namespace jackin::secrets
