#pragma once

#include <map>
#include <string>
#include <string_view>

#include "daemon/platform/process.hpp"

namespace jackin::ipc {

/// Who is at the other end of each connection that gRPC has, as noted when it was accepted. Information for the log and
/// the ledger, never a gate: the gate is the uid, checked before gRPC sees the connection. Daemon's thread only.
class Peers {
 public:
  void note(int descriptor, ProcessIdentity identity);
  /// Forgets the connection, unless its descriptor's number has gone to a newer one already.
  void forget(int descriptor, const ProcessIdentity& identity);

  /// The process behind a call, by what gRPC calls the connection's other end: "fd:<number>" for one that was handed
  /// over as a descriptor (gRPC 1.51, src/core/lib/surface/server_from_fd). pid 0 when it is not known any more.
  ProcessIdentity find(std::string_view peer) const;

 private:
  std::map<int, ProcessIdentity> by_descriptor_;
};

}  // namespace jackin::ipc
