// SPDX-License-Identifier: Apache-2.0
#include "client/hook/daemon_calls.hpp"

#include <sodium.h>

#include <utility>

#include "client/rpc/connection.hpp"
#include "client/rpc/default_scope.hpp"
#include "client/rpc/proto_conversion.hpp"
#include "client/rpc/status.hpp"
#include "common/untrusted_text.hpp"
#include "jackin/v1/health.grpc.pb.h"
#include "jackin/v1/launch.grpc.pb.h"

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

// A store may ask the user before it returns the token, for example to unlock it or to touch a key.
constexpr std::chrono::minutes prepare_limit{3};

class LinkedCalls : public DaemonCalls {
 public:
  explicit LinkedCalls(const Environment& environment) : environment_(environment) {}

  Result<> open() {
    TRY(connection_, connect());
    return {};
  }

  Result<v1::ProbeReply> probe(const Scope& scope) override {
    v1::ProbeRequest request;
    *request.mutable_scope() = to_proto(scope);
    v1::ProbeReply reply;
    TRY(ask(
        connection_, [this] { return connect(); },
        [&](const Connection& connection, grpc::ClientContext& context) {
          return v1::HealthService::NewStub(connection.channel())->Probe(&context, request, &reply);
        }));
    return reply;
  }

  Result<std::optional<Scope>> find_workspace(const std::string& folder) override {
    return client::find_workspace(
        connection_, [this] { return connect(); }, folder);
  }

  Result<LaunchPlan> prepare(const v1::PrepareRequest& request) override {
    v1::PrepareReply reply;
    grpc::ClientContext context;
    set_deadline(context, prepare_limit);
    // The call is not repeated: a token that was handed out is recorded.
    const auto status = v1::LaunchService::NewStub(connection_->channel())->Prepare(&context, request, &reply);
    if (!status.ok()) return failure(error_from_status(status));
    return take_plan(reply);
  }

 private:
  Result<Connection> connect() const { return Connection::open(environment_, Autostart::yes); }

  const Environment& environment_;
  std::optional<Connection> connection_;
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

Result<std::unique_ptr<DaemonCalls>> connect_daemon(const Environment& environment) {
  auto calls = std::make_unique<LinkedCalls>(environment);
  TRY(calls->open());
  return calls;
}

}  // namespace jackin::client
