#include "daemon/ipc/setup_call.hpp"

#include <spdlog/spdlog.h>

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/post.hpp>
#include <typeinfo>
#include <utility>

#include "daemon/ipc/person_input.hpp"
#include "daemon/ipc/status.hpp"
#include "daemon/ipc/wire.hpp"

namespace jackin::ipc {
namespace {

constexpr std::string_view call_name = "Tokens.Setup";

grpc::Status gone() {
  return {grpc::StatusCode::CANCELLED, "the client has gone"};
}

}  // namespace

SetupCall::SetupCall(ServiceParts& parts, std::string peer) : parts_(parts), peer_(std::move(peer)), out_(*this) {}

SetupCall* SetupCall::start(ServiceParts& parts, const grpc::CallbackServerContext* context) {
  const Self self(new SetupCall(parts, context->peer()));
  self->self_ = self;
  self->StartRead(&self->input_);
  return self.get();
}

void SetupCall::OnReadDone(bool ok) {
  asio::post(parts_.executor, [self = shared_from_this(), ok] { self->read(ok); });
}

void SetupCall::OnWriteDone(bool ok) {
  asio::post(parts_.executor, [self = shared_from_this(), ok] {
    if (!ok) self->client_has_gone();
    self->out_.written(ok);
  });
}

void SetupCall::OnCancel() {
  asio::post(parts_.executor, [self = shared_from_this()] { self->client_has_gone(); });
}

void SetupCall::OnDone() {
  // The last one who lets go may be a coroutine: never on this thread.
  asio::post(parts_.executor, [self = std::move(self_)] {});
}

void SetupCall::client_has_gone() {
  if (person_) person_->leave();
  out_.abandon(gone());
}

void SetupCall::refuse_client(const Error& error) {
  if (person_) person_->leave();
  out_.abandon(refuse(call_name, caller_, error));
}

void SetupCall::read(bool ok) {
  reading_ = false;
  if (!ok) {
    reads_ended_ = true;
    // The client says nothing more: what waits for it would wait for ever.
    if (person_) {
      person_->cancel();
    } else {
      out_.abandon(gone());
    }
    return;
  }
  if (!person_) {
    if (!input_.has_request()) {
      return refuse_client({Reason::invalid_argument, "the first message of a setup is its request", {}});
    }
    begin(input_.request());
  } else if (input_.has_person()) {
    auto input = take_input(*input_.mutable_person());
    if (!input) return refuse_client(input.error());
    if (*input && !person_->receive(std::move(**input))) {
      return refuse_client({Reason::invalid_argument, "the client sends faster than anybody types", {}});
    }
  }
  read_on();
}

void SetupCall::read_on() {
  if (reading_ || reads_ended_ || out_.finished() || !person_ || !person_->has_room()) return;
  reading_ = true;
  StartRead(&input_);
}

void SetupCall::begin(const v1::SetupRequest& wire) {
  caller_ = parts_.peers.find(peer_);
  auto request = from_wire(wire);
  if (!request) return refuse_client(request.error());
  request->asked_by = caller_;
  spdlog::info("{} {} by {}[{}]", call_name, request->scope.str(), caller_.command, caller_.pid);

  std::optional<TerminalSize> terminal;
  if (wire.has_terminal()) terminal = from_wire(wire.terminal());
  const std::weak_ptr<SetupCall> weak = weak_from_this();
  person_ =
      std::make_shared<ClientPerson>(parts_.executor, terminal, wire.can_open_browser(), [weak](v1::SetupEvent event) {
        const auto self = weak.lock();
        if (self && !self->out_.send(std::move(event))) {
          self->refuse_client({Reason::cancelled, "the client does not take what it is told", {}});
        }
      });
  person_->on_room([weak] {
    if (const auto self = weak.lock()) self->read_on();
  });
  asio::co_spawn(parts_.executor, run(parts_, shared_from_this(), person_, *std::move(request)), asio::detached);
}

asio::awaitable<void> SetupCall::run(ServiceParts& parts, Self self, std::shared_ptr<ClientPerson> person,
                                     lifecycle::SetupRequest request) {
  const auto share = parts.activity.begin();
  parts.activity.enter(person);
  const std::string scope = request.scope.str();
  grpc::Status status;
  try {
    auto report = co_await parts.domain.setup(std::move(request), *person);
    if (report) {
      spdlog::info("{} {}: done, {}", call_name, scope, report->fingerprint.text());
      v1::SetupEvent event;
      to_wire(*report, *event.mutable_report());
      self->out_.send(std::move(event));
    } else {
      status = refuse(call_name, self->caller_, report.error());
    }
  } catch (const std::exception& bug) {
    // What it says is not repeated: an exception's text can quote what it choked on.
    status =
        refuse(call_name, self->caller_, {Reason::internal, std::string("an unexpected ") + typeid(bug).name(), {}});
  }
  parts.activity.leave(person);
  person->leave();
  self->out_.finish(std::move(status));
}

}  // namespace jackin::ipc
