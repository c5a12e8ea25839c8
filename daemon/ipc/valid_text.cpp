// SPDX-License-Identifier: Apache-2.0
#include "daemon/ipc/valid_text.hpp"

#include "common/text_characters.hpp"
#include "common/untrusted_text.hpp"

namespace jackin::ipc {
namespace {

template <typename Messages>
void each_text_of_all(Messages& messages, const TextChange& change);

void each_text(v1::Remedy& message, const TextChange& change) {
  change(*message.mutable_note());
  change(*message.mutable_tag());
}

void each_text(v1::ErrorDetail& message, const TextChange& change) {
  change(*message.mutable_reason());
  change(*message.mutable_message());
  if (message.has_remedy()) each_text(*message.mutable_remedy(), change);
}

void each_text(v1::RunningCall& message, const TextChange& change) {
  change(*message.mutable_method());
}

void each_text(v1::Finding& message, const TextChange& change) {
  change(*message.mutable_code());
  change(*message.mutable_message());
  if (message.has_remedy()) each_text(*message.mutable_remedy(), change);
}

void each_text(v1::ScopeHealth& message, const TextChange& change) {
  each_text_of_all(*message.mutable_findings(), change);
  if (message.has_probe()) ipc::each_text(*message.mutable_probe(), change);
}

void each_text(v1::SystemReport& message, const TextChange& change) {
  each_text_of_all(*message.mutable_daemon(), change);
  each_text_of_all(*message.mutable_programs(), change);
  each_text_of_all(*message.mutable_stores(), change);
  each_text_of_all(*message.mutable_leftovers(), change);
}

void each_text(v1::OnboardingFile& message, const TextChange& change) {
  change(*message.mutable_name());
}

void each_text(v1::Store& message, const TextChange& change) {
  change(*message.mutable_name());
  change(*message.mutable_message());
  if (message.has_remedy()) each_text(*message.mutable_remedy(), change);
}

void each_text(v1::OpAccount& message, const TextChange& change) {
  change(*message.mutable_id());
  change(*message.mutable_name());
}

void each_text(v1::OpVault& message, const TextChange& change) {
  change(*message.mutable_id());
  change(*message.mutable_name());
}

void each_text(v1::OpItemEntry& message, const TextChange& change) {
  change(*message.mutable_id());
  change(*message.mutable_title());
  change(*message.mutable_category());
  change(*message.mutable_reason());
}

void each_text(v1::OpSection& message, const TextChange& change) {
  change(*message.mutable_id());
  change(*message.mutable_label());
}

void each_text(v1::OpField& message, const TextChange& change) {
  change(*message.mutable_id());
  change(*message.mutable_section());
  change(*message.mutable_label());
  change(*message.mutable_reason());
}

void each_text(v1::Notice& message, const TextChange& change) {
  change(*message.mutable_message());
  if (message.has_remedy()) each_text(*message.mutable_remedy(), change);
}

void each_text(v1::Choice& message, const TextChange& change) {
  change(*message.mutable_text());
}

void each_text(v1::StyledRun& message, const TextChange& change) {
  change(*message.mutable_text());
}

void each_text(v1::FrameRow& message, const TextChange& change) {
  each_text_of_all(*message.mutable_runs(), change);
}

void each_text(v1::TokenReport& message, const TextChange& change) {
  change(*message.mutable_stored_in());
  change(*message.mutable_fingerprint());
  change(*message.mutable_expires_on());
  change(*message.mutable_claude_version());
  change(*message.mutable_slot());
}

void each_text(v1::RevokeOutcome& message, const TextChange& change) {
  if (message.has_error()) each_text(*message.mutable_error(), change);
  each_text_of_all(*message.mutable_notices(), change);
  change(*message.mutable_remains_in());
  if (message.has_remains_remedy()) each_text(*message.mutable_remains_remedy(), change);
}

void each_text(v1::Operation& message, const TextChange& change) {
  change(*message.mutable_id());
  change(*message.mutable_started_at());
  change(*message.mutable_detail());
  if (!message.has_result()) return;
  auto& result = *message.mutable_result();
  change(*result.mutable_ended_at());
  if (result.has_report()) each_text(*result.mutable_report(), change);
  if (result.has_error()) each_text(*result.mutable_error(), change);
}

void each_text(v1::OperationBegun& message, const TextChange& change) {
  change(*message.mutable_id());
}

void each_text(v1::HistoryEntry& message, const TextChange& change) {
  change(*message.mutable_summary());
  change(*message.mutable_at());
}

template <typename Messages>
void each_text_of_all(Messages& messages, const TextChange& change) {
  for (auto& message : messages) each_text(message, change);
}

}  // namespace

void each_text(v1::CancelOperationReply&, const TextChange&) {}

void each_text(v1::DetailsReply& message, const TextChange& change) {
  if (message.has_probe()) each_text(*message.mutable_probe(), change);
  each_text_of_all(*message.mutable_findings(), change);
  each_text_of_all(*message.mutable_history(), change);
  change(*message.mutable_recorded_at());
}

void each_text(v1::DoctorEvent& message, const TextChange& change) {
  if (message.has_scope()) each_text(*message.mutable_scope(), change);
  if (message.has_system()) each_text(*message.mutable_system(), change);
  if (message.has_progress()) change(*message.mutable_progress()->mutable_text());
}

void each_text(v1::HelloReply& message, const TextChange& change) {
  change(*message.mutable_version());
}

void each_text(v1::ListStoresReply& message, const TextChange& change) {
  each_text_of_all(*message.mutable_stores(), change);
}

void each_text(v1::FindWorkspaceReply&, const TextChange&) {}

void each_text(v1::LockReply&, const TextChange&) {}

void each_text(v1::OpAccountsReply& message, const TextChange& change) {
  each_text_of_all(*message.mutable_accounts(), change);
}

void each_text(v1::OpItemReply& message, const TextChange& change) {
  if (message.has_item()) each_text(*message.mutable_item(), change);
  each_text_of_all(*message.mutable_sections(), change);
  each_text_of_all(*message.mutable_fields(), change);
}

void each_text(v1::OpItemsReply& message, const TextChange& change) {
  each_text_of_all(*message.mutable_items(), change);
}

void each_text(v1::OpVaultsReply& message, const TextChange& change) {
  each_text_of_all(*message.mutable_vaults(), change);
}

void each_text(v1::OpenBrowserReply&, const TextChange&) {}

void each_text(v1::OperationEvent& message, const TextChange& change) {
  if (message.has_operation()) each_text(*message.mutable_operation(), change);
}

void each_text(v1::OverviewReply& message, const TextChange& change) {
  for (auto& probe : *message.mutable_scopes()) each_text(probe, change);
}

void each_text(v1::PrepareReply& message, const TextChange& change) {
  if (message.has_probe()) each_text(*message.mutable_probe(), change);
  if (message.has_onboarding()) each_text_of_all(*message.mutable_onboarding()->mutable_files(), change);
  if (message.has_banner()) change(*message.mutable_banner()->mutable_text());
  for (std::string& warning : *message.mutable_warnings()) change(warning);
}

void each_text(v1::ProbeReply& message, const TextChange& change) {
  change(*message.mutable_source());
  change(*message.mutable_summary());
  if (message.has_remedy()) each_text(*message.mutable_remedy(), change);
  change(*message.mutable_fingerprint());
  change(*message.mutable_expires_on());
  change(*message.mutable_checked_at());
}

void each_text(v1::RevokeEvent& message, const TextChange& change) {
  if (message.has_outcome()) each_text(*message.mutable_outcome(), change);
  if (message.has_begun()) each_text(*message.mutable_begun(), change);
}

void each_text(v1::ShutdownReply&, const TextChange&) {}

void each_text(v1::StatusReply& message, const TextChange& change) {
  change(*message.mutable_version());
  change(*message.mutable_protocol());
  change(*message.mutable_started_at());
  change(*message.mutable_base_url());
  each_text_of_all(*message.mutable_operations(), change);
  each_text_of_all(*message.mutable_waits_for(), change);
}

void each_text(v1::TokenEvent& message, const TextChange& change) {
  switch (message.event_case()) {
    case v1::TokenEvent::kStep:
      return change(*message.mutable_step()->mutable_detail());
    case v1::TokenEvent::kFrame:
      return each_text_of_all(*message.mutable_frame()->mutable_rows(), change);
    case v1::TokenEvent::kAuthorizeUrl:
      return change(*message.mutable_authorize_url());
    case v1::TokenEvent::kOpenBrowser:
      return change(*message.mutable_open_browser());
    case v1::TokenEvent::kNotice:
      return each_text(*message.mutable_notice(), change);
    case v1::TokenEvent::kQuestion:
      change(*message.mutable_question()->mutable_text());
      return each_text_of_all(*message.mutable_question()->mutable_choices(), change);
    case v1::TokenEvent::kReport:
      return each_text(*message.mutable_report(), change);
    case v1::TokenEvent::kBegun:
      return each_text(*message.mutable_begun(), change);
    case v1::TokenEvent::EVENT_NOT_SET:
      return;
  }
}

void each_text(v1::WatchEvent& message, const TextChange& change) {
  if (message.has_probe()) each_text(*message.mutable_probe(), change);
}

void make_valid(std::string& text) {
  constexpr std::size_t longest_escape = 4;
  if (!is_utf8(text)) text = printable(text, longest_escape * text.size());
}

}  // namespace jackin::ipc
