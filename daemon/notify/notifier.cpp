// SPDX-License-Identifier: Apache-2.0
#include "daemon/notify/notifier.hpp"

namespace jackin::notify {

std::string_view to_text(NoticeKind kind) {
  switch (kind) {
    case NoticeKind::expiring:
      return "expiring";
    case NoticeKind::expired:
      return "expired";
    case NoticeKind::rejected:
      return "rejected";
  }
  return "expiring";
}

}  // namespace jackin::notify
