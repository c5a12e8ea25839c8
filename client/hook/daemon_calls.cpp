// SPDX-License-Identifier: Apache-2.0
#include "client/hook/daemon_calls.hpp"

#include <sodium.h>

#include <utility>

#include "client/rpc/default_scope.hpp"
#include "client/rpc/light_connection.hpp"
#include "client/rpc/proto_conversion.hpp"
#include "common/os/find_paths.hpp"
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
  return failure(Reason::internal, "the daemon sent no rule for '" + printable(file.name()) + "'",
                 Remedy::restart_daemon());
}

class LightCalls : public DaemonCalls {
 public:
  LightCalls(const Environment& environment, Paths paths) : connection_(environment, std::move(paths)) {}

  Result<> open() { return connection_.connect(); }

  Result<v1::ProbeReply> probe(const Scope& scope) override {
    v1::ProbeRequest request;
    *request.mutable_scope() = to_proto(scope);
    v1::ProbeReply reply;
    TRY(connection_.ask("/jackin.v1.HealthService/Probe", request, reply));
    return reply;
  }

  Result<std::optional<Scope>> find_workspace(const std::string& folder) override {
    v1::FindWorkspaceRequest request;
    request.set_folder(folder);
    v1::FindWorkspaceReply reply;
    TRY(connection_.ask("/jackin.v1.HealthService/FindWorkspace", request, reply));
    return workspace_from(reply);
  }

  Result<LaunchPlan> prepare(const v1::PrepareRequest& request) override {
    v1::PrepareReply reply;
    TRY(connection_.call("/jackin.v1.LaunchService/Prepare", request, reply, prepare_limit));
    return take_plan(reply);
  }

 private:
  LightConnection connection_;
};

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
  plan.needs_variable = reply.needs_variable();
  plan.token_variable = reply.token_variable();
  return plan;
}

Result<std::unique_ptr<DaemonCalls>> connect_lightly(const Environment& environment) {
  TRY(Paths paths, find_paths(environment));
  auto calls = std::make_unique<LightCalls>(environment, std::move(paths));
  TRY(calls->open());
  return calls;
}

}  // namespace jackin::client
