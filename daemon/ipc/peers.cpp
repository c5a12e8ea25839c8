#include "daemon/ipc/peers.hpp"

#include <charconv>
#include <utility>

namespace jackin::ipc {

void Peers::note(int descriptor, ProcessIdentity identity) {
  by_descriptor_.insert_or_assign(descriptor, std::move(identity));
}

void Peers::forget(int descriptor, const ProcessIdentity& identity) {
  const auto found = by_descriptor_.find(descriptor);
  if (found == by_descriptor_.end()) return;
  if (found->second.pid == identity.pid && found->second.start_time == identity.start_time) by_descriptor_.erase(found);
}

ProcessIdentity Peers::find(std::string_view peer) const {
  constexpr std::string_view scheme = "fd:";
  if (!peer.starts_with(scheme)) return {};
  int descriptor = -1;
  const auto [end, error] = std::from_chars(peer.data() + scheme.size(), peer.data() + peer.size(), descriptor);
  if (error != std::errc() || end != peer.data() + peer.size()) return {};
  const auto found = by_descriptor_.find(descriptor);
  return found == by_descriptor_.end() ? ProcessIdentity() : found->second;
}

}  // namespace jackin::ipc
