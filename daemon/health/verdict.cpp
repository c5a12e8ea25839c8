// SPDX-License-Identifier: Apache-2.0
#include "daemon/health/verdict.hpp"

namespace jackin::health {

std::string_view to_text(Decision decision) {
  switch (decision) {
    case Decision::allow:
      return "allow";
    case Decision::warn:
      return "warn";
    case Decision::block:
      return "block";
  }
  return "block";
}

std::string_view to_text(Verdict verdict) {
  switch (verdict) {
    case Verdict::ok:
      return "ok";
    case Verdict::unchecked:
      return "unchecked";
    case Verdict::not_managed:
      return "not_managed";
    case Verdict::expiring:
      return "expiring";
    case Verdict::changed:
      return "changed";
    case Verdict::unreachable:
      return "unreachable";
    case Verdict::missing:
      return "missing";
    case Verdict::malformed:
      return "malformed";
    case Verdict::denied:
      return "denied";
    case Verdict::rejected:
      return "rejected";
    case Verdict::gone:
      return "gone";
    case Verdict::expired:
      return "expired";
  }
  return "unchecked";
}

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
