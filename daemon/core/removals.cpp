// SPDX-License-Identifier: Apache-2.0
#include "daemon/core/removals.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

#include "common/untrusted_text.hpp"
#include "daemon/core/log.hpp"

namespace jackin {

std::string Removals::shown(const std::filesystem::path& path) const {
  return printable(abbreviate_home(path, paths_.home));
}

void Removals::add(Severity severity, std::string message) {
  spdlog::warn("{}", message);
  const auto known = std::find_if(removals_.begin(), removals_.end(),
                                  [&](const Removal& one) { return one.finding.message == message; });
  if (known != removals_.end()) {
    known->is_reported = false;
    return;
  }
  removals_.push_back(
      {{severity, "removed", std::move(message), Remedy::restart_daemon().noting("to end this report")}, false});
}

void Removals::socket_moved(const std::filesystem::path& before, const std::filesystem::path& now) {
  add(Severity::info, "the socket " + shown(before) + " was removed; jackind listens on " + shown(now));
}

void Removals::check() {
  // Checks the log first: the messages below go to it.
  const int log = times_log_begun_anew();
  const int database = database_.times_put_back();
  if (std::exchange(times_log_begun_anew_, log) != log) {
    add(Severity::warning, "the log in " + shown(paths_.log_dir()) +
                               " was removed while jackind ran; its content is lost, and jackind began a new one");
  }
  if (std::exchange(times_put_back_, database) != database) {
    add(Severity::warning, "the state database " + shown(paths_.database()) +
                               " was removed while jackind ran; jackind wrote it again with all its records");
  }
}

std::vector<health::Finding> Removals::all() {
  check();
  std::vector<health::Finding> findings;
  for (Removal& one : removals_) {
    one.is_reported = true;
    findings.push_back(one.finding);
  }
  return findings;
}

std::vector<health::Finding> Removals::not_reported() {
  check();
  std::vector<health::Finding> findings;
  for (Removal& one : removals_) {
    const bool was_reported = std::exchange(one.is_reported, true);
    if (!was_reported && one.finding.severity != Severity::info) findings.push_back(one.finding);
  }
  return findings;
}

}  // namespace jackin
