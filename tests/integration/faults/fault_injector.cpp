// SPDX-License-Identifier: Apache-2.0
#include "tests/integration/faults/fault_injector.hpp"

#include <unistd.h>

#include <cctype>
#include <csignal>
#include <utility>

namespace jackin::faults {
namespace {

thread_local int asides = 0;

}  // namespace

std::string Point::name() const {
  std::string text = step + "/";
  if (kind == Kind::after_call) text += "after ";
  text += kind == Kind::step ? "step" : label;
  for (char& c : text) {
    if (std::isalnum(static_cast<unsigned char>(c)) == 0) c = '_';
  }
  return text;
}

std::string Fault::name() const {
  switch (kind) {
    case Kind::none:
      return "Nothing";
    case Kind::kill:
      return "KilledAt";
    case Kind::kill_halfway:
      return "KilledHalfwayThrough";
    case Kind::disk_full:
      return "DiskFullFrom";
    case Kind::disk_full_once:
      return "DiskFullAt";
    case Kind::edit_elsewhere:
      return "EditedElsewhereAt";
    case Kind::edit_own_keys:
      return "OwnKeysEditedAt";
    case Kind::client_gone:
      return "ClientGoneAt";
    case Kind::api_rejects:
      return "ApiRejectsAt";
    case Kind::api_is_silent:
      return "ApiSilentAt";
    case Kind::config_half_typed:
      return "HalfTypedFrom";
    case Kind::kill_config_unavailable:
      return "KilledAndConfigurationAwayAfter";
    case Kind::call:
      return call_fault + "At";
  }
  return {};
}

FaultInjector& FaultInjector::current() {
  static FaultInjector injector;
  return injector;
}

void FaultInjector::begin(std::filesystem::path home, std::size_t at, Fault fault, std::function<void()> effect) {
  const std::scoped_lock lock(mutex_);
  home_ = std::move(home);
  at_ = at;
  fault_ = std::move(fault);
  effect_ = std::move(effect);
  step_ = "begin";
  points_.clear();
  was_injected_ = false;
  runs_ = true;
}

void FaultInjector::end() {
  const std::scoped_lock lock(mutex_);
  runs_ = false;
}

bool FaultInjector::runs() const {
  const std::scoped_lock lock(mutex_);
  return runs_ && asides == 0;
}

bool FaultInjector::reach(Point::Kind kind, std::string_view label, bool takes_space, bool is_write) {
  std::function<void()> effect;
  {
    const std::scoped_lock lock(mutex_);
    if (!runs_ || asides > 0) return false;
    if (kind == Point::Kind::step) step_ = label;
    points_.push_back({kind, step_, std::string(label), takes_space, is_write});
    if (points_.size() - 1 != at_) return false;
    was_injected_ = true;
    if (fault_.kind == Fault::Kind::kill || fault_.kind == Fault::Kind::kill_config_unavailable)
      ::kill(getpid(), SIGKILL);
    effect = effect_;
  }
  if (effect) {
    const Aside aside;
    effect();
  }
  return true;
}

bool FaultInjector::has_no_space_for(bool takes_space, bool injected) const {
  const std::scoped_lock lock(mutex_);
  if (!runs_ || asides > 0 || !takes_space || !was_injected_) return false;
  return fault_.kind == Fault::Kind::disk_full || (fault_.kind == Fault::Kind::disk_full_once && injected);
}

std::vector<Point> FaultInjector::points() const {
  const std::scoped_lock lock(mutex_);
  return points_;
}

FaultInjector::Aside::Aside() {
  ++asides;
}

FaultInjector::Aside::~Aside() {
  --asides;
}

}  // namespace jackin::faults
