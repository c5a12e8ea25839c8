// SPDX-License-Identifier: Apache-2.0
#include "daemon/health/verdict.hpp"

namespace jackin::health {

Decision decision_for(Verdict verdict) {
  switch (verdict) {
    case Verdict::ok:
    case Verdict::unchecked:
    case Verdict::not_managed:
      return Decision::allow;
    case Verdict::expiring:
    case Verdict::changed:
    case Verdict::unreachable:
      return Decision::warn;
    case Verdict::missing:
    case Verdict::malformed:
    case Verdict::denied:
    case Verdict::rejected:
    case Verdict::gone:
    case Verdict::expired:
      return Decision::block;
  }
  return Decision::allow;
}

}  // namespace jackin::health
