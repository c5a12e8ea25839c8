// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace jackin {

/// The destination of a daemon's log.
enum class LogPlace {
  file,
  journal,
  terminal,  ///< stderr.
};

}  // namespace jackin
