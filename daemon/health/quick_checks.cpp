// SPDX-License-Identifier: Apache-2.0
#include "daemon/health/quick_checks.hpp"

#include <string>
#include <utility>
#include <variant>

#include "common/os/mounts.hpp"
#include "common/paths.hpp"

namespace jackin::health {
namespace {

// The separate mount of a file source with that reference.
async::TimedCalls::GroupOf mount_of_source(const std::filesystem::path& home) {
  return [home, mount_of = os::separate_mounts(home)](const std::string& reference) {
    const auto source = secrets::parse_reference(reference);
    const auto* const file = source ? std::get_if<secrets::FileSource>(&*source) : nullptr;
    return file == nullptr ? std::string() : mount_of(expand_home(file->path, home).string());
  };
}

}  // namespace

QuickChecks::QuickChecks(Clock& clock, const secrets::Sources& sources, const std::filesystem::path& home)
    : sources_(sources), threads_(clock, most, mount_of_source(home)) {}

Task<> QuickChecks::check(secrets::CredentialSource source) {
  auto check = sources_.quick_check(source);
  std::string key = secrets::reference_of(source);
  const bool is_skipped = threads_.is_full() && !threads_.hangs(key);
  if (!check || is_skipped) co_return Result<>();
  auto checked = co_await threads_.run_from_its_begin(std::move(key), limit, std::move(check));
  if (!checked && checked.error().reason == Reason::busy) co_return Result<>();
  if (!checked && checked.error().reason == Reason::timed_out) {
    co_return failure(Reason::source_unreachable, secrets::describe(source) + " does not answer");
  }
  co_return checked;
}

}  // namespace jackin::health
