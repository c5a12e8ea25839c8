// SPDX-License-Identifier: Apache-2.0
#include "client/tui/app/backend.hpp"

#include <sys/wait.h>

#include <algorithm>
#include <filesystem>
#include <utility>

#include "client/core/browser.hpp"
#include "client/core/daemon_control.hpp"
#include "client/core/health.hpp"
#include "client/core/operations.hpp"
#include "client/core/place_listing.hpp"
#include "client/core/revoke.hpp"
#include "client/core/token_request.hpp"
#include "client/rpc/proto_conversion.hpp"
#include "client/tui/app/conversion.hpp"

namespace jackin::tui {

Backend::Backend(const Environment& environment, const Paths& paths, Inbox& inbox)
    : environment_(environment),
      folder_([] {
        std::error_code error;
        return std::filesystem::current_path(error);
      }()),
      inbox_(inbox),
      keeper_(environment, paths, inbox),
      sessions_(environment, keeper_.connector(), inbox) {}

void Backend::begin(OperationNumber number, v1::TokenInput first, CellSize size) {
  client::set_terminal(first, size.rows, size.columns, client::browser_shows_here(environment_));
  sessions_.start(number, std::move(first));
}

void Backend::start(StartSetup&& start, CellSize size) {
  auto request = client::setup_request(start.scope, options_of(start), environment_, folder_);
  if (!request) return inbox_.post(OperationEnded{start.number, request.error()});
  v1::TokenInput first;
  *first.mutable_setup() = *std::move(request);
  begin(start.number, std::move(first), size);
}

void Backend::start(StartRotate&& start, CellSize size) {
  auto request = client::rotate_request(start.scope, {}, environment_);
  if (!request) return inbox_.post(OperationEnded{start.number, request.error()});
  v1::TokenInput first;
  *first.mutable_rotate() = *std::move(request);
  begin(start.number, std::move(first), size);
}

void Backend::start(StartRevoke&& start) {
  calls_.start([this, start = std::move(start)](const client::RunCall& run) {
    const auto connection = keeper_.connection();
    if (!connection) return inbox_.post(OperationEnded{start.number, connection.error()});
    const auto request = client::revoke_request(start.scope, {.delete_item = start.delete_item}, environment_);
    const auto on_outcome = [&](const v1::RevokeOutcome& outcome) {
      inbox_.post(OperationEnded{start.number, ending_of(outcome, start.scope)});
    };
    bool is_named = false;
    const auto on_begun = [&](const std::string& id) {
      is_named = true;
      inbox_.post(OperationNamed{start.number, id});
    };
    const client::RevokeEnd end = client::revoke(*connection, request, on_outcome, run, on_begun);
    // Operations.Watch reports the end of one that goes on.
    if (end.error && is_named && may_go_on_after(*end.error)) return inbox_.post(OperationLost{start.number});
    if (end.error) return inbox_.post(OperationEnded{start.number, *end.error});
    if (end.outcomes == 0 && end.stopped == client::RevokeEnd::Stopped::no) {
      inbox_.post(OperationEnded{start.number, RevokeReport{}});
    }
  });
}

void Backend::cancel(Cancel&& cancel) {
  const std::string id = cancel.id;
  if (sessions_.send(std::move(cancel)) || id.empty()) return;
  calls_.start([this, id](const client::RunCall& run) {
    const auto connection = keeper_.connection();
    if (!connection) return inbox_.post(Said{"not cancelled: " + connection.error().message});
    const auto ended = client::cancel_operation(*connection, id, run);
    if (!ended) inbox_.post(Said{"not cancelled: " + ended.error().message});
  });
}

void Backend::list(Ticket ticket, client::PlaceQuery query) {
  calls_.start(
      [this, ticket, query = std::move(query)](const client::RunCall& run) {
        const client::Connect connect = keeper_.connector();
        // A daemon that ends cancels the call too.
        bool is_unwanted = false;
        const client::RunCall watched = [&](grpc::ClientContext& context, const std::function<void()>& work) {
          return is_unwanted = run(context, work);
        };
        const auto listing = client::list_places(connect, environment_, query, watched);
        if (listing) return inbox_.post(answer_of(ticket, *listing));
        if (is_unwanted) return;
        if (ticket != 0) return inbox_.post(ListingFailed{ticket, listing.error()});
        inbox_.post(StoresFailed{listing.error()});
      },
      ticket);
}

void Backend::list(ListStores /*wanted*/) {
  list(0, v1::ListStoresRequest());
}

void Backend::list(const ListAccounts& wanted) {
  list(wanted.ticket, v1::OpAccountsRequest());
}

void Backend::list(ListVaults&& wanted) {
  v1::OpVaultsRequest request;
  request.set_account(wanted.account);
  list(wanted.ticket, std::move(request));
}

void Backend::list(ListItems&& wanted) {
  v1::OpItemsRequest request;
  request.set_account(wanted.account);
  request.set_vault(wanted.vault);
  list(wanted.ticket, std::move(request));
}

void Backend::list(ListFields&& wanted) {
  v1::OpItemRequest request;
  request.set_account(wanted.account);
  request.set_vault(wanted.vault);
  request.set_item(wanted.item);
  list(wanted.ticket, std::move(request));
}

void Backend::examine(StartDoctor&& start) {
  const Ticket ticket = start.ticket;
  calls_.start(
      [this, ticket, scopes = std::move(start.scopes)](const client::RunCall& run) {
        const auto connection = keeper_.connection();
        if (!connection) return inbox_.post(DoctorFailed{connection.error(), ticket});
        for (const Scope& scope : scopes) {
          v1::DoctorRequest request;
          *request.mutable_scope() = client::to_proto(scope);
          *request.mutable_environment() = client::to_proto(environment_);
          const auto found = client::examine(
              *connection, request, [](const v1::Progress&) {}, run);
          if (!found) return inbox_.post(DoctorFailed{found.error(), ticket});
          inbox_.post(FindingsArrived{scope, findings_of(*found), ticket});
        }
      },
      ticket);
}

void Backend::ask_details(WantDetails&& wanted) {
  {
    const std::lock_guard lock(details_.mutex);
    std::erase_if(details_.wanted, [&](const WantDetails& one) { return one.scope == wanted.scope; });
    details_.wanted.push_back(std::move(wanted));
    if (std::exchange(details_.is_asking, true)) return;
  }
  calls_.start([this](const client::RunCall& /*run*/) {
    std::unique_lock lock(details_.mutex);
    while (!details_.wanted.empty()) {
      const auto [scope, ticket] = details_.wanted.front();
      details_.wanted.pop_front();
      lock.unlock();
      const auto connection = keeper_.connection();
      const auto details =
          connection ? client::details_of(*connection, scope) : Result<v1::DetailsReply>(failure(connection.error()));
      auto row = details ? row_of(*details) : std::nullopt;
      if (row) inbox_.post(DetailsArrived{*std::move(row), ticket});
      lock.lock();
    }
    details_.is_asking = false;
  });
}

void Backend::lock() {
  calls_.start([this](const client::RunCall& /*run*/) {
    const auto connection = keeper_.connection();
    const auto dropped =
        connection ? client::drop_cached_tokens(*connection) : Result<std::uint32_t>(failure(connection.error()));
    if (!dropped) return inbox_.post(Said{dropped.error().message});
    if (*dropped == 0) return inbox_.post(Said{"no token was cached"});
    inbox_.post(Said{std::to_string(*dropped) + (*dropped == 1 ? " cached token was" : " cached tokens were") +
                     " dropped from memory"});
  });
}

void Backend::open_browser(OpenBrowser&& open) {
  // Finding and starting the browser may block on the disk.
  calls_.start([this, open = std::move(open)](const client::RunCall& /*run*/) {
    const auto browser = client::open_browser(environment_, open.url);
    inbox_.post(BrowserOpened{open.number, browser ? std::string() : browser.error().message});
    if (!browser) return;
    const std::lock_guard lock(browsers_mutex_);
    browsers_.emplace_back(*browser, open.number);
    // The browser may have exited before it was added.
    reap_known_browsers();
  });
}

void Backend::reap_known_browsers() {
  std::erase_if(browsers_, [&](const auto& browser) {
    int status = 0;
    if (waitpid(browser.first, &status, WNOHANG) != browser.first) return false;
    const bool has_failed = !WIFEXITED(status) || WEXITSTATUS(status) != 0;
    if (has_failed) inbox_.post(BrowserOpened{browser.second, "the program that opens it failed"});
    return true;
  });
}

void Backend::reap_browsers() {
  {
    const std::lock_guard lock(browsers_mutex_);
    reap_known_browsers();
  }
  sessions_.reap_browsers();
}

}  // namespace jackin::tui
