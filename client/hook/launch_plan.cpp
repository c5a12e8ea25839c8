// SPDX-License-Identifier: Apache-2.0
#include "client/hook/launch_plan.hpp"

#include <sodium.h>

#include "common/untrusted_text.hpp"

namespace jackin::client {
namespace {

Secret take(std::string& bytes) {
  Secret secret = Secret::copy_of(bytes);
  sodium_memzero(bytes.data(), bytes.size());
  bytes.clear();
  return secret;
}

Result<ProvisionFile> take(v1::OnboardingFile& file) {
  using Rule = ProvisionFile::Rule;
  switch (file.wanted_case()) {
    case v1::OnboardingFile::kContent:
      return ProvisionFile{file.name(), Rule::exactly, take(*file.mutable_content())};
    case v1::OnboardingFile::kContentIfMissing:
      return ProvisionFile{file.name(), Rule::if_missing, take(*file.mutable_content_if_missing())};
    case v1::OnboardingFile::kAbsent:
      return ProvisionFile{file.name(), Rule::absent, {}};
    case v1::OnboardingFile::kKeep:
      return ProvisionFile{file.name(), Rule::keep, {}};
    case v1::OnboardingFile::WANTED_NOT_SET:
      break;
  }
  return failure(Reason::internal, "the daemon does not say what '" + printable(file.name()) + "' should be",
                 "jackinctl daemon restart");
}

}  // namespace

Result<LaunchPlan> take_plan(v1::PrepareReply& reply) {
  LaunchPlan plan;
  if (reply.has_token()) plan.token = take(*reply.mutable_token());
  std::optional<Error> broken;
  for (v1::OnboardingFile& file : *reply.mutable_onboarding()->mutable_files()) {
    // Every content is moved out, and so wiped, even when one of the files is refused.
    auto taken = take(file);
    if (taken) {
      plan.files.push_back(std::move(*taken));
    } else {
      broken = taken.error();
    }
  }
  if (broken) return failure(*broken);
  plan.probe = reply.probe();
  plan.unset.assign(reply.unset().begin(), reply.unset().end());
  plan.banner = reply.banner();
  plan.warnings.assign(reply.warnings().begin(), reply.warnings().end());
  return plan;
}

}  // namespace jackin::client
