// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "client/hook/provisioning.hpp"
#include "common/secret.hpp"
#include "jackin/v1/launch.pb.h"

namespace jackin::client {

/// The daemon's answer to a launch, with what is secret in it held as such.
struct LaunchPlan {
  v1::ProbeReply probe;
  std::optional<Secret> token;
  std::vector<std::string> unset;
  std::vector<ProvisionFile> files;
  v1::Banner banner;
  std::vector<std::string> warnings;
};

/// Takes `reply` apart: the token and the files' contents go into Secrets, and the bytes they came in are wiped in
/// place before the message is given back. internal for a reply that makes no sense.
Result<LaunchPlan> take_plan(v1::PrepareReply& reply);

}  // namespace jackin::client
