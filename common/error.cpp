// SPDX-License-Identifier: Apache-2.0
#include "common/error.hpp"

#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

namespace jackin {
namespace {

constexpr std::array<std::pair<Reason, std::string_view>, 36> codes{{
    {Reason::internal, "internal"},
    {Reason::invalid_argument, "invalid_argument"},
    {Reason::needs_confirmation, "needs_confirmation"},
    {Reason::unsupported, "unsupported"},
    {Reason::busy, "busy"},
    {Reason::cancelled, "cancelled"},
    {Reason::timed_out, "timed_out"},
    {Reason::unknown_workspace, "unknown_workspace"},
    {Reason::unknown_operation, "unknown_operation"},
    {Reason::config_unreadable, "config_unreadable"},
    {Reason::config_invalid, "config_invalid"},
    {Reason::config_conflict, "config_conflict"},
    {Reason::config_locked, "config_locked"},
    {Reason::slot_exists, "slot_exists"},
    {Reason::slot_missing, "slot_missing"},
    {Reason::program_missing, "program_missing"},
    {Reason::program_failed, "program_failed"},
    {Reason::mint_refused, "mint_refused"},
    {Reason::capture_incomplete, "capture_incomplete"},
    {Reason::token_malformed, "token_malformed"},
    {Reason::token_rejected, "token_rejected"},
    {Reason::source_gone, "source_gone"},
    {Reason::source_unreachable, "source_unreachable"},
    {Reason::source_denied, "source_denied"},
    {Reason::source_invalid, "source_invalid"},
    {Reason::store_unavailable, "store_unavailable"},
    {Reason::store_failed, "store_failed"},
    {Reason::read_back_mismatch, "read_back_mismatch"},
    {Reason::not_ours, "not_ours"},
    {Reason::disk_full, "disk_full"},
    {Reason::permission_denied, "permission_denied"},
    {Reason::io_failed, "io_failed"},
    {Reason::upstream_unreachable, "upstream_unreachable"},
    {Reason::daemon_unreachable, "daemon_unreachable"},
    {Reason::limit_reached, "limit_reached"},
    {Reason::daemon_mismatch, "daemon_mismatch"},
}};

}  // namespace

std::string_view to_code(Reason reason) {
  for (const auto& [value, code] : codes) {
    if (value == reason) return code;
  }
  return "internal";
}

std::optional<Reason> reason_from_code(std::string_view code) {
  for (const auto& [value, spelling] : codes) {
    if (spelling == code) return value;
  }
  return std::nullopt;
}

Error error_from_errno(std::string_view what, int errno_value) {
  Reason reason = Reason::io_failed;
  if (errno_value == ENOSPC || errno_value == EDQUOT) reason = Reason::disk_full;
  if (errno_value == EACCES || errno_value == EPERM || errno_value == EROFS) reason = Reason::permission_denied;
  return {reason, std::string(what) + ": " + std::system_category().message(errno_value), {}};
}

}  // namespace jackin
