// SPDX-License-Identifier: Apache-2.0
#include "daemon/secrets/op_fault.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <initializer_list>
#include <optional>

#include "common/untrusted_text.hpp"

namespace jackin::secrets {
namespace {

struct Words {
  OpFault fault;
  std::initializer_list<std::string_view> any_of;
};

// In the order of the checks: the first match decides. Seen in op's own output and in its users' reports, versions 2.4
// to 2.40.
const std::initializer_list<Words> known_words{
    {OpFault::rate_limited, {"too many requests", "rate-limited", "rate limit", "(429)"}},
    {OpFault::not_signed_in,
     {"not currently signed in", "account is not signed in", "session expired", "could not find session token",
      "no active session found"}},
    {OpFault::not_approved, {"authorization timeout", "authorization timed out", "authorization prompt dismissed"}},
    {OpFault::app_locked, {"app is locked"}},
    {OpFault::app_unreachable,
     {"connecting to desktop app", "connect to the 1password desktop app", "cannot connect to 1password app",
      "lostconnectiontoapp", "requestdelegatedsession"}},
    {OpFault::service_account,
     {"service account deleted", "decodesacredentials", "invalid bearer token", "signin credentials are not compatible",
      "service account token set, but not authenticated"}},
    {OpFault::denied, {"(403) forbidden", "you aren't authorized", "do not have permission"}},
    {OpFault::no_account, {"no account found for filter", "found no accounts for filter", "no accounts configured"}},
    {OpFault::which_account, {"multiple accounts found"}},
    {OpFault::ambiguous, {"more than one item matches", "more than one vault matches", "more than one field"}},
    {OpFault::no_vault, {"isn't a vault", "a vault query must be provided"}},
    {OpFault::no_item,
     {"isn't an item", "could not find item", "could not resolve item", "has been deleted or archived"}},
    {OpFault::no_field, {"isn't a field", "does not have a field"}},
    {OpFault::bad_reference, {"invalid secret reference"}},
    {OpFault::offline,
     {"no such host", "context deadline exceeded", "connection reset", "connection refused", "network is unreachable",
      "no route to host", "i/o timeout", "tls handshake", "dial tcp"}},
    {OpFault::conflict, {"(409)", "internal server conflict"}},
    {OpFault::too_old, {"unknown command", "unknown flag", "unknown shorthand flag"}},
};

// `text` without text in double quotes, and without references in single quotes.
std::string without_quoted(std::string_view text, std::string_view in_its_place) {
  std::string rest;
  while (!text.empty()) {
    const bool reference = text.starts_with("'op://") || text.starts_with("item '");
    if (text.front() == '"' || reference) {
      const auto open = text.front() == '"' ? 0 : text.find('\'');
      const auto close = text.find(text[open], open + 1);
      if (close != text.npos) {
        rest += text.substr(0, open);
        rest += in_its_place;
        text.remove_prefix(close + 1);
        continue;
      }
    }
    rest += text.front();
    text.remove_prefix(1);
  }
  return rest;
}

std::string lower_case(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

// More than the daemon keeps of a program's stderr.
constexpr std::size_t most_of_it = std::size_t{8} * 1024;

// op's message, fit for display: without its `[ERROR] <date> <time> `, without quoted text, and without the details of
// its validator, which may name values.
std::string own_words(const OutsideText& said, const TokensAtHand& tokens) {
  // The whole text is searched for tokens, including the parts removed below.
  const std::string whole = said.shown(tokens, most_of_it);
  if (whole == withheld_text) return whole;
  std::string_view errors = whole;
  constexpr std::string_view mark = "[ERROR] ";
  constexpr std::size_t stamp = std::string_view("2023/03/10 21:14:03 ").size();
  if (const auto at = errors.find(mark); at != errors.npos) {
    errors.remove_prefix(at + mark.size());
    if (errors.size() > stamp && errors[4] == '/' && errors[13] == ':') errors.remove_prefix(stamp);
  }
  for (const std::string_view end : {"Details:", "Usage:", "goroutine "}) errors = errors.substr(0, errors.find(end));
  return printable(without_quoted(errors, "…"), 200);
}

constexpr std::array units{std::string_view("second"), std::string_view("minute"), std::string_view("hour")};
constexpr std::size_t most_digits = 4;

// "31 seconds" of "Try again in 31 seconds"; nothing when op does not state it. Copies no other words, because they
// may contain a token.
std::optional<std::string> wait_in(std::string_view errors) {
  const std::string text = lower_case(std::string(errors));
  for (const std::string_view before : {"try again in ", "retry in "}) {
    const auto at = text.find(before);
    if (at == text.npos) continue;
    const auto number = at + before.size();
    const auto space = text.find_first_not_of("0123456789", number);
    if (space == text.npos || space == number || space > number + most_digits || text[space] != ' ') continue;
    const std::string_view word = std::string_view(text).substr(space + 1);
    for (const std::string_view unit : units) {
      if (!word.starts_with(unit)) continue;
      const bool is_plural = word.substr(unit.size()).starts_with('s');
      return text.substr(number, space - number) + " " + std::string(unit) + (is_plural ? "s" : "");
    }
  }
  return std::nullopt;
}

}  // namespace

OpFault classify_op_errors(const OutsideText& errors) {
  const std::string text = lower_case(without_quoted(printable(errors.raw(), most_of_it), ""));
  for (const auto& [fault, words] : known_words) {
    if (std::any_of(words.begin(), words.end(), [&](std::string_view word) { return text.find(word) != text.npos; })) {
      return fault;
    }
  }
  return OpFault::other;
}

Error op_error(OpFault fault, OpUse use, std::string_view doing, std::string_view account, const OutsideText& errors,
               const TokensAtHand& tokens) {
  const bool source = use == OpUse::source;
  const Reason unreachable = source ? Reason::source_unreachable : Reason::store_unavailable;
  const Reason unusable = source ? Reason::source_invalid : Reason::invalid_argument;
  const std::string cannot = "cannot " + std::string(doing) + ": ";
  switch (fault) {
    case OpFault::rate_limited:
      return {unreachable, cannot + "1Password limits the rate of requests",
              Remedy::try_again("in " + wait_in(printable(errors.raw(), most_of_it)).value_or("a while"))};
    case OpFault::not_signed_in:
      return {unreachable, cannot + "1Password's command-line tool is not signed in",
              Remedy::of_op_account(RemedyAction::sign_in_to_op, account)
                  .noting("first turn on Settings > Developer > Integrate with 1Password CLI in the 1Password app")};
    case OpFault::not_approved:
      return {unreachable, cannot + "the request was not approved in the 1Password app",
              Remedy::try_again("and approve the request that the 1Password app shows")};
    case OpFault::app_locked:
      return {unreachable, cannot + "the 1Password app is locked",
              Remedy::try_again("when the 1Password app is unlocked")};
    case OpFault::app_unreachable:
      return {
          unreachable, cannot + "the 1Password app does not answer its command-line tool",
          Remedy::try_again("when the 1Password app runs, is unlocked, and has Settings > Developer > Integrate with "
                            "1Password CLI turned on")};
    case OpFault::service_account:
      return {unreachable, cannot + "1Password does not accept the service account of OP_SERVICE_ACCOUNT_TOKEN",
              Remedy::try_again("with OP_SERVICE_ACCOUNT_TOKEN of a service account that exists")};
    case OpFault::denied:
      return {
          source ? Reason::source_denied : Reason::store_unavailable,
          cannot + "this 1Password account is not allowed to",
          Remedy::of_op_account(RemedyAction::list_op_vaults, account).noting("the account needs access to the vault")};
    case OpFault::no_account:
      return {unreachable,
              cannot + (account.empty() ? "1Password's command-line tool has no account"
                                        : "1Password's command-line tool has no account '" + printable(account) + "'"),
              Remedy::of(RemedyAction::list_op_accounts)};
    case OpFault::which_account:
      return {unreachable, cannot + "there are several 1Password accounts, and none was named",
              Remedy::of(RemedyAction::list_op_accounts).noting("then name one in the request, or in OP_ACCOUNT")};
    case OpFault::ambiguous:
      return {unusable, cannot + "several objects in 1Password have this name", Remedy::try_again("with its ID")};
    case OpFault::no_vault:
      return {unreachable, cannot + "the vault does not exist, or this 1Password account has no access to it",
              Remedy::of_op_account(RemedyAction::list_op_vaults, account)};
    case OpFault::no_item:
      return {Reason::source_gone, cannot + "the item no longer exists in 1Password", {}};
    case OpFault::no_field:
      return {Reason::source_gone, cannot + "the item in 1Password no longer has this field", {}};
    case OpFault::bad_reference:
      return {unusable, cannot + "1Password does not accept the reference",
              Remedy::try_again("with IDs in place of names")};
    case OpFault::offline:
      return {unreachable, cannot + "1Password's servers cannot be reached",
              Remedy::try_again("when the network is available")};
    case OpFault::conflict:
      return {Reason::busy, cannot + "1Password is busy with another change in the same vault", Remedy::try_again()};
    case OpFault::too_old:
      return {Reason::unsupported, cannot + "this version of 1Password's command-line tool cannot do it",
              Remedy::of_name(RemedyAction::update_program, "op").noting("jackind needs version 2.23 or newer")};
    case OpFault::other:
      break;
  }
  const std::string words = own_words(errors, tokens);
  return {source ? Reason::source_unreachable : Reason::store_failed,
          cannot + (words.empty() ? "1Password's command-line tool failed without a message"
                                  : "1Password's command-line tool reports: " + words),
          {}};
}

}  // namespace jackin::secrets
