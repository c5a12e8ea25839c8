// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace jackin {

/// Where a daemon logs.
enum class LogPlace {
  file,
  journal,
  terminal,  ///< stderr.
};

}  // namespace jackin
