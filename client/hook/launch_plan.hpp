// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "client/hook/provisioning.hpp"
#include "common/secret.hpp"
#include "jackin/v1/launch.pb.h"

namespace jackin::client {

/// The daemon's answer to a launch, with its secret parts in Secrets.
struct LaunchPlan {
  v1::ProbeReply probe;
  std::optional<Secret> token;
  std::vector<std::string> unset;
  std::vector<ProvisionFile> files;
  v1::Banner banner;
  std::vector<std::string> warnings;
};

/// Moves the token and the files' contents from `reply` into Secrets. Wipes the original bytes in place before the
/// message is freed. Errors: internal for an invalid reply.
Result<LaunchPlan> take_plan(v1::PrepareReply& reply);

}  // namespace jackin::client
