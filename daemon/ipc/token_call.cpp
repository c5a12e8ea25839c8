// SPDX-License-Identifier: Apache-2.0
#include "daemon/ipc/token_call.hpp"

#include <spdlog/spdlog.h>

#include <asio/bind_cancellation_slot.hpp>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/post.hpp>
#include <utility>

#include "common/remedy.hpp"
#include "daemon/ipc/proto_conversion.hpp"
#include "daemon/ipc/status.hpp"

namespace jackin::ipc {
namespace {

grpc::Status gone() {
  return {grpc::StatusCode::CANCELLED, "the client has gone"};
}

// A client that did not cancel learns that the shutdown of the daemon did.
Error error_for_client(Error error, const ClientUser& user, const Scope& scope) {
  error.remedy = for_scope(std::move(error.remedy), scope);
  if (error.reason == Reason::cancelled && error.remedy.empty()) error.remedy = Remedy::try_again();
  return user.is_shutdown_announced() ? as_shutdown_error(std::move(error)) : error;
}

tl::unexpected<Error> begins_otherwise() {
  return failure(Reason::invalid_argument, "the first message of the stream is not this call's request");
}

template <typename Request>
using Operation = Task<lifecycle::TokenReport> (TokensInterface::*)(Request, lifecycle::UserInteraction&);

template <typename Request>
TokenSaga saga_of(const v1::TokenRequest& options, TokensInterface& tokens, Operation<Request> operation,
                  Request request) {
  TokenSaga saga;
  saga.scope = request.scope;
  if (options.has_terminal()) saga.terminal = from_proto(options.terminal());
  saga.can_open_browser = options.can_open_browser();
  saga.run = [&tokens, operation, request = std::move(request)](lifecycle::UserInteraction& user) {
    return (tokens.*operation)(request, user);
  };
  return saga;
}

}  // namespace

Result<TokenSaga> understand_setup(TokensInterface& tokens, const v1::TokenInput& first,
                                   const ProcessIdentity& caller) {
  if (!first.has_setup()) return begins_otherwise();
  TRY(lifecycle::SetupRequest request, from_proto(first.setup()));
  request.asked_by = caller;
  return saga_of(first.setup().token(), tokens, &TokensInterface::setup, std::move(request));
}

Result<TokenSaga> understand_rotate(TokensInterface& tokens, const v1::TokenInput& first,
                                    const ProcessIdentity& caller) {
  if (!first.has_rotate()) return begins_otherwise();
  TRY(lifecycle::RotateRequest request, from_proto(first.rotate()));
  request.asked_by = caller;
  return saga_of(first.rotate().token(), tokens, &TokensInterface::rotate, std::move(request));
}

TokenCall::TokenCall(ServiceDependencies& deps, std::string peer, std::string_view name, UnderstandSaga understand)
    : deps_(deps), peer_(std::move(peer)), name_(name), understand_(understand), out_(*this) {}

TokenCall* TokenCall::start(ServiceDependencies& deps, const grpc::CallbackServerContext* context,
                            std::string_view name, UnderstandSaga understand) {
  const Self self(new TokenCall(deps, context->peer(), name, understand));
  self->self_ = self;
  asio::post(deps.executor, [self] { self->expect_request(); });
  self->StartRead(&self->input_);
  return self.get();
}

void TokenCall::expect_request() {
  open_.emplace(deps_.peers.begin_call(peer_));
  caller_ = open_->caller();
  if (open_->refusal()) return refuse_client(*open_->refusal());
  first_message_ = async::Timeout(deps_.executor, deps_.clock, deps_.first_message_limit, [this] {
    refuse_client({Reason::timed_out, "the client sent no request in time", {}});
  });
}

void TokenCall::OnReadDone(bool ok) {
  asio::post(deps_.executor, [self = shared_from_this(), ok] { self->read(ok); });
}

void TokenCall::OnWriteDone(bool ok) {
  asio::post(deps_.executor, [self = shared_from_this(), ok] {
    if (!ok) self->client_has_gone();
    self->out_.written(ok);
  });
}

void TokenCall::OnCancel() {
  asio::post(deps_.executor, [self = shared_from_this()] { self->client_has_gone(); });
}

void TokenCall::OnDone() {
  // A coroutine may release the last reference, which must never happen on this thread.
  asio::post(deps_.executor, [self = std::move(self_)] {
    self->first_message_.cancel();
    self->open_.reset();
  });
}

void TokenCall::client_has_gone() {
  if (user_) user_->leave();
  out_.abandon(gone());
}

void TokenCall::refuse_client(const Error& error) {
  if (user_) user_->leave();
  out_.abandon(refuse(name_, caller_, error));
}

void TokenCall::read(bool ok) {
  reading_ = false;
  if (!ok) {
    reads_ended_ = true;
    // The client sends no more input, so code that waits for input would wait forever.
    if (user_) {
      user_->cancel();
    } else {
      out_.abandon(gone());
    }
    return;
  }
  if (!user_) {
    if (!out_.finished()) begin();
  } else if (input_.has_user()) {
    auto input = take_input(*input_.mutable_user());
    if (!input) return refuse_client(input.error());
    if (*input && !user_->receive(std::move(**input))) {
      return refuse_client({Reason::invalid_argument, "the client sends more input than jackind accepts", {}});
    }
  }
  read_on();
}

void TokenCall::read_on() {
  if (reading_ || reads_ended_ || out_.finished() || !user_ || !user_->accepts_input()) return;
  reading_ = true;
  StartRead(&input_);
}

void TokenCall::begin() {
  first_message_.cancel();
  auto saga = understand_(deps_.services.tokens, input_, caller_);
  if (!saga) return refuse_client(saga.error());
  spdlog::info("{} {} by {}[{}]", name_, saga->scope.str(), caller_.command, caller_.pid);

  const std::weak_ptr<TokenCall> weak = weak_from_this();
  user_ = std::make_shared<ClientUser>(
      deps_.executor, saga->terminal, saga->can_open_browser, [weak](v1::TokenEvent event) {
        const auto self = weak.lock();
        if (self && !self->out_.send(std::move(event))) {
          self->refuse_client({Reason::cancelled, "the client does not read its messages", {}});
        }
      });
  user_->on_space([weak] {
    if (const auto self = weak.lock()) self->read_on();
  });
  // Cancels waits for a store, or for the user whom a store asks. Once a token is captured the saga ignores this.
  user_->on_unread_cancel([weak] {
    const auto self = weak.lock();
    if (!self) return;
    asio::post(self->deps_.executor, [self] { self->cancellation_.emit(asio::cancellation_type::terminal); });
  });
  asio::co_spawn(deps_.executor, run(deps_, shared_from_this(), user_, *std::move(saga)),
                 asio::bind_cancellation_slot(cancellation_.slot(), asio::detached));
}

asio::awaitable<void> TokenCall::run(ServiceDependencies& deps, Self self, std::shared_ptr<ClientUser> user,
                                     TokenSaga saga) {
  co_await asio::this_coro::throw_if_cancelled(false);
  const auto share = deps.activity.begin({self->name_, self->caller_, {}});
  deps.activity.enter(user);
  const Scope scope = saga.scope;
  grpc::Status status;
  try {
    auto report = co_await saga.run(*user);
    if (report) {
      spdlog::info("{} {}: done, {}", self->name_, scope.str(), report->fingerprint.text());
      v1::TokenEvent event;
      to_proto(*report, *event.mutable_report());
      self->out_.send(std::move(event));
    } else {
      status = refuse(self->name_, self->caller_, error_for_client(report.error(), *user, scope));
    }
  } catch (const std::exception& bug) {
    status = refuse(self->name_, self->caller_, bug);
  }
  deps.activity.leave(user);
  user->leave();
  self->out_.finish(std::move(status));
}

}  // namespace jackin::ipc
