// SPDX-License-Identifier: Apache-2.0
#include "daemon/ipc/peers.hpp"

#include <charconv>
#include <utility>

namespace jackin::ipc {

OpenCall::OpenCall(std::shared_ptr<Peer> peer) : peer_(std::move(peer)) {
  ++peer_->open_calls;
}

OpenCall::~OpenCall() {
  if (peer_ && --peer_->open_calls == 0 && peer_->on_quiet) peer_->on_quiet();
}

void Peers::note(int descriptor, std::shared_ptr<Peer> peer) {
  by_descriptor_.insert_or_assign(descriptor, std::move(peer));
}

void Peers::forget(int descriptor, const Peer& peer) {
  const auto found = by_descriptor_.find(descriptor);
  if (found != by_descriptor_.end() && found->second.get() == &peer) by_descriptor_.erase(found);
}

OpenCall Peers::begin_call(std::string_view peer) const {
  return OpenCall(find(peer));
}

std::shared_ptr<Peer> Peers::find(std::string_view peer) const {
  const auto unknown = [] { return std::make_shared<Peer>(); };
  constexpr std::string_view scheme = "fd:";
  if (!peer.starts_with(scheme)) return unknown();
  int descriptor = -1;
  const auto [end, error] = std::from_chars(peer.data() + scheme.size(), peer.data() + peer.size(), descriptor);
  if (error != std::errc() || end != peer.data() + peer.size()) return unknown();
  const auto found = by_descriptor_.find(descriptor);
  return found == by_descriptor_.end() ? unknown() : found->second;
}

}  // namespace jackin::ipc
