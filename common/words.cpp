// SPDX-License-Identifier: Apache-2.0
#include "common/words.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

#include "common/auth_mode.hpp"
#include "common/log_place.hpp"
#include "common/operation.hpp"
#include "common/slot_style.hpp"
#include "common/source_kind.hpp"
#include "common/verdict.hpp"

namespace jackin {
namespace {

template <typename Enum>
struct Entry {
  Enum value;
  std::string_view word;
  std::string_view display_name{};  // for users, where it differs
};

template <typename Enum>
constexpr int table = 0;

template <>
constexpr auto table<Decision> = std::to_array<Entry<Decision>>({
    {Decision::allow, "allow"},
    {Decision::warn, "warn"},
    {Decision::block, "block"},
});

template <>
constexpr auto table<Verdict> = std::to_array<Entry<Verdict>>({
    {Verdict::ok, "ok"},
    {Verdict::unchecked, "unchecked"},
    {Verdict::not_managed, "not_managed"},
    {Verdict::expiring, "expiring"},
    {Verdict::changed, "changed"},
    {Verdict::unreachable, "unreachable"},
    {Verdict::missing, "missing"},
    {Verdict::malformed, "malformed"},
    {Verdict::denied, "denied"},
    {Verdict::rejected, "rejected"},
    {Verdict::gone, "gone"},
    {Verdict::expired, "expired"},
});

template <>
constexpr auto table<Severity> = std::to_array<Entry<Severity>>({
    {Severity::info, "info"},
    {Severity::warning, "warning"},
    {Severity::error, "error"},
});

template <>
constexpr auto table<HealthEvent> = std::to_array<Entry<HealthEvent>>({
    {HealthEvent::current, "current"},
    {HealthEvent::added, "added"},
    {HealthEvent::changed, "changed"},
    {HealthEvent::removed, "removed"},
    {HealthEvent::complete, "complete"},
});

template <>
constexpr auto table<BannerColour> = std::to_array<Entry<BannerColour>>({
    {BannerColour::dim, "dim"},
    {BannerColour::yellow, "yellow"},
    {BannerColour::red, "red"},
});

template <>
constexpr auto table<LogPlace> = std::to_array<Entry<LogPlace>>({
    {LogPlace::file, "file"},
    {LogPlace::journal, "journal"},
    {LogPlace::terminal, "stderr"},
});

template <>
constexpr auto table<AuthMode> = std::to_array<Entry<AuthMode>>({
    {AuthMode::sync, "sync"},
    {AuthMode::api_key, "api_key"},
    {AuthMode::oauth_token, "oauth_token"},
    {AuthMode::ignore, "ignore"},
});

template <>
constexpr auto table<SlotStyle> = std::to_array<Entry<SlotStyle>>({
    {SlotStyle::canonical, "canonical"},
    {SlotStyle::bridge, "bridge"},
    {SlotStyle::external, "external"},
});

template <>
constexpr auto table<SourceKind> = std::to_array<Entry<SourceKind>>({
    {SourceKind::op, "op", "1Password"},
    {SourceKind::keychain, "keychain", "Keychain"},
    {SourceKind::secret_service, "secret-service", "Secret Service"},
    {SourceKind::file, "file", "file"},
    {SourceKind::env, "env", "environment variable"},
    {SourceKind::command, "command", "command"},
    {SourceKind::literal, "literal", "the configuration file itself"},
});

template <>
constexpr auto table<OperationKind> = std::to_array<Entry<OperationKind>>({
    {OperationKind::setup, "setup"},
    {OperationKind::rotate, "rotate"},
    {OperationKind::revoke, "revoke"},
    {OperationKind::relocate, "relocate"},
    {OperationKind::recovery, "recovery"},
});

template <>
constexpr auto table<Step> = std::to_array<Entry<Step>>({
    {Step::begun, "begun"},
    {Step::program, "program"},
    {Step::mint, "mint"},
    {Step::captured, "captured"},
    {Step::resolve, "resolve"},
    {Step::verify, "verify"},
    {Step::store, "store"},
    {Step::read_back, "read_back"},
    {Step::write_config, "write_config"},
    {Step::record, "record"},
    {Step::delete_old, "delete_old"},
    {Step::keep, "keep"},
    {Step::give_up, "give_up"},
    {Step::clear, "clear"},
    {Step::forget, "forget"},
    {Step::delete_item, "delete_item"},
    {Step::copy, "copy"},
    {Step::stuck, "stuck"},
});

template <>
constexpr auto table<WaitsFor> = std::to_array<Entry<WaitsFor>>({
    {WaitsFor::consent, "consent"},
    {WaitsFor::answer, "answer"},
    {WaitsFor::store, "store"},
});

template <>
constexpr auto table<Outcome> = std::to_array<Entry<Outcome>>({
    {Outcome::done, "done"},
    {Outcome::failed, "failed"},
    {Outcome::undone, "undone"},
    {Outcome::stuck, "stuck"},
    {Outcome::kept, "kept"},
});

template <>
constexpr auto table<QuestionKind> = std::to_array<Entry<QuestionKind>>({
    {QuestionKind::store_failed, "store_failed"},
    {QuestionKind::config_not_written, "config_not_written"},
});

template <>
constexpr auto table<ChoiceKind> = std::to_array<Entry<ChoiceKind>>({
    {ChoiceKind::try_again, "try_again"},
    {ChoiceKind::use_store, "use_store"},
    {ChoiceKind::keep, "keep"},
    {ChoiceKind::give_up, "give_up"},
});

template <>
constexpr auto table<SourceState> = std::to_array<Entry<SourceState>>({
    {SourceState::ok, "ok"},
    {SourceState::unreachable, "unreachable"},
    {SourceState::gone, "gone"},
    {SourceState::denied, "denied"},
    {SourceState::malformed, "malformed"},
    {SourceState::invalid, "invalid"},
});

template <>
constexpr auto table<ApiAnswer> = std::to_array<Entry<ApiAnswer>>({
    {ApiAnswer::valid, "valid"},
    {ApiAnswer::rejected, "rejected"},
    {ApiAnswer::unknown, "unknown"},
});

template <>
constexpr auto table<TokenNews> = std::to_array<Entry<TokenNews>>({
    {TokenNews::thirty_days, "30_days"},
    {TokenNews::seven_days, "7_days"},
    {TokenNews::one_day, "1_day"},
    {TokenNews::expired, "expired"},
    {TokenNews::rejected, "rejected"},
});

template <>
constexpr auto table<NoticeKind> = std::to_array<Entry<NoticeKind>>({
    {NoticeKind::expiring, "expiring"},
    {NoticeKind::expired, "expired"},
    {NoticeKind::rejected, "rejected"},
});

template <typename Enum>
constexpr auto values_in_table = [] {
  std::array<Enum, table<Enum>.size()> values{};
  std::transform(table<Enum>.begin(), table<Enum>.end(), values.begin(),
                 [](const Entry<Enum>& entry) { return entry.value; });
  return values;
}();

}  // namespace

template <typename Enum>
std::string_view word_of(Enum value) {
  for (const auto& entry : table<Enum>) {
    if (entry.value == value) return entry.word;
  }
  return {};
}

template <typename Enum>
std::optional<Enum> from_word(std::string_view word) {
  for (const auto& entry : table<Enum>) {
    if (entry.word == word) return entry.value;
  }
  return std::nullopt;
}

template <typename Enum>
std::span<const Enum> values_of() {
  return values_in_table<Enum>;
}

std::string_view display_name(SourceKind kind) {
  for (const auto& entry : table<SourceKind>) {
    if (entry.value == kind) return entry.display_name;
  }
  return {};
}

bool can_be_rotated(SourceKind kind) {
  return kind != SourceKind::env && kind != SourceKind::command;
}

// An enum with words: its functions, for other files.
#define JACKIN_HAS_WORDS(Enum)                                    \
  template std::string_view word_of<Enum>(Enum);                  \
  template std::optional<Enum> from_word<Enum>(std::string_view); \
  template std::span<const Enum> values_of<Enum>()
JACKIN_HAS_WORDS(ApiAnswer);
JACKIN_HAS_WORDS(AuthMode);
JACKIN_HAS_WORDS(BannerColour);
JACKIN_HAS_WORDS(ChoiceKind);
JACKIN_HAS_WORDS(Decision);
JACKIN_HAS_WORDS(HealthEvent);
JACKIN_HAS_WORDS(LogPlace);
JACKIN_HAS_WORDS(NoticeKind);
JACKIN_HAS_WORDS(OperationKind);
JACKIN_HAS_WORDS(Outcome);
JACKIN_HAS_WORDS(QuestionKind);
JACKIN_HAS_WORDS(Severity);
JACKIN_HAS_WORDS(SlotStyle);
JACKIN_HAS_WORDS(SourceKind);
JACKIN_HAS_WORDS(SourceState);
JACKIN_HAS_WORDS(Step);
JACKIN_HAS_WORDS(TokenNews);
JACKIN_HAS_WORDS(Verdict);
JACKIN_HAS_WORDS(WaitsFor);
#undef JACKIN_HAS_WORDS

}  // namespace jackin
