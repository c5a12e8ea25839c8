// SPDX-License-Identifier: Apache-2.0
#include "daemon/ipc/quota.hpp"

#include <map>

namespace jackin::ipc {

struct Quota::State {
  Limits limits;
  std::size_t held = 0;
  std::map<Share::Process, std::size_t> held_by;
};

Quota::Share::~Share() {
  if (!state_) return;
  --state_->held;
  const auto found = state_->held_by.find(process_);
  if (--found->second == 0) state_->held_by.erase(found);
}

Quota::Quota(const Limits& limits) : state_(std::make_shared<State>(State{limits, 0, {}})) {}

const Quota::Limits& Quota::limits() const {
  return state_->limits;
}

std::variant<Quota::Share, Quota::Full> Quota::take(const ProcessIdentity& process) {
  const Share::Process key{process.pid, process.start_time};
  const auto found = state_->held_by.find(key);
  const std::size_t has = found == state_->held_by.end() ? 0 : found->second;
  const Limits& limits = state_->limits;
  if (has >= limits.per_process) return Full::per_process;
  if (state_->held >= limits.in_all) return Full::in_all;
  if (state_->held + limits.reserved >= limits.in_all && has >= few) return Full::in_all;
  ++state_->held;
  ++state_->held_by[key];
  return Share(state_, key);
}

}  // namespace jackin::ipc
