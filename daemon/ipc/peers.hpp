// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string_view>

#include "common/error.hpp"
#include "daemon/process/program_runner.hpp"

namespace jackin::ipc {

/// The peer of a connection that gRPC has. Daemon's thread only.
struct Peer {
  ProcessIdentity identity;
  std::optional<Error> refusal;    ///< Why its calls get no answer.
  std::size_t open_calls = 0;      ///< From the call's beginning until its answer is sent.
  std::function<void()> on_quiet;  ///< Called when the last open call has ended.
};

/// A call, from its beginning until gRPC releases it. May outlive its connection. Daemon's thread only.
class OpenCall {
 public:
  explicit OpenCall(std::shared_ptr<Peer> peer);
  OpenCall(OpenCall&&) noexcept = default;
  OpenCall& operator=(OpenCall&&) = delete;
  ~OpenCall();

  const ProcessIdentity& caller() const { return peer_->identity; }
  const std::optional<Error>& refusal() const { return peer_->refusal; }

 private:
  std::shared_ptr<Peer> peer_;
};

/// The peer of each connection that gRPC has, as recorded at accept. The identity is information for the log and for
/// the records of hand-outs, never an authorization. Authorization is the uid, which is checked before gRPC sees the
/// connection. Daemon's thread only.
class Peers {
 public:
  void note(int descriptor, std::shared_ptr<Peer> peer);
  /// Forgets the connection, unless its descriptor number already belongs to a newer one.
  void forget(int descriptor, const Peer& peer);

  /// Begins a call. `peer` is gRPC's name for the peer: "fd:<number>" for a connection that was handed over as a
  /// descriptor (gRPC 1.51, src/core/lib/surface/server_from_fd). The caller has pid 0 when its connection is no longer
  /// known.
  OpenCall begin_call(std::string_view peer) const;

 private:
  std::shared_ptr<Peer> find(std::string_view peer) const;

  std::map<int, std::shared_ptr<Peer>> by_descriptor_;
};

}  // namespace jackin::ipc
